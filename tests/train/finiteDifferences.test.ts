import { describe, expect, test } from 'vitest';
import { initialWeights } from '../../src/reference/block/weights.ts';
import { gradientOf } from '../../src/reference/painter/backward.ts';
import type { Batch } from '../../src/reference/painter/inputs.ts';
import { layoutOf, type PainterShape } from '../../src/reference/painter/shape.ts';
import { random, randomValues } from '../../src/reference/random.ts';
import { expectSlopes } from './slopes.ts';

const make = (length: number) => new Float64Array(length);
const base: PainterShape = { width: 8, layers: 2, hidden: 4, experts: 5, k: 2, octaves: 3, routerReads: 'place' };
const SHAPES: [string, PainterShape, number][] = [
  ['2 of 5, router on place', base, 13],
  ['2 of 5, router on features', { ...base, routerReads: 'features' }, 13],
  ['1 of 3', { ...base, experts: 3, k: 1 }, 7],
  ['k = E', { ...base, experts: 3, k: 3, routerReads: 'features' }, 9],
  ['one expert, no router', { ...base, experts: 1, k: 1 }, 5],
  ['one of 12: some are empty', { ...base, experts: 12, k: 1, layers: 3 }, 4],
];

const randomBatch = (count: number, features: number, place: number, next: () => number): Batch => ({
  count,
  features: Float64Array.from(randomValues(count * features, next)),
  place: Float64Array.from(randomValues(count * place, next)),
  target: Float64Array.from(randomValues(count * 4, next)),
});

describe.each(SHAPES)('the painter’s gradient, %s', (_, shape, count) => {
  const layout = layoutOf(shape);
  const next = random(3);
  const batch = randomBatch(count, layout.features, layout.place, next);
  const weights = initialWeights(layout, 7, make);
  // The output starts near zero; the gradients behind it would be too small to be told from rounding.
  for (const tensor of layout.tensors.filter(({ kind }) => kind === 'out' || kind === 'norm'))
    for (let i = 0; i < tensor.rows * tensor.columns; i++) weights[tensor.offset + i] += 0.3 * (next() - 0.5);
  const of = (values: Float64Array) => gradientOf(shape, layout, values, batch, make, { aux: 0.05 });
  const { gradient, kept } = of(weights as Float64Array);

  test.each(layout.tensors.map((tensor) => [`${tensor.kind} ${tensor.layer}`, tensor] as const))(
    '%s agrees with finite differences',
    (_name, tensor) => {
      const lossAt = (moved: Float64Array) => {
        const found = of(moved);
        const same = found.kept.layers.every(({ experts: ids }, l) => ids.join() === kept.layers[l].experts.join());
        return same ? found.loss + found.aux : Number.NaN;
      };
      expectSlopes(tensor, weights, gradient, lossAt, next);
    },
  );

  test('what is not used has no gradient', () => {
    for (const { kind, layer, offset, experts, rows, columns } of layout.tensors) {
      if (kind !== 'up' && kind !== 'down') continue;
      for (let e = 0; e < experts; e++) {
        const part = gradient.subarray(offset + e * rows * columns, offset + (e + 1) * rows * columns);
        expect(part.some((value) => value !== 0)).toBe(kept.layers[layer].loads[e] > 0);
      }
    }
  });
});
