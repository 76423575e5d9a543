/** A gradient against finite differences. */
import { expect } from 'vitest';
import type { Tensor } from '../../src/reference/block/layout.ts';
import type { Floats } from '../../src/reference/block/weights.ts';

/**
 * Along random directions within one tensor, the slope must be the gradient's.
 * @param lossAt NaN where the choice of experts is another one: no slope is defined across it.
 */
export function expectSlopes(
  { offset, experts, rows, columns }: Tensor,
  weights: Floats,
  gradient: Floats,
  lossAt: (weights: Float64Array) => number,
  next: () => number,
): void {
  let checked = 0;
  for (let attempt = 0; attempt < 4; attempt++) {
    const direction = Float64Array.from({ length: experts * rows * columns }, () => next() - 0.5);
    const at = (h: number) => {
      const moved = Float64Array.from(weights);
      for (let i = 0; i < direction.length; i++) moved[offset + i] += h * direction[i];
      return lossAt(moved);
    };
    const h = 1e-4;
    // Fourth order: the error of the difference itself stays far below the bound.
    const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    if (Number.isNaN(slope)) continue;
    let expected = 0;
    let size = 0;
    for (let i = 0; i < direction.length; i++) {
      expected += direction[i] * gradient[offset + i];
      size += Math.abs(direction[i] * gradient[offset + i]);
    }
    expect(Math.abs(slope - expected)).toBeLessThanOrEqual(1e-6 * Math.max(size, 1e-4));
    checked++;
  }
  expect(checked).toBeGreaterThan(0);
}
