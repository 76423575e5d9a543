/** QK-norm, RoPE and KV-cache write in f64. */
import { rmsNorm } from './linear.ts';

export interface RopeParameters {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ropeBase: number;
  readonly ropeStyle: 'half' | 'interleaved';
  readonly qkNorm: 'none' | 'head' | 'width';
  readonly epsilon: number;
}

export interface RopeArrays {
  readonly qkv: Float64Array; // [T, heads + 2·kvHeads, headDim]
  readonly qNorm?: Float64Array;
  readonly kNorm?: Float64Array;
  readonly kCache: Float64Array; // [contextLength, kvHeads, headDim], written
  readonly vCache: Float64Array; // [contextLength, kvHeads, headDim], written
}

/** Turns every pair of one head by position · base^(−2i/headDim). */
function turn(head: Float64Array, position: number, { headDim, ropeBase, ropeStyle }: RopeParameters) {
  for (let i = 0; i < headDim / 2; i++) {
    const angle = position * ropeBase ** ((-2 * i) / headDim);
    const [a, b] = ropeStyle === 'half' ? [i, i + headDim / 2] : [2 * i, 2 * i + 1];
    const [x, y] = [head[a], head[b]];
    head[a] = x * Math.cos(angle) - y * Math.sin(angle);
    head[b] = x * Math.sin(angle) + y * Math.cos(angle);
  }
}

/** Returns q [T, heads·headDim] and writes rows position … of the caches. */
export function rope(shape: RopeParameters, arrays: RopeArrays, position: number): Float64Array {
  const { heads, kvHeads, headDim, qkNorm, epsilon } = shape;
  const stride = (heads + 2 * kvHeads) * headDim;
  const tokens = arrays.qkv.length / stride;
  const queries = new Float64Array(tokens * heads * headDim);
  const prepare = (rows: Float64Array, weight: Float64Array | undefined, at: number) => {
    const normed = qkNorm === 'none' ? rows.slice() : rmsNorm(rows, weight!, epsilon);
    for (let i = 0; i < normed.length; i += headDim) turn(normed.subarray(i, i + headDim), at, shape);
    return normed;
  };
  for (let t = 0; t < tokens; t++) {
    const row = arrays.qkv.subarray(t * stride, (t + 1) * stride);
    const [k, v] = [heads * headDim, (heads + kvHeads) * headDim];
    queries.set(prepare(row.subarray(0, k), arrays.qNorm, position + t), t * k);
    const to = (position + t) * kvHeads * headDim;
    arrays.kCache.set(prepare(row.subarray(k, v), arrays.kNorm, position + t), to);
    arrays.vCache.set(row.subarray(v), to);
  }
  return queries;
}
