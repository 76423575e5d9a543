/** The simulated cache against one that is nothing but lists, and hindsight against every way of evicting. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { expectedExpertsTouched } from '../../src/compare/costModel.ts';
import {
  byChance,
  type Choices,
  guessByLast,
  POLICIES,
  simulate,
  simulateAll,
  sizesOf,
  touchedTogether,
} from '../../src/compare/expertCache.ts';
import { random } from '../../src/reference/random.ts';

/** [choices, held] with the same k for every token. */
const text = fc
  .record({
    experts: fc.integer({ min: 2, max: 7 }),
    k: fc.integer({ min: 1, max: 3 }),
    tokens: fc.nat(14),
    seed: fc.nat(),
  })
  .chain(({ experts, k, tokens, seed }) => {
    const width = Math.min(k, experts);
    const next = random(seed);
    const draw = () => {
      const all = Array.from({ length: experts }, (_, i) => i);
      return Array.from({ length: width }, () => all.splice(Math.floor(next() * all.length), 1)[0]);
    };
    const choices: Choices = Array.from({ length: tokens }, draw);
    return fc.record({ choices: fc.constant(choices), held: fc.integer({ min: width, max: experts }) });
  });

/** A list with the least recently used in front. */
function plainLru(choices: Choices, held: number): number {
  let list: number[] = [];
  let hits = 0;
  for (const wanted of choices) {
    hits += wanted.filter((expert) => list.includes(expert)).length;
    list = [...list.filter((expert) => !wanted.includes(expert)), ...[...wanted].sort((a, b) => a - b)];
    list = list.slice(Math.max(0, list.length - held));
  }
  return hits;
}

/** The most hits that any choice of what to keep can have: every choice is tried. */
function best(choices: Choices, held: number): number {
  const known = new Map<string, number>();
  const from = (t: number, here: readonly number[]): number => {
    if (t === choices.length) return 0;
    const key = `${t} ${here.join()}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const wanted = choices[t];
    const hits = wanted.filter((expert) => here.includes(expert)).length;
    const others = here.filter((expert) => !wanted.includes(expert));
    let most = 0;
    for (let kept = 0; kept < 2 ** others.length; kept++) {
      const keeps = others.filter((_, i) => (kept >> i) & 1);
      if (keeps.length + wanted.length > held) continue;
      most = Math.max(
        most,
        from(
          t + 1,
          [...keeps, ...wanted].sort((a, b) => a - b),
        ),
      );
    }
    known.set(key, hits + most);
    return hits + most;
  };
  return from(0, []);
}

it('counts as a plain list does, and nobody beats hindsight, which is the best there is', () => {
  fc.assert(
    fc.property(text, ({ choices, held }) => {
      expect(simulate(choices, held, 'lru').hits).toBe(plainLru(choices, held));
      const optimum = simulate(choices, held, 'hindsight').hits;
      expect(optimum).toBe(best(choices, held));
      for (const policy of POLICIES) {
        const { asked, hits } = simulate(choices, held, policy);
        expect(asked).toBe(choices.flat().length);
        expect(hits).toBeLessThanOrEqual(optimum);
      }
    }),
    { numRuns: 1000 },
  );
});

it('misses each expert once where all fit, and hits by chance as often as its share of the experts is', () => {
  const next = random(3);
  const choices = Array.from({ length: 4000 }, () => {
    const first = Math.floor(16 * next());
    return [first, (first + 1 + Math.floor(15 * next())) % 16];
  });
  expect(simulateAll([choices], 16, 'lru')).toEqual({ asked: 8000, hits: 8000 - 16 });
  for (const held of [4, 8, 12])
    for (const policy of ['lru', 'lfu', 'favourites'] as const) {
      const { asked, hits } = simulate(choices, held, policy);
      expect(Math.abs(hits / asked - byChance(held, 16))).toBeLessThan(0.04);
    }
  expect(sizesOf([choices], 16)).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
  expect(() => simulate([[1, 2, 3]], 2, 'lru')).toThrow(RangeError);
});

it('guesses by the last tokens: all right where a text repeats itself, by chance where nothing does', () => {
  const same = Array.from({ length: 10 }, () => [3, 1]);
  expect(guessByLast(same, 1)).toEqual({ guessed: 18, right: 18, asked: 18 });
  const inTurn = Array.from({ length: 10 }, (_, t) => [t % 2, 2 + (t % 2)]);
  expect(guessByLast(inTurn, 1).right).toBe(0);
  // Of the last two tokens' four, each takes two.
  expect(guessByLast(inTurn, 2)).toEqual({ guessed: 32, right: 16, asked: 16 });
  const next = random(5);
  const blind = Array.from({ length: 4000 }, () => [Math.floor(16 * next())]);
  const { right, guessed } = guessByLast(blind, 1);
  expect(Math.abs(right / guessed - 1 / 16)).toBeLessThan(0.02);
});

it('counts what tokens of several texts ask for together', () => {
  // Two parts of three tokens: 0 beside 3, 1 beside 4, 2 beside 5, and one token that is left over.
  const layer = [
    [0, 1],
    [2, 3],
    [4, 5],
    [0, 1],
    [2, 4],
    [6, 7],
    [9, 9],
  ];
  expect(touchedTogether([layer], 2)).toBeCloseTo((2 + 3 + 4) / 3, 12);
  expect(touchedTogether([layer, layer.map(() => [1, 2])], 2)).toBeCloseTo((3 + 2) / 2, 12);
  expect(touchedTogether([layer], 8)).toBeNull();
  expect(touchedTogether([], 2)).toBeNull();
  // Choices by chance touch as many as the formula says.
  const next = random(9);
  const blind = Array.from({ length: 16 * 400 }, () => {
    const first = Math.floor(16 * next());
    return [first, (first + 1 + Math.floor(15 * next())) % 16];
  });
  expect(Math.abs(touchedTogether([blind], 16)! - expectedExpertsTouched(16, 2, 16))).toBeLessThan(0.2);
});
