/** Two runs side by side: what they have in common, against every subsequence there is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inCommon } from '../../src/state/interventions/two-runs.ts';

/** The length of the longest common subsequence, by trying all of the first list's. */
function longest(a: readonly number[], b: readonly number[]): number {
  let best = 0;
  for (let subset = 0; subset < 1 << a.length; subset++) {
    const kept = a.filter((_, i) => subset & (1 << i));
    let at = 0;
    for (const id of b) if (id === kept[at]) at++;
    if (at === kept.length) best = Math.max(best, kept.length);
  }
  return best;
}

describe('two texts', () => {
  it('have a longest part in common, the same in both and in order', () => {
    const list = fc.array(fc.nat(4), { maxLength: 9 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const [first, second] = inCommon(a, b);
        const common = a.filter((_, i) => first[i]);
        expect(common).toEqual(b.filter((_, i) => second[i]));
        expect(common).toHaveLength(longest(a, b));
      }),
      { numRuns: 500 },
    );
  });

  it('that are the same have all in common', () => {
    expect(inCommon([1, 2, 3], [1, 2, 3])).toEqual([
      [true, true, true],
      [true, true, true],
    ]);
    expect(inCommon([], [1])).toEqual([[], [false]]);
  });
});
