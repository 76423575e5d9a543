import source from '../../shaders/expert_down.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';
import { rowReader } from './rows.ts';
import type { WeightMatrix } from './weights.ts';

/**
 * Decode: x += scale · Σ_j weight_j · (down of slot j's expert)·activated_j, in the order of j; without `accumulate` x = the sum alone.
 * activated: [T·K, H], slots: [T, K], x: [T, D], down: [E, D, H].
 */
export function expertDown(
  gpu: Gpu,
  { down, k, scale, accumulate = true }: { down: WeightMatrix; k: number; scale: number; accumulate?: boolean },
  { activated, slots, x, pass }: { activated: Binding; slots: Binding; x: Binding; pass: Binding },
): Promise<Dispatch> {
  const { directives, sources, constants, workgroups } = rowReader(gpu, down);
  return planKernel(gpu, {
    name: 'expert_down',
    sources: [slotSource, ...sources, source],
    directives,
    constants: { ...constants, ROWS: down.rows, CHOSEN: k, SCALE: scale, ACCUMULATE: accumulate ? 1 : 0 },
    buffers: [read(down.buffer), read(activated), read(slots), write(x)],
    pass,
    grid: (T) => [workgroups, T, 1],
  });
}
