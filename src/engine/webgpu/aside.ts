/** Copies a part of the KV cache away, so that other text may run in its place, and brings it back. */
import { createBuffer } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/types.ts';
import { type Activations, cacheRows } from './activations.ts';

/** Keeps positions [from, to) of every layer. Returns what puts them back; to be called once. */
export function keepCache(
  device: GPUDevice,
  config: ModelConfig,
  a: Activations,
  [from, to]: readonly [number, number],
): () => void {
  if (to <= from) return () => {};
  const rows = a.keys.map((_, layer) => cacheRows(config, a.cache, layer));
  const kept = [a.keys, a.values].flatMap((caches, kind) =>
    caches.map((cache, layer) => {
      const row = rows[layer][kind];
      const bytes = (to - from) * row;
      return { cache, row, bytes, copy: createBuffer(device, 'kept cache', bytes) };
    }),
  );
  const copyAll = (back: boolean) => {
    const encoder = device.createCommandEncoder();
    for (const { cache, row, bytes, copy } of kept) {
      if (bytes === 0) continue;
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
