/** Causal grouped-query attention over a growing KV cache; QK norm and RoPE before it. All in float64. */
import type { ModelConfig } from '../../model/types.ts';
import { linear } from './linear.ts';
import type { CpuLayer } from './weights.ts';

/** Keys and values of one layer, [positions, kvHeads · headDim] each; grows as positions are used. */
export class KvCache {
  keys = new Float64Array(0);
  values = new Float64Array(0);

  /** Makes room for `positions`; what is there stays. */
  reserve(positions: number, width: number): void {
    if (this.keys.length >= positions * width) return;
    const grow = (old: Float64Array) => {
      const larger = new Float64Array(Math.max(64, 2 * positions) * width);
      larger.set(old);
      return larger;
    };
    this.keys = grow(this.keys);
    this.values = grow(this.values);
  }

  /** Keeps the numbers [from, to) of both; returns what puts them back. */
  copy(from: number, to: number): () => void {
    const [keys, values] = [this.keys.slice(from, to), this.values.slice(from, to)];
    return () => {
      this.keys.set(keys, from);
      this.values.set(values, from);
    };
  }
}

/** y[t] = x[t] · weight / √(mean(x[t]²) + ε), per row of `width`. In place when out is x. */
export function rmsNorm(
  x: Float64Array,
  rows: number,
  weight: Float32Array | Float64Array,
  epsilon: number,
  out: Float64Array,
): void {
  const width = weight.length;
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += x[at + i] * x[at + i];
    const scale = 1 / Math.sqrt(sum / width + epsilon);
    for (let i = 0; i < width; i++) out[at + i] = x[at + i] * scale * weight[i];
  }
}

/**
 * Turns each pair of every head's first ropeDim values by position · base^(−2i / ropeDim), in place. Pairs are
 * (i, i + ropeDim/2), or (2i, 2i + 1) when interleaved.
 * @param x [T, heads · headDim], first row at `position`
 */
function rope(x: Float64Array, tokens: number, heads: number, position: number, config: ModelConfig): void {
  const { headDim, ropeBase, ropeDim } = config;
  const half = ropeDim / 2;
  const [step, apart] = config.ropeStyle === 'half' ? [1, half] : [2, 1];
  for (let i = 0; i < half; i++) {
    const frequency = ropeBase ** ((-2 * i) / ropeDim);
    for (let t = 0; t < tokens; t++) {
      const cos = Math.cos((position + t) * frequency);
      const sin = Math.sin((position + t) * frequency);
      for (let head = 0; head < heads; head++) {
        const at = (t * heads + head) * headDim + i * step;
        const a = x[at];
        const b = x[at + apart];
        x[at] = a * cos - b * sin;
        x[at + apart] = a * sin + b * cos;
      }
    }
  }
}

/** Adds the same row to every row of x. */
function addRow(x: Float64Array, row: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i] += row[i % row.length];
}

/** Softmax of the first `count` values, in place. */
function softmax(x: Float64Array, count: number): void {
  let largest = -Infinity;
  for (let i = 0; i < count; i++) if (x[i] > largest) largest = x[i];
  let sum = 0;
  for (let i = 0; i < count; i++) sum += x[i] = Math.exp(x[i] - largest);
  for (let i = 0; i < count; i++) x[i] /= sum;
}

/**
 * One layer's attention for T tokens from `position` on, their keys and values appended to the cache.
 * @param x [T, D], already normed
 * @returns [T, D], after the output projection
 */
export function attention(
  x: Float64Array,
  tokens: number,
  position: number,
  layer: CpuLayer,
  cache: KvCache,
  config: ModelConfig,
): Float64Array {
  const { width: D, heads, kvHeads, headDim, qkNormEpsilon } = config;
  const qWidth = heads * headDim;
  const kvWidth = kvHeads * headDim;
  const q = new Float64Array(tokens * qWidth);
  const k = new Float64Array(tokens * kvWidth);
  const v = new Float64Array(tokens * kvWidth);
  linear(x, tokens, layer.q, 0, D, qWidth, q);
  linear(x, tokens, layer.k, 0, D, kvWidth, k);
  linear(x, tokens, layer.v, 0, D, kvWidth, v);
  if (layer.qBias) addRow(q, layer.qBias);
  if (layer.kBias) addRow(k, layer.kBias);
  if (layer.vBias) addRow(v, layer.vBias);
  if (layer.qNorm) rmsNorm(q, q.length / layer.qNorm.length, layer.qNorm, qkNormEpsilon, q);
  if (layer.kNorm) rmsNorm(k, k.length / layer.kNorm.length, layer.kNorm, qkNormEpsilon, k);
  if (layer.turns) {
    rope(q, tokens, heads, position, config);
    rope(k, tokens, kvHeads, position, config);
  }
  cache.reserve(position + tokens, kvWidth);
  cache.keys.set(k, position * kvWidth);
  cache.values.set(v, position * kvWidth);

  const mixed = new Float64Array(tokens * qWidth);
  const scores = new Float64Array(position + tokens);
  for (let t = 0; t < tokens; t++) {
    for (let head = 0; head < heads; head++) {
      const from = Math.floor((head * kvHeads) / heads) * headDim;
      attendHead(q, mixed, (t * heads + head) * headDim, cache, from, kvWidth, position + t + 1, scores, config);
    }
  }
  const out = new Float64Array(tokens * D);
  linear(mixed, tokens, layer.attentionOutput, 0, qWidth, D, out);
  return out;
}

/** One head of one token: out[at…] = Σ_p softmax(q[at…] · keys[p] · scale)[p] · values[p] over the first `count` positions. */
function attendHead(
  q: Float64Array,
  out: Float64Array,
  at: number,
  { keys, values }: KvCache,
  from: number,
  stride: number,
  count: number,
  scores: Float64Array,
  { headDim, attentionScale }: ModelConfig,
): void {
  for (let p = 0; p < count; p++) {
    const key = p * stride + from;
    let dot = 0;
    for (let i = 0; i < headDim; i++) dot += q[at + i] * keys[key + i];
    scores[p] = dot * attentionScale;
  }
  softmax(scores, count);
  for (let p = 0; p < count; p++) {
    const value = p * stride + from;
    const share = scores[p];
    for (let i = 0; i < headDim; i++) out[at + i] += share * values[value + i];
  }
}
