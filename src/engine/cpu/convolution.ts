/** What a layer without attention mixes by: a short causal convolution of every channel, gated before and behind (LFM2). */
import type { ModelConfig } from '../../model/types.ts';
import type { KvCache } from './attention.ts';
import { linear } from './linear.ts';
import type { CpuLayer } from './weights.ts';

/**
 * One layer for T tokens from `position` on. What the taps look back at stays in the cache, as keys of the width D.
 * @param x [T, D], already normed
 * @returns [T, D], after the output projection
 */
export function convolve(
  x: Float64Array,
  tokens: number,
  position: number,
  layer: CpuLayer,
  cache: KvCache,
  { width: D }: ModelConfig,
): Float64Array {
  const [b, c, v] = [layer.q, layer.k, layer.v].map((matrix) => {
    const out = new Float64Array(tokens * D);
    linear(x, tokens, matrix, 0, D, D, out);
    return out;
  });
  cache.reserve(position + tokens, D);
  for (let i = 0; i < b.length; i++) cache.keys[position * D + i] = b[i] * v[i];
  const weights = layer.convolution!;
  const taps = weights.length / D;
  const mixed = new Float64Array(tokens * D);
  for (let t = 0; t < tokens; t++) {
    for (let tap = Math.max(0, taps - 1 - position - t); tap < taps; tap++) {
      const row = (position + t - (taps - 1) + tap) * D;
      for (let i = 0; i < D; i++) mixed[t * D + i] += cache.keys[row + i] * weights[i * taps + tap];
    }
    for (let i = t * D; i < (t + 1) * D; i++) mixed[i] *= c[i];
  }
  const out = new Float64Array(tokens * D);
  linear(mixed, tokens, layer.attentionOutput, 0, D, D, out);
  return out;
}
