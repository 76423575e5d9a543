import source from '../../shaders/combine.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';

/** Prefill: x += scale · Σ_j weight_j · y_j over the token's K slots, in the order of j; without `accumulate` x = the sum alone. y: [T·K, D], x: [T, D]. */
export function combine(
  gpu: Gpu,
  { width, k, scale, accumulate = true }: { width: number; k: number; scale: number; accumulate?: boolean },
  { y, slots, x, pass }: { y: Binding; slots: Binding; x: Binding; pass: Binding },
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'combine',
    sources: [slotSource, source],
    constants: { WIDTH: width, CHOSEN: k, SCALE: scale, ACCUMULATE: accumulate ? 1 : 0 },
    buffers: [read(y), read(slots), write(x)],
    pass,
    grid: (T) => [ceilDiv(width / 4, WORKGROUP), T, 1],
  });
}
