/** How far apart runs of other seeds end up. */
import { expect, it } from 'vitest';
import { seedSpread } from '../../src/ui/quality/seed-spread.ts';

it('says mean and range of each model, the best first, and the difference seed by seed', () => {
  const { models, behind } = seedSpread({ tokens: 1, bitsPerByte: { dense: [2.5, 2.25, 2.75], moe: [2, 1.5, 2.5] } })!;
  expect(models).toEqual([
    ['moe', { mean: 2, low: 1.5, high: 2.5 }],
    ['dense', { mean: 2.5, low: 2.25, high: 2.75 }],
  ]);
  expect(behind).toEqual({ mean: 0.5, low: 0.25, high: 0.75 });
});

it('says nothing of one model, of one seed, or of runs that do not pair', () => {
  expect(seedSpread({ tokens: 1, bitsPerByte: { moe: [1, 2] } })).toBeNull();
  expect(seedSpread({ tokens: 1, bitsPerByte: { moe: [1], dense: [2] } })).toBeNull();
  expect(seedSpread({ tokens: 1, bitsPerByte: { moe: [1, 2], dense: [2] } })).toBeNull();
});
