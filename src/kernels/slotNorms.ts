import slotSource from '../../shaders/lib/slot.wgsl?raw';
import source from '../../shaders/slot_norms.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';

/**
 * Of a pass of one token: norms = ‖y_j‖₂ of every slot (0 where unused), then ‖Σ_j weight_j · y_j‖₂, then ‖x‖₂.
 * y: [S, D], slots: [S], x: [D], norms: [S + 2].
 */
export function slotNorms(
  gpu: Gpu,
  { width, slots: S }: { width: number; slots: number },
  { y, slots, x, norms, pass }: { y: Binding; slots: Binding; x: Binding; norms: Binding; pass: Binding },
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'slot_norms',
    sources: [slotSource, source],
    constants: { WIDTH: width, SLOTS: S },
    buffers: [read(y), read(slots), read(x), write(norms)],
    pass,
    grid: () => [1, 1, 1],
  });
}
