import source from '../../shaders/latent_rope.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { CACHE_SOURCES, type CacheFormat } from './cache.ts';
import { type Binding, ceilDiv, planKernel, read, reduction, WORKGROUP, write } from './kernel.ts';

/** Sizes of latent attention; all of them multiples of 4. */
export interface LatentShape {
  readonly heads: number;
  readonly rank: number;
  readonly plain: number;
  readonly turned: number;
  readonly contextLength: number;
  /** f32 unless said otherwise. */
  readonly cache?: CacheFormat;
}

/**
 * The latent vectors of a pass into the cache, normed, with what RoPE turns behind them; and the turned part of every query.
 * q: [T, heads, plain + turned], kept: [T, rank + turned], normWeight: [rank], rotations: ropeTable() of `turned`;
 * query: [T, heads, rank + turned], written from rank on; kvCache: [contextLength, rank + turned].
 */
export function latentRope(
  gpu: Gpu,
  { heads, rank, plain, turned, contextLength, cache = 'f32', epsilon }: LatentShape & { epsilon: number },
  buffers: {
    q: Binding;
    kept: Binding;
    normWeight: Binding;
    rotations: Binding;
    query: Binding;
    kvCache: Binding;
    pass: Binding;
  },
): Promise<Dispatch> {
  const odd = [rank, plain, turned].find((size) => size % 4 !== 0);
  if (odd !== undefined) throw new RangeError(`latentRope: ${odd} is no multiple of 4.`);
  const { lanes, directives, source: reduce, constants } = reduction(gpu);
  const { q, kept, normWeight, rotations, query, kvCache, pass } = buffers;
  return planKernel(gpu, {
    name: 'latent_rope',
    sources: [reduce, CACHE_SOURCES[cache], source],
    directives,
    constants: {
      ...constants,
      ...{ HEADS: heads, RANK: rank, PLAIN: plain, TURNED: turned, CONTEXT: contextLength, EPSILON: epsilon },
    },
    buffers: [read(q), read(kept), read(normWeight), read(rotations), write(query), write(kvCache)],
    pass,
    grid: (T) => [ceilDiv((heads + 1) * lanes, WORKGROUP), T, 1],
  });
}
