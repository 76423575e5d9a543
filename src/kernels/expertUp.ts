import source from '../../shaders/expert_up.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import swiglu from '../../shaders/lib/swiglu.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';
import { rowReader } from './rows.ts';
import type { WeightMatrix } from './weights.ts';

/**
 * Decode: activated = silu(gate·h) · (up·h) of each slot's expert. h: [T, D], slots: [T, K], activated: [T·K, H].
 * gateUp is stackRows([gate, up]): [E, 2H, D]. The expert id is read from `slots` on the GPU, so the grid is static.
 */
export function expertUp(
  gpu: Gpu,
  { gateUp, k }: { gateUp: WeightMatrix; k: number },
  { h, slots, activated, pass }: { h: Binding; slots: Binding; activated: Binding; pass: Binding },
): Promise<Dispatch> {
  const { sources, constants, workgroups } = rowReader(gpu, gateUp);
  return planKernel(gpu, {
    name: 'expert_up',
    sources: [slotSource, swiglu, ...sources, source],
    constants: { ...constants, HIDDEN: gateUp.rows / 2, CHOSEN: k },
    buffers: [read(gateUp.buffer), read(h), read(slots), write(activated)],
    pass,
    grid: (T) => [workgroups, T * k, 1],
  });
}
