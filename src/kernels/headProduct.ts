import source from '../../shaders/head_product.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';
import { rowReader } from './rows.ts';
import type { WeightMatrix } from './weights.ts';

/**
 * y[t, h] = weight[h] · x[t, h], each head by its own matrix. weight: [heads, N, K]; x: [T, heads, xStride], y: [T, heads, yStride]:
 * the first K are read and the first N written.
 */
export function headProduct(
  gpu: Gpu,
  { weight, xStride, yStride }: { weight: WeightMatrix; xStride: number; yStride: number },
  { x, y, pass }: { x: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (xStride % 4 !== 0) throw new RangeError(`headProduct: rows of ${xStride} are no multiple of 4.`);
  const { directives, sources, constants, workgroups } = rowReader(gpu, weight);
  const heads = weight.experts;
  return planKernel(gpu, {
    name: 'head_product',
    sources: [...sources, source],
    directives,
    constants: { ...constants, HEADS: heads, ROWS: weight.rows, X_STRIDE: xStride, Y_STRIDE: yStride },
    buffers: [read(weight.buffer), read(x), write(y)],
    pass,
    grid: (T) => [workgroups, T * heads, 1],
  });
}
