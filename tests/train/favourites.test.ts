import { expect, test } from 'vitest';
import { random } from '../../src/reference/random.ts';
import { favouritesOf, informationOf } from '../../src/train/text/favourites.ts';

test('favourites are shares of an expert’s own assignments, beside those of all rows', () => {
  // Rows are a, a, b, c; two experts each.
  const assignments = { choices: [0, 1, 0, 1, 0, 2, 1, 2], labels: [0, 0, 1, 2], k: 2, experts: 4, count: 3 };
  const [first, second, third, fourth] = favouritesOf(assignments, 2);
  expect(first).toEqual([
    { label: 0, share: 2 / 3, chance: 0.5 },
    { label: 1, share: 1 / 3, chance: 0.25 },
  ]);
  expect(second.map(({ label }) => label)).toEqual([0, 2]);
  expect(third.map(({ share }) => share)).toEqual([0.5, 0.5]);
  expect(fourth).toEqual([]);
});

test('information is all of the label where each has its expert, and about none where experts are drawn by lot', () => {
  const labels = Array.from({ length: 4000 }, (_, i) => i % 4);
  const shape = { labels, k: 1, experts: 8, count: 4 };
  const exact = informationOf({ ...shape, choices: labels });
  expect(exact.bits).toBeCloseTo(2, 6);
  expect(exact.chance).toBeLessThan(0.01);
  const next = random(4);
  const blind = informationOf({ ...shape, choices: labels.map(() => Math.floor(8 * next())) });
  expect(blind.bits).toBeLessThan(0.01);
  expect(blind.bits).toBeGreaterThan(0);
});
