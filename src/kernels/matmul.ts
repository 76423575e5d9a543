import source from '../../shaders/matmul.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, write } from './kernel.ts';
import { TILE, tileProduct } from './tiles.ts';
import type { WeightMatrix } from './weights.ts';

/** Where in the rows of y a product stands. */
export interface Place {
  readonly stride: number;
  readonly offset: number;
}

/** y = scale · x·Wᵀ, or y += that if `accumulate`. x: [T, K], y: [T, N]. For the many tokens of a prefill. */
export function matmul(
  gpu: Gpu,
  { weight, accumulate, scale, place }: { weight: WeightMatrix; accumulate: boolean; scale: number; place?: Place },
  { x, y, pass }: { x: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  const { directives, sources, constants, sizes, columns } = tileProduct(gpu, weight, { accumulate, scale, place });
  return planKernel(gpu, {
    name: 'matmul',
    sources: [...sources, source],
    directives,
    constants,
    buffers: [read(weight.buffer), read(x), write(y), sizes],
    pass,
    grid: (T) => [ceilDiv(weight.rows, 2 * columns), ceilDiv(T, TILE), 1],
  });
}
