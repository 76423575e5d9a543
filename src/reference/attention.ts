/** Causal attention in f64. q: [T, heads·headDim]; caches: [contextLength, kvHeads·headDim]. */

export function attention(
  { heads, kvHeads, headDim, scale }: { heads: number; kvHeads: number; headDim: number; scale: number },
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
    const row = (key: number) => (key * kvHeads + kvHead) * headDim;
    const scores = Array.from({ length: position + token + 1 }, (_, key) => {
      let sum = 0;
      for (let i = 0; i < headDim; i++) sum += q[from + i] * kCache[row(key) + i];
      return scale * sum;
    });
    const highest = Math.max(...scores);
    const p = scores.map((score) => Math.exp(score - highest));
    const total = p.reduce((a, b) => a + b);
    for (let i = 0; i < headDim; i++) {
      y[from + i] = p.reduce((sum, weight, key) => sum + weight * vCache[row(key) + i], 0) / total;
    }
  }
  return y;
}
