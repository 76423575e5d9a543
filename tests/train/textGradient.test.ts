import { describe, expect, test } from 'vitest';
import { initialWeights } from '../../src/reference/block/weights.ts';
import { random } from '../../src/reference/random.ts';
import { textForward, textGradient } from '../../src/reference/text/network.ts';
import { countTextParameters, type TextShape, textLayoutOf, textStepFlops } from '../../src/reference/text/shape.ts';
import { TEXT_SHAPE } from '../../src/train/text/types.ts';
import { twinOf } from '../../src/train/types.ts';
import { expectSlopes } from './slopes.ts';

const make = (length: number) => new Float64Array(length);
const base: TextShape = {
  ...{ width: 8, layers: 2, hidden: 4, experts: 5, k: 2 },
  ...{ heads: 2, context: 5, characters: 7 },
};
const SHAPES: [string, TextShape, number][] = [
  ['2 of 5', base, 15],
  ['1 of 3, one head, the last text is shorter', { ...base, experts: 3, k: 1, heads: 1 }, 13],
  ['k = E', { ...base, experts: 3, k: 3, layers: 1 }, 10],
  ['one expert, no router', { ...base, experts: 1, k: 1 }, 10],
  ['one of 12: some are empty', { ...base, experts: 12, k: 1, layers: 3, context: 2 }, 4],
];

describe.each(SHAPES)('the character model’s gradient, %s', (_, shape, count) => {
  const layout = textLayoutOf(shape);
  const next = random(3);
  const draw = () => Uint8Array.from({ length: count }, () => shape.characters * next());
  const batch = { ids: draw(), targets: draw() };
  const weights = initialWeights(layout, 7, make);
  // The output starts near zero; the gradients behind it would be too small to be told from rounding.
  for (const { kind, offset, rows, columns } of layout.tensors)
    if (['out', 'norm', 'attention norm'].includes(kind))
      for (let i = 0; i < rows * columns; i++) weights[offset + i] += 0.3 * (next() - 0.5);
  const of = (values: Float64Array) => textGradient(shape, layout, values, batch, make, { aux: 0.05 });
  const { gradient, kept } = of(weights as Float64Array);
  const chosen = (of: typeof kept) => of.layers.map(({ block }) => block.experts.join()).join();

  test.each(layout.tensors.map((tensor) => [`${tensor.kind} ${tensor.layer}`, tensor] as const))(
    '%s agrees with finite differences',
    (_name, tensor) => {
      const lossAt = (moved: Float64Array) => {
        const found = of(moved);
        return chosen(found.kept) === chosen(kept) ? found.loss + found.aux : Number.NaN;
      };
      expectSlopes(tensor, weights, gradient, lossAt, next);
    },
  );

  test('what is not used has no gradient', () => {
    for (const { kind, layer, offset, experts, rows, columns } of layout.tensors) {
      const grouped = kind === 'up' || kind === 'down';
      if (!grouped && kind !== 'embedding') continue;
      const [parts, size] = grouped ? [experts, rows * columns] : [shape.characters, columns];
      for (let i = 0; i < parts; i++) {
        const part = gradient.subarray(offset + i * size, offset + (i + 1) * size);
        const used = grouped ? kept.layers[layer].block.loads[i] > 0 : batch.ids.includes(i);
        expect(part.some((value) => value !== 0)).toBe(used);
      }
    }
  });
});

test('no character is foreseen: what comes later changes nothing before it', () => {
  const layout = textLayoutOf(base);
  const weights = initialWeights(layout, 1, make);
  const logits = (ids: number[]) => textForward(base, layout, weights, ids, make).logits;
  const [one, other] = [logits([1, 2, 3, 4, 5]), logits([1, 2, 3, 6, 5])];
  const rows = [0, 1, 2, 3, 4].map((n) => n * layout.vocabulary);
  const same = rows.map((at) => [0, 1, 2].every((v) => one[at + v] === other[at + v]));
  expect(same).toEqual([true, true, true, false, false]);
});

test('twins do the work, or hold the parameters, of the MoE, and start alike', () => {
  const shape: TextShape = { ...TEXT_SHAPE, characters: 112 };
  const [active, total] = [twinOf(shape, 'dense-active'), twinOf(shape, 'dense-total')];
  const flops = (of: TextShape) => textStepFlops(of, 4096) / 1e9;
  // As the study counted them: 447 k in all, 103 k for a character, 2.4 GFLOP a step; the twin has 101 k.
  expect(Math.round(countTextParameters(shape).total / 1000)).toBe(447);
  expect(Math.round(countTextParameters(shape).active / 1000)).toBe(103);
  expect(Math.round(countTextParameters(active).total / 1000)).toBe(101);
  expect(countTextParameters(total).total / countTextParameters(shape).total).toBeCloseTo(1, 2);
  expect(flops(shape)).toBeCloseTo(2.44, 2);
  expect(flops(shape) / flops(active)).toBeLessThan(1.03);
  const weights = [shape, active].map((of) => ({
    layout: textLayoutOf(of),
    own: initialWeights(textLayoutOf(of), 4, make),
  }));
  const shared = weights[0].layout.tensors.filter(({ kind }) => !['up', 'down', 'router'].includes(kind));
  expect(shared).toHaveLength(12);
  for (const { kind, layer, rows, columns } of shared) {
    const [moe, dense] = weights.map(({ layout, own }) => {
      const { offset } = layout.tensors.find((tensor) => tensor.kind === kind && tensor.layer === layer)!;
      return own.slice(offset, offset + rows * columns);
    });
    expect(dense).toEqual(moe);
  }
});
