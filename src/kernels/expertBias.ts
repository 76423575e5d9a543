import source from '../../shaders/expert_bias.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';

/**
 * What experts add to their outputs. biases: [E, D], slots: [T, K]. `each`: y[slot] += bias of the slot's expert, y: [T·K, D];
 * otherwise y += scale · Σ_j weight_j · bias_j, y: [T, D].
 */
export function expertBias(
  gpu: Gpu,
  { width, k, scale, each }: { width: number; k: number; scale: number; each: boolean },
  { biases, slots, y, pass }: { biases: Binding; slots: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (width % 4 !== 0) throw new RangeError(`expertBias: rows of ${width} are no multiple of 4.`);
  return planKernel(gpu, {
    name: 'expert_bias',
    sources: [slotSource, source],
    constants: { WIDTH: width, CHOSEN: k, SCALE: scale, EACH: each ? 1 : 0 },
    buffers: [read(biases), read(slots), write(y)],
    pass,
    grid: (T) => [ceilDiv(width / 4, WORKGROUP), each ? T * k : T, 1],
  });
}
