/** The same GPU for one engine among others: what its buffers take is known, and they alone go with it. */
import { standIn } from './refusals.ts';
import type { Gpu } from './types.ts';

export interface Weighed {
  readonly gpu: Gpu;
  /** Bytes that buffers take now. */
  readonly held: () => number;
}

export function weighed(gpu: Gpu): Weighed {
  const { device } = gpu;
  const buffers = new Map<GPUBuffer, number>();
  const createBuffer: GPUDevice['createBuffer'] = (asked) => {
    const buffer = device.createBuffer(asked);
    const destroy = buffer.destroy.bind(buffer);
    buffers.set(buffer, asked.size);
    buffer.destroy = () => {
      buffers.delete(buffer);
      destroy();
    };
    return buffer;
  };
  const destroy: GPUDevice['destroy'] = () => {
    for (const buffer of [...buffers.keys()]) buffer.destroy();
    return undefined;
  };
  return {
    gpu: { ...gpu, device: standIn(device, { createBuffer, destroy }) },
    held: () => [...buffers.values()].reduce((sum, size) => sum + size, 0),
  };
}
