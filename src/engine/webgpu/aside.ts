/** Copies a part of the KV cache away, so that other text may run in its place, and brings it back. */
import { createBuffer } from '../../gpu/buffers.ts';
import type { ModelConfig } from '../../model/types.ts';
import { type Activations, cacheRows } from './activations.ts';

/**
 * Keeps positions [from, to) of every layer, and all of a ring: what runs in their place takes the rows of earlier ones, too.
 * Returns what puts them back; to be called once.
 */
export function keepCache(
  device: GPUDevice,
  config: ModelConfig,
  a: Activations,
  [from, to]: readonly [number, number],
): () => void {
  const rows = a.keys.map((_, layer) => cacheRows(config, a.cache, layer));
  const parts = a.rings.map((ring) => (ring < config.contextLength ? [0, Math.min(ring, to)] : [from, to]));
  const kept = [a.keys, a.values].flatMap((caches, kind) =>
    caches.flatMap((cache, layer) => {
      const row = rows[layer][kind];
      const [first, end] = parts[layer];
      const [at, bytes] = [first * row, (end - first) * row];
      return bytes > 0 ? [{ cache, at, bytes, copy: createBuffer(device, 'kept cache', bytes) }] : [];
    }),
  );
  if (kept.length === 0) return () => {};
  const copyAll = (back: boolean) => {
    const encoder = device.createCommandEncoder();
    for (const { cache, at, bytes, copy } of kept) {
      if (back) encoder.copyBufferToBuffer(copy, 0, cache, at, bytes);
      else encoder.copyBufferToBuffer(cache, at, copy, 0, bytes);
    }
    device.queue.submit([encoder.finish()]);
  };
  copyAll(false);
  return () => {
    copyAll(true);
    for (const { copy } of kept) copy.destroy();
  };
}
