/**
 * Causal attention in f64. q: [T, heads·headDim]; caches: [contextLength, kvHeads·headDim]. A token sees `window` positions, its
 * own included; sinks [heads] are logits that no value goes with.
 */

export function attention(
  {
    heads,
    kvHeads,
    headDim,
    scale,
    window = Number.POSITIVE_INFINITY,
    sinks,
  }: {
    heads: number;
    kvHeads: number;
    headDim: number;
    scale: number;
    window?: number;
    sinks?: ArrayLike<number>;
  },
  q: Float64Array,
  kCache: Float64Array,
  vCache: Float64Array,
  position: number,
): Float64Array {
  const y = new Float64Array(q.length);
  for (let from = 0; from < q.length; from += headDim) {
    const token = Math.floor(from / (heads * headDim));
    const head = (from / headDim) % heads;
    const kvHead = Math.floor(head / (heads / kvHeads));
    const first = Math.max(0, position + token + 1 - window);
    const row = (key: number) => ((first + key) * kvHeads + kvHead) * headDim;
    const scores = Array.from({ length: position + token + 1 - first }, (_, key) => {
      let sum = 0;
      for (let i = 0; i < headDim; i++) sum += q[from + i] * kCache[row(key) + i];
      return scale * sum;
    });
    const sink = sinks?.[head] ?? Number.NEGATIVE_INFINITY;
    const highest = Math.max(...scores, sink);
    const p = scores.map((score) => Math.exp(score - highest));
    const total = p.reduce((a, b) => a + b, Math.exp(sink - highest));
    for (let i = 0; i < headDim; i++) {
      y[from + i] = p.reduce((sum, weight, key) => sum + weight * vCache[row(key) + i], 0) / total;
    }
  }
  return y;
}
