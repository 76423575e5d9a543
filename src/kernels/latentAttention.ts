import source from '../../shaders/attention_latent.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { CACHE_SOURCES } from './cache.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';
import type { LatentShape } from './latentRope.ts';

/** What the kernel holds of a position. */
const MOST = { rank: 512, turned: 128 };

/**
 * y = softmax(scale · query·kept, over the positions up to the token's own) · latent vectors, head by head.
 * query: [T, heads, rank + turned]; kvCache: [contextLength, rank + turned]; y: [T, heads, rank].
 */
export function latentAttention(
  gpu: Gpu,
  { heads, rank, turned, contextLength, scale, cache = 'f32' }: Omit<LatentShape, 'plain'> & { scale: number },
  { query, kvCache, y, pass }: { query: Binding; kvCache: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (rank % 4 !== 0 || turned % 4 !== 0 || rank > MOST.rank || turned > MOST.turned)
    throw new RangeError(
      `latentAttention: ${rank} + ${turned} are no multiples of 4 up to ${MOST.rank} + ${MOST.turned}.`,
    );
  return planKernel(gpu, {
    name: 'attention_latent',
    sources: [CACHE_SOURCES[cache], source],
    constants: { HEADS: heads, RANK: rank, TURNED: turned, CONTEXT: contextLength, SCALE: scale },
    buffers: [read(query), read(kvCache), write(y)],
    pass,
    grid: (T) => [heads, T, 1],
  });
}
