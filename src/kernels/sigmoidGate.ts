import source from '../../shaders/sigmoid_gate.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';

/** y *= sigmoid(gate). gate, y: [T, N], N a multiple of 4. */
export function sigmoidGate(
  gpu: Gpu,
  { width }: { width: number },
  { gate, y, pass }: { gate: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (width % 4 !== 0) throw new RangeError(`sigmoidGate: rows of ${width} are no multiple of 4.`);
  return planKernel(gpu, {
    name: 'sigmoid_gate',
    sources: [source],
    constants: { WIDTH: width },
    buffers: [read(gate), write(y)],
    pass,
    grid: (T) => [ceilDiv(width / 4, WORKGROUP), T, 1],
  });
}
