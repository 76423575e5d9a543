import source from '../../shaders/expert_up.wgsl?raw';
import dotRows from '../../shaders/lib/dot_rows.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import swiglu from '../../shaders/lib/swiglu.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { rowGroups } from './gemv.ts';
import { type Binding, planKernel, read, reduction, write } from './kernel.ts';
import { type WeightMatrix, weightReader } from './weights.ts';

/**
 * Decode: activated = silu(gate·h) · (up·h) of each slot's expert. h: [T, D], slots: [T, K], activated: [T·K, H].
 * gateUp is stackRows([gate, up]): [E, 2H, D]. The expert id is read from `slots` on the GPU, so the grid is static.
 */
export function expertUp(
  gpu: Gpu,
  { gateUp, k }: { gateUp: WeightMatrix; k: number },
  { h, slots, activated, pass }: { h: Binding; slots: Binding; activated: Binding; pass: Binding },
): Promise<Dispatch> {
  const lanes = reduction(gpu.tuning);
  const { sources, constants } = weightReader(gateUp);
  return planKernel(gpu, {
    name: 'expert_up',
    sources: [lanes.source, slotSource, swiglu, ...sources, dotRows, source],
    constants: { ...lanes.constants, ...constants, HIDDEN: gateUp.rows / 2, CHOSEN: k },
    buffers: [read(gateUp.buffer), read(h), read(slots), write(activated)],
    pass,
    grid: (T) => [rowGroups(gpu, gateUp.rows), T * k, 1],
  });
}
