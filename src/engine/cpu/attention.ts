/** Causal grouped-query attention over a growing KV cache; QK norm and RoPE before it. All in float64. */
import type { ModelConfig } from '../../model/types.ts';
import { nearestHalf } from '../../reference/half.ts';
import { linear } from './linear.ts';
import type { Precision } from './precision.ts';
import type { CpuLayer } from './weights.ts';

/** Keys and values of one layer, [positions, kvHeads · headDim] each; grows as positions are used. */
export class KvCache {
  keys = new Float64Array(0);
  values = new Float64Array(0);
  /** Numbers of a position. */
  private row = 0;

  constructor(private readonly precision: Precision = {}) {}

  /** Keeps numbers from `at` on; latent attention has one kind alone. */
  keep(at: number, keys: Float64Array, values?: Float64Array): void {
    const kept = (row: Float64Array) => (this.precision.cache ? row.map(nearestHalf) : row);
    this.keys.set(kept(keys), at);
    if (values) this.values.set(kept(values), at);
  }

  /** Makes room for `positions`; what is there stays. */
  reserve(positions: number, width: number): void {
    this.row = width;
    if (this.keys.length >= positions * width) return;
    const grow = (old: Float64Array) => {
      const larger = new Float64Array(Math.max(64, 2 * positions) * width);
      larger.set(old);
      return larger;
    };
    this.keys = grow(this.keys);
    this.values = grow(this.values);
  }

  /** Keeps positions [from, to) of both; returns what puts them back. */
  copy(from: number, to: number): () => void {
    const start = from * this.row;
    const [keys, values] = [this.keys, this.values].map((kept) => kept.slice(start, to * this.row));
    return () => {
      this.keys.set(keys, start);
      this.values.set(values, start);
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

/** Where the values that RoPE turns stand: in every token `heads` times, `apart` from each other, from `first` on. */
export interface Turned {
  readonly heads: number;
  readonly apart: number;
  readonly first?: number;
  /** Values of a token; all its heads unless said otherwise. */
  readonly stride?: number;
}

/**
 * Turns each pair of every head's first ropeDim values by position · angle, in place. Pairs are (i, i + ropeDim/2), or
 * (2i, 2i + 1) when interleaved.
 * @param x [T, stride], first row at `position`
 */
export function rope(
  x: Float64Array,
  position: number,
  { heads, apart: width, first = 0, stride = heads * width }: Turned,
  angles: Float64Array,
  { ropeStyle, ropeScaling }: ModelConfig,
): void {
  const half = angles.length;
  const magnitude = ropeScaling?.magnitude ?? 1;
  const [step, apart] = ropeStyle === 'half' ? [1, half] : [2, 1];
  for (let i = 0; i < half; i++) {
    for (let t = 0; t < x.length / stride; t++) {
      const cos = magnitude * Math.cos((position + t) * angles[i]);
      const sin = magnitude * Math.sin((position + t) * angles[i]);
      for (let head = 0; head < heads; head++) {
        const at = t * stride + first + head * width + i * step;
        const a = x[at];
        const b = x[at + apart];
        x[at] = a * cos - b * sin;
        x[at + apart] = a * sin + b * cos;
      }
    }
  }
}

/** Adds the same row to every row of x. */
export function addRow(x: Float64Array, row: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i] += row[i % row.length];
}

/** Softmax of the first `count` values, in place; with a sink of one more, which is not kept. */
export function softmax(x: Float64Array, count: number, sink = -Infinity): void {
  let largest = sink;
  for (let i = 0; i < count; i++) if (x[i] > largest) largest = x[i];
  let sum = Math.exp(sink - largest);
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
  const { width: D, heads, qkNormEpsilon } = config;
  const { kvHeads, headDim } = layer.heads;
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
  if (config.normsValues) rmsNorm(v, tokens * kvHeads, new Float64Array(headDim).fill(1), qkNormEpsilon, v);
  if (layer.angles) {
    rope(q, position, { heads, apart: headDim }, layer.angles, config);
    rope(k, position, { heads: kvHeads, apart: headDim }, layer.angles, config);
  }
  cache.reserve(position + tokens, kvWidth);
  cache.keep(position * kvWidth, k, v);

  const mixed = new Float64Array(tokens * qWidth);
  const scores = new Float64Array(position + tokens);
  for (let t = 0; t < tokens; t++) {
    for (let head = 0; head < heads; head++) {
      const from = Math.floor((head * kvHeads) / heads) * headDim;
      const seen = {
        first: Math.max(0, position + t + 1 - layer.window),
        end: position + t + 1,
        sink: layer.sinks?.[head],
      };
      attendHead(q, mixed, (t * heads + head) * headDim, cache, from, kvWidth, seen, scores, [
        headDim,
        config.attentionScale,
      ]);
    }
  }
  if (layer.attentionGate) {
    const gate = new Float64Array(mixed.length);
    linear(x, tokens, layer.attentionGate, 0, D, qWidth, gate);
    for (let i = 0; i < mixed.length; i++) mixed[i] /= 1 + Math.exp(-gate[i]);
  }
  const out = new Float64Array(tokens * D);
  linear(mixed, tokens, layer.attentionOutput, 0, qWidth, D, out);
  if (layer.outputBias) addRow(out, layer.outputBias);
  return out;
}

/** The positions that a token sees, and what its head's softmax has besides. */
interface Seen {
  readonly first: number;
  readonly end: number;
  readonly sink: number | undefined;
}

/** One head of one token: out[at…] = Σ_p softmax(q[at…] · keys[p] · scale)[p] · values[p] over the positions that are seen. */
function attendHead(
  q: Float64Array,
  out: Float64Array,
  at: number,
  { keys, values }: KvCache,
  from: number,
  stride: number,
  { first, end, sink }: Seen,
  scores: Float64Array,
  [headDim, attentionScale]: readonly [number, number],
): void {
  for (let p = first; p < end; p++) {
    const key = p * stride + from;
    let dot = 0;
    for (let i = 0; i < headDim; i++) dot += q[at + i] * keys[key + i];
    scores[p - first] = dot * attentionScale;
  }
  softmax(scores, end - first, sink);
  for (let p = first; p < end; p++) {
    const value = p * stride + from;
    const share = scores[p - first];
    for (let i = 0; i < headDim; i++) out[at + i] += share * values[value + i];
  }
}
