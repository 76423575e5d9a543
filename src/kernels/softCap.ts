import source from '../../shaders/soft_cap.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, WORKGROUP, write } from './kernel.ts';

/** y = cap · tanh(y / cap). y: [T, N], or [N] with `alone`. */
export function softCap(
  gpu: Gpu,
  { width, cap, alone = false }: { width: number; cap: number; alone?: boolean },
  { y, pass }: { y: Binding; pass: Binding },
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'soft_cap',
    sources: [source],
    constants: { WIDTH: width, CAP: cap },
    buffers: [write(y)],
    pass,
    grid: (T) => [ceilDiv(width, WORKGROUP), alone ? 1 : T, 1],
  });
}
