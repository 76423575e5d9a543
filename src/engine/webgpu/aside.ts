/** Copies a part of the KV cache away, so that other text may run in its place, and brings it back. */
import { createBuffer } from '../../gpu/buffers.ts';
import { CACHE_BYTES } from '../../kernels/cache.ts';
import type { ModelConfig } from '../../model/types.ts';
import type { Activations } from './activations.ts';

/** Keeps positions [from, to) of every layer. Returns what puts them back; to be called once. */
export function keepCache(
  device: GPUDevice,
  { kvHeads, headDim }: ModelConfig,
  a: Activations,
  [from, to]: readonly [number, number],
): () => void {
  if (to <= from) return () => {};
  const row = kvHeads * headDim * CACHE_BYTES[a.cache];
  const bytes = (to - from) * row;
  const kept = [...a.keys, ...a.values].map((cache) => ({ cache, copy: createBuffer(device, 'kept cache', bytes) }));
  const copyAll = (back: boolean) => {
    const encoder = device.createCommandEncoder();
    for (const { cache, copy } of kept) {
      if (back) encoder.copyBufferToBuffer(copy, 0, cache, from * row, bytes);
      else encoder.copyBufferToBuffer(cache, from * row, copy, 0, bytes);
    }
    device.queue.submit([encoder.finish()]);
  };
  copyAll(false);
  return () => {
    copyAll(true);
    for (const { copy } of kept) copy.destroy();
  };
}
