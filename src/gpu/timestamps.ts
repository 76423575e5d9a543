/** Times whole compute passes on the GPU's own clock, where the device has one. */
import { mapForReading } from './waits.ts';

export interface PassTimer {
  /** False without the `timestamp-query` feature: every method then does nothing and `read` gives null. */
  readonly available: boolean;
  /** Put into beginComputePass(). */
  readonly timestampWrites: GPUComputePassTimestampWrites | undefined;
  /** Encode after the timed pass has ended. */
  resolve(encoder: GPUCommandEncoder): void;
  /** Nanoseconds of the timed pass, after its submit; null where the clock is missing or ran backwards. */
  read(): Promise<number | null>;
  destroy(): void;
}

const UNAVAILABLE: PassTimer = {
  available: false,
  timestampWrites: undefined,
  resolve() {},
  read: async () => null,
  destroy() {},
};

export function createPassTimer(device: GPUDevice): PassTimer {
  if (!device.features.has('timestamp-query')) return UNAVAILABLE;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  return {
    available: true,
    timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    resolve(encoder) {
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
    },
    async read() {
      await mapForReading(device, staging);
      const [start, end] = new BigInt64Array(staging.getMappedRange());
      staging.unmap();
      // Clocks are coarse and may step back (webgpu-samples PR 484): a negative span is no measurement.
      return end >= start ? Number(end - start) : null;
    },
    destroy() {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    },
  };
}
