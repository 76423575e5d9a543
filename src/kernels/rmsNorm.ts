import source from '../../shaders/rms_norm.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, reduction, WORKGROUP, write } from './kernel.ts';

/** y = x / √(mean(x²) + ε) · weight. x, y: [T, width], weight: [width]. */
export function rmsNorm(
  gpu: Gpu,
  { width, epsilon }: { width: number; epsilon: number },
  { x, weight, y, pass }: { x: Binding; weight: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  const { lanes, directives, source: reduce, constants } = reduction(gpu);
  return planKernel(gpu, {
    name: 'rms_norm',
    sources: [reduce, source],
    directives,
    constants: { ...constants, COLUMNS: width, EPSILON: epsilon },
    buffers: [read(x), read(weight), write(y)],
    pass,
    grid: (T) => [ceilDiv(T * lanes, WORKGROUP), 1, 1],
  });
}
