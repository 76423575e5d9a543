import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WindowLoad } from '../../src/state/measures/window.ts';
import type { Shape } from '../../src/state/text/trace-store.ts';
import { Wall } from '../../src/state/views/wall.ts';
import { randomToken, seeded, storeOf } from './textOf.ts';

const shape: Shape = { layers: 2, experts: 7, expertsPerToken: 3 };
const textOf = (count: number, seed: number) => {
  const random = seeded(seed);
  return Array.from({ length: count }, () =>
    randomToken({ ...shape, expertsPerToken: 1 + Math.floor(random() * 4) }, random),
  );
};
const each = <T>(see: (layer: number, expert: number) => T) =>
  Array.from({ length: shape.layers }, (_, l) => Array.from({ length: shape.experts }, (_, e) => see(l, e)));

describe('the window', () => {
  it('holds exactly the last N tokens, however it is moved', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 6 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 20 }), fc.nat(), (grown, size, seed) => {
        const tokens = textOf(grown.reduce((a, b) => a + b, 0) + 1, seed);
        const store = storeOf(shape, tokens);
        const window = new WindowLoad(store, size);
        const { count } = store;
        let seen = 1;
        for (const more of [0, ...grown]) {
          seen += more;
          // The store as it was when only `seen` tokens had come.
          store.count = seen;
          window.follow();
          const last = tokens.slice(Math.max(0, seen - size), seen);
          expect(window.tokens).toBe(last.length);
          expect([...window.load]).toEqual(
            each((l, e) => last.filter((token) => token.experts[l].includes(e)).length).flat(),
          );
          expect([...window.assigned]).toEqual([0, 1].map((l) => last.flatMap((token) => token.experts[l]).length));
        }
        expect(seen).toBe(count);
      }),
      { numRuns: 60, seed: 13 },
    );
  });
});

describe('the wall', () => {
  const tokens = textOf(50, 2);
  const store = storeOf(shape, tokens);
  const wall = () => new Wall(store, { get: () => 17 });
  const n = (from: number, l: number, e: number) => tokens.slice(from).filter((t) => t.experts[l].includes(e)).length;
  const all = (from: number, l: number) => tokens.slice(from).flatMap((token) => token.experts[l]).length;

  it('counts what its legend says: assignments or tokens, of all of the text or of its end', () => {
    const view = wall();
    for (const [scope, from] of [
      ['all', 0],
      ['window', 42],
    ] as const) {
      view.scope.choose(scope);
      view.window.choose(8);
      view.shareOf.choose('assignments');
      expect(view.tokens()).toBe(50 - from);
      for (const [l, e] of [0, 1].flatMap((l) => [0, 3, 6].map((e) => [l, e]))) {
        expect(view.share(l, e)).toBeCloseTo(n(from, l, e) / all(from, l), 12);
        expect(view.chance(l)).toBe(1 / 7);
      }
      view.shareOf.choose('tokens');
      for (const [l, e] of [0, 1].flatMap((l) => [0, 3, 6].map((e) => [l, e]))) {
        expect(view.share(l, e)).toBeCloseTo(n(from, l, e) / (50 - from), 12);
        expect(view.chance(l)).toBeCloseTo(all(from, l) / (50 - from) / 7, 12);
      }
      expect([...view.shares()]).toEqual(each((l, e) => Math.fround(view.share(l, e))).flat());
    }
  });

  it('shows the router’s probabilities for one token', () => {
    const view = wall();
    view.scope.choose('token');
    view.shareOf.choose('tokens');
    expect(each((l, e) => view.share(l, e))).toEqual(tokens[17].probabilities);
    expect(view.chance(0)).toBe(1 / 7);
  });

  it('orders each layer by its load, and back', () => {
    const view = wall();
    view.sort();
    for (let layer = 0; layer < 2; layer++) {
      const order = Array.from({ length: 7 }, (_, column) => view.expertAt(layer, column));
      expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      const shares = order.map((expert) => view.share(layer, expert));
      expect(shares).toEqual([...shares].sort((a, b) => b - a));
      for (const [column, expert] of order.entries()) expect(view.columnOf(layer, expert)).toBe(column);
    }
    view.unsort();
    expect(view.expertAt(1, 4)).toBe(4);
    expect(view.columnOf(1, 4)).toBe(4);
  });

  it('forgets an order that was made for another shape', () => {
    const view = wall();
    view.order.set([Uint16Array.from([1, 0]), Uint16Array.from([1, 0])]);
    expect(view.expertAt(0, 1)).toBe(1);
    expect(view.columns(0)).toBeNull();
  });
});
