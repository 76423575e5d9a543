import source from '../../shaders/copy_rows.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';

/** y = x, as far as the pass has tokens. x, y: [T, width], width a multiple of 4. */
export function copyRows(
  gpu: Gpu,
  { width }: { width: number },
  { x, y, pass }: { x: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (width % 4 !== 0) throw new RangeError(`copyRows: rows of ${width} are no multiple of 4.`);
  return planKernel(gpu, {
    name: 'copy_rows',
    sources: [source],
    constants: { WIDTH: width },
    buffers: [read(x), write(y)],
    pass,
    grid: (T) => [ceilDiv(width / 4, WORKGROUP), T, 1],
  });
}
