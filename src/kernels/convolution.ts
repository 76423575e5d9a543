import source from '../../shaders/convolution.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';

/**
 * y[t] = C[t] ⊙ Σ_i taps[i] ⊙ (B ⊙ X)[t − TAPS + 1 + i], with what lies before the pass from `history`, where the pass
 * writes its own. proj: [T, 3D] = B | C | X, taps: [D, TAPS], history: [ring, D], y: [T, D]. Position p's row is number p % ring,
 * of at least TAPS + T − 1.
 */
export function convolution(
  gpu: Gpu,
  {
    width,
    taps,
    contextLength,
    ring = contextLength,
  }: { width: number; taps: number; contextLength: number; ring?: number },
  buffers: { proj: Binding; taps: Binding; history: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'convolution',
    sources: [source],
    constants: { WIDTH: width, TAPS: taps, CONTEXT: contextLength, RING: ring },
    buffers: [read(buffers.proj), read(buffers.taps), write(buffers.history), write(buffers.y)],
    pass: buffers.pass,
    grid: (T) => [ceilDiv(width, WORKGROUP), T, 1],
  });
}
