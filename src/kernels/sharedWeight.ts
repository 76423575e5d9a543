import slotSource from '../../shaders/lib/slot.wgsl?raw';
import source from '../../shaders/shared_weight.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, reduction, WORKGROUP, write } from './kernel.ts';

/** slots[t] = {expert 0, sigmoid(weight · h[t])}. h: [T, D], weight: [D], slots: [T]. */
export function sharedWeight(
  gpu: Gpu,
  { width }: { width: number },
  { h, weight, slots, pass }: { h: Binding; weight: Binding; slots: Binding; pass: Binding },
): Promise<Dispatch> {
  const { lanes, directives, source: reduce, constants } = reduction(gpu);
  return planKernel(gpu, {
    name: 'shared_weight',
    sources: [slotSource, reduce, source],
    directives,
    constants: { ...constants, WIDTH: width },
    buffers: [read(h), read(weight), write(slots)],
    pass,
    grid: (T) => [ceilDiv(T * lanes, WORKGROUP), 1, 1],
  });
}
