import source from '../../shaders/add_bias.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';

/** y[t] += bias. bias: [N], y: [T, N], or [N] with `alone`; N a multiple of 4. */
export function addBias(
  gpu: Gpu,
  { width, alone = false }: { width: number; alone?: boolean },
  { bias, y, pass }: { bias: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (width % 4 !== 0) throw new RangeError(`addBias: rows of ${width} are no multiple of 4.`);
  return planKernel(gpu, {
    name: 'add_bias',
    sources: [source],
    constants: { WIDTH: width },
    buffers: [read(bias), write(y)],
    pass,
    grid: (T) => [ceilDiv(width / 4, WORKGROUP), alone ? 1 : T, 1],
  });
}
