import alone from '../../shaders/attention_alone.wgsl?raw';
import shared from '../../shaders/attention_shared.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { CACHE_SOURCES, type CacheFormat } from './cache.ts';
import { type Binding, ceilDiv, planKernel, read, write } from './kernel.ts';

export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly scale: number;
  readonly contextLength: number;
  /** Rows of the caches, at least window + T − 1: position p's is number p % ring. All positions' unless said otherwise. */
  readonly ring?: number;
  /** Positions that a token sees, its own included; all unless said otherwise. */
  readonly window?: number;
  /** f32 unless said otherwise. */
  readonly cache?: CacheFormat;
}

/**
 * y = softmax(scale · q·kᵀ, over the positions up to the token's own) · v, head by head. With `sinks` [heads] the softmax has
 * a logit more, that no value goes with.
 * q, y: [T, heads·headDim]; kCache, vCache: [ring, kvHeads·headDim]; heads share kvHeads in equal groups.
 */
export function attention(
  gpu: Gpu,
  { heads, kvHeads, headDim, scale, contextLength, ring = contextLength, window = 0, cache = 'f32' }: AttentionShape,
  {
    q,
    kCache,
    vCache,
    sinks,
    y,
    pass,
  }: { q: Binding; kCache: Binding; vCache: Binding; sinks?: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (headDim % 4 !== 0 || headDim > 512)
    throw new RangeError(`attention: headDim ${headDim} is not a multiple of 4 up to 512.`);
  if (heads % kvHeads !== 0) throw new RangeError(`attention: ${heads} heads cannot share ${kvHeads} KV heads evenly.`);
  if (ring < Math.min(window || contextLength, contextLength))
    throw new RangeError(`attention: ${ring} rows hold no window of ${window || contextLength} positions.`);
  const isAlone = gpu.tuning.attention === 'alone';
  return planKernel(gpu, {
    name: isAlone ? 'attention_alone' : 'attention_shared',
    sources: [CACHE_SOURCES[cache], isAlone ? alone : shared],
    constants: {
      ...{ HEADS: heads, KV_HEADS: kvHeads, HEAD_DIM: headDim, CONTEXT: contextLength, RING: ring, SCALE: scale },
      ...{ WINDOW: window, SINKS: sinks ? 1 : 0 },
    },
    // Without sinks the binding still exists; q stands in, read-only beside itself.
    buffers: [read(q), read(kCache), read(vCache), write(y), read(sinks ?? q)],
    pass,
    grid: (T) => [isAlone ? ceilDiv(heads, 4) : heads, T, 1],
  });
}
