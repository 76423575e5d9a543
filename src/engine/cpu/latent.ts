/**
 * Multi-head latent attention in its absorbed form (DeepSeek-V2, arXiv:2405.04434): one latent vector is kept of a position, for
 * keys and values of all heads, and beside it the values that RoPE turns. All in float64.
 */
import type { ModelConfig } from '../../model/types.ts';
import { type KvCache, rmsNorm, rope, softmax } from './attention.ts';
import { linear } from './linear.ts';
import type { CpuLatent, CpuLayer } from './weights.ts';

/**
 * One layer for T tokens from `position` on, their latent vectors appended to the cache.
 * @param x [T, D], already normed
 * @returns [T, D], after the output projection
 */
export function attendLatent(
  x: Float64Array,
  tokens: number,
  position: number,
  layer: CpuLayer,
  cache: KvCache,
  config: ModelConfig,
): Float64Array {
  const { width: D, heads } = config;
  const [sizes, weights] = [config.latent!, layer.latent!];
  const { rank, plain, turned, value } = sizes;
  const row = rank + turned;
  const head = plain + turned;
  const q = queries(x, tokens, layer, weights, config);
  if (layer.angles) rope(q, position, { heads, apart: head, first: plain, stride: heads * head }, layer.angles, config);

  const kept = new Float64Array(tokens * row);
  linear(x, tokens, layer.k, 0, D, row, kept);
  for (let t = 0; t < tokens; t++) {
    const latent = kept.subarray(t * row, t * row + rank);
    rmsNorm(latent, 1, weights.norm, config.qkNormEpsilon, latent);
  }
  if (layer.angles) rope(kept, position, { heads: 1, apart: turned, first: rank, stride: row }, layer.angles, config);
  cache.reserve(position + tokens, row);
  cache.keep(position * row, kept);

  const mixed = new Float64Array(tokens * heads * value);
  const query = new Float64Array(row);
  const sum = new Float64Array(rank);
  const scores = new Float64Array(position + tokens);
  for (let t = 0; t < tokens; t++) {
    for (let h = 0; h < heads; h++) {
      const at = (t * heads + h) * head;
      linear(q.subarray(at, at + plain), 1, weights.keyUp, h * plain * rank, plain, rank, query.subarray(0, rank));
      query.set(q.subarray(at + plain, at + head), rank);
      attend(query, cache.keys, position + t + 1, scores, config.attentionScale, sum);
      const out = (t * heads + h) * value;
      linear(sum, 1, weights.valueUp, h * rank * value, rank, value, mixed.subarray(out, out + value));
    }
  }
  const out = new Float64Array(tokens * D);
  linear(mixed, tokens, layer.attentionOutput, 0, heads * value, D, out);
  return out;
}

/** [T, heads·(plain + turned)] */
function queries(
  x: Float64Array,
  tokens: number,
  layer: CpuLayer,
  { queryNorm, queryUp }: CpuLatent,
  { width: D, heads, latent, qkNormEpsilon }: ModelConfig,
): Float64Array {
  const { plain, turned, queryRank } = latent!;
  const q = new Float64Array(tokens * heads * (plain + turned));
  if (!queryNorm || !queryUp) {
    linear(x, tokens, layer.q, 0, D, heads * (plain + turned), q);
    return q;
  }
  const narrow = new Float64Array(tokens * queryRank);
  linear(x, tokens, layer.q, 0, D, queryRank, narrow);
  rmsNorm(narrow, tokens, queryNorm, qkNormEpsilon, narrow);
  linear(narrow, tokens, queryUp, 0, queryRank, heads * (plain + turned), q);
  return q;
}

/** sum = Σ_p softmax(query · kept[p] · scale)[p] · the latent vector of p, over the first `count` positions. */
function attend(
  query: Float64Array,
  kept: Float64Array,
  count: number,
  scores: Float64Array,
  scale: number,
  sum: Float64Array,
): void {
  const row = query.length;
  for (let p = 0; p < count; p++) {
    let dot = 0;
    for (let i = 0; i < row; i++) dot += query[i] * kept[p * row + i];
    scores[p] = dot * scale;
  }
  softmax(scores, count);
  sum.fill(0);
  for (let p = 0; p < count; p++) for (let i = 0; i < sum.length; i++) sum[i] += scores[p] * kept[p * row + i];
}
