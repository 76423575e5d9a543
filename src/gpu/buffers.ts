/** Buffers: made, filled and read back. Sizes are in bytes and are rounded up to what WebGPU demands. */
import { NoRoom } from './faults.ts';
import { mapForReading } from './waits.ts';

/** What most buffers of the engine are: bound as storage, filled from the CPU, copied to be read. */
const STORAGE = 0x80 | 0x08 | 0x04; // GPUBufferUsage.STORAGE | COPY_DST | COPY_SRC

/** The pass state: uniform to every kernel, storage to the sampler, which advances it. */
export const PASS_STATE = 0x40 | STORAGE; // GPUBufferUsage.UNIFORM | STORAGE

export function createBuffer(device: GPUDevice, label: string, bytes: number, usage = STORAGE): GPUBuffer {
  return device.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 16) * 16), usage });
}

/** A new buffer with these contents, copied once. @throws NoRoom */
export function uploadBuffer(device: GPUDevice, label: string, data: ArrayBufferView, usage = STORAGE): GPUBuffer {
  const size = Math.max(16, Math.ceil(data.byteLength / 16) * 16);
  const buffer = mapped(device, { label, size, usage });
  new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  buffer.unmap();
  return buffer;
}

function mapped(device: GPUDevice, asked: GPUBufferDescriptor): GPUBuffer {
  try {
    return device.createBuffer({ ...asked, mappedAtCreation: true });
  } catch (cause) {
    // The one refusal that is thrown at once: there is no memory to map it in.
    if (cause instanceof RangeError) throw new NoRoom(asked.size, { cause });
    throw cause;
  }
}

/** Contents of a buffer, for tests and for the few places that may wait. */
export async function readBuffer(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset = 0,
  bytes = buffer.size - offset,
): Promise<ArrayBuffer> {
  const size = Math.ceil(bytes / 4) * 4;
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await mapForReading(device, staging);
  const copy = staging.getMappedRange().slice(0, bytes);
  staging.destroy();
  return copy;
}
