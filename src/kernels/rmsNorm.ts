import source from '../../shaders/rms_norm.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, reduction, WORKGROUP, write } from './kernel.ts';

/**
 * y = x / √(mean(x²) + ε) · weight, or with `accumulate` y += that number times it; `scaled` y is then multiplied by what stands
 * behind the weights. x, y: [T, width], weight: [width], or [width + 1].
 */
export function rmsNorm(
  gpu: Gpu,
  {
    width,
    epsilon,
    accumulate,
    scaled = false,
  }: { width: number; epsilon: number; accumulate?: number; scaled?: boolean },
  { x, weight, y, pass }: { x: Binding; weight: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  const { lanes, directives, source: reduce, constants } = reduction(gpu);
  return planKernel(gpu, {
    name: 'rms_norm',
    sources: [reduce, source],
    directives,
    constants: {
      ...constants,
      COLUMNS: width,
      EPSILON: epsilon,
      ...(accumulate !== undefined && { ACCUMULATE: 1, SCALE: accumulate, SCALED: scaled ? 1 : 0 }),
    },
    buffers: [read(x), read(weight), write(y)],
    pass,
    grid: (T) => [ceilDiv(T * lanes, WORKGROUP), 1, 1],
  });
}
