import source from '../../shaders/expert_down.wgsl?raw';
import dotRows from '../../shaders/lib/dot_rows.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { rowGroups } from './gemv.ts';
import { type Binding, planKernel, read, reduction, write } from './kernel.ts';
import { type WeightMatrix, weightReader } from './weights.ts';

/**
 * Decode: x += scale · Σ_j weight_j · (down of slot j's expert)·activated_j, in the order of j.
 * activated: [T·K, H], slots: [T, K], x: [T, D], down: [E, D, H].
 */
export function expertDown(
  gpu: Gpu,
  { down, k, scale }: { down: WeightMatrix; k: number; scale: number },
  { activated, slots, x, pass }: { activated: Binding; slots: Binding; x: Binding; pass: Binding },
): Promise<Dispatch> {
  const lanes = reduction(gpu.tuning);
  const { sources, constants } = weightReader(down);
  return planKernel(gpu, {
    name: 'expert_down',
    sources: [lanes.source, slotSource, ...sources, dotRows, source],
    constants: { ...lanes.constants, ...constants, ROWS: down.rows, CHOSEN: k, SCALE: scale },
    buffers: [read(down.buffer), read(activated), read(slots), write(x)],
    pass,
    grid: (T) => [rowGroups(gpu, down.rows), T, 1],
  });
}
