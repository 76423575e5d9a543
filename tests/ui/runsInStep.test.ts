/** Two texts in rows: every token once and in its order, the same ones in a row of both, and no row too long. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/ui/interventions/runs-in-step.ts';

const token = fc.constantFrom('a', ' a', 'bc', ' bcd', '\n', '', ' efghij');

describe('two texts in step', () => {
  it('have each token once, in rows that fit', () => {
    fc.assert(
      fc.property(fc.array(token), fc.array(token), fc.integer({ min: 7, max: 40 }), (a, b, most) => {
        const rows = rowsOf(a, b, most);
        const length = Math.max(a.length, b.length);
        expect(rows.map(({ from }) => from)).toEqual([0, ...rows.map(({ to }) => to)].slice(0, rows.length));
        expect(rows.at(-1)?.to ?? 0).toBe(length);
        for (const { from, to } of rows) {
          expect(to).toBeGreaterThan(from);
          for (const text of [a, b]) expect(text.slice(from, to).join('').length).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('end a row where a word begins in both, else in one of them', () => {
    const a = ['The', ' old', ' fox', 'es', ' ran', 'ge'];
    const b = ['The', ' old', ' man', ' was', ' her', 'e'];
    expect(rowsOf(a, b, 15)).toEqual([
      { from: 0, to: 4 },
      { from: 4, to: 6 },
    ]);
    expect(rowsOf(['aaaa', 'bb', ' c'], ['dddd', ' e', 'ff'], 7)).toEqual([
      { from: 0, to: 2 },
      { from: 2, to: 3 },
    ]);
  });

  it('of which one is longer go on beside nothing', () => {
    expect(rowsOf(['a'], ['a', ' b', ' c'], 40)).toEqual([{ from: 0, to: 3 }]);
    expect(rowsOf([], [], 40)).toEqual([]);
  });
});
