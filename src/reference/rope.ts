/** QK-norm, RoPE and KV-cache write in f64. */
import { rmsNorm } from './linear.ts';

/** linear: positions are divided by the factor. yarn: slow pairs' are, quick ones' stay (Peng et al. 2023, arXiv:2309.00071). */
export type RopeScaling = { readonly factor: number; readonly magnitude: number } & (
  | { readonly kind: 'linear' }
  | { readonly kind: 'yarn'; readonly original: number }
);

export interface RopeAngles {
  readonly ropeBase: number;
  /** Values of a head that turn. */
  readonly ropeDim: number;
  readonly ropeScaling?: RopeScaling | null;
  /** The angles are divided by these. [ropeDim / 2] */
  readonly ropeFactors?: ArrayLike<number> | null;
}

/** How often a pair turns within YaRN's original context where it begins to be slow, and where it is: as in llama.cpp. */
const YARN_TURNS = [32, 1] as const;

/** Angle by which each pair turns from one position to the next. [ropeDim / 2] Their cosines and sines grow by `magnitude`. */
export function ropeAngles({ ropeBase, ropeDim, ropeScaling, ropeFactors }: RopeAngles): Float64Array {
  const scaling = ropeScaling ?? { kind: 'linear', factor: 1 };
  const pairWith = (turns: number, original: number) =>
    (ropeDim * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(ropeBase));
  const slowness = (pair: number): number => {
    if (scaling.kind === 'linear') return 1;
    const low = Math.max(0, Math.floor(pairWith(YARN_TURNS[0], scaling.original)));
    const high = Math.min(ropeDim - 1, Math.ceil(pairWith(YARN_TURNS[1], scaling.original)));
    return Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
  };
  return Float64Array.from({ length: ropeDim / 2 }, (_, pair) => {
    const angle = ropeBase ** ((-2 * pair) / ropeDim) / (ropeFactors?.[pair] ?? 1);
    const slow = slowness(pair);
    return slow === 0 ? angle : (angle / scaling.factor) * slow + angle * (1 - slow);
  });
}

export interface RopeParameters {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ropeBase: number;
  readonly ropeStyle: 'half' | 'interleaved';
  readonly qkNorm: 'none' | 'head' | 'width';
  /** v is normed, too, head by head and without weights. */
  readonly normsValues?: boolean;
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
  const { heads, kvHeads, headDim, qkNorm, normsValues = false, epsilon } = shape;
  const ones = new Float64Array(headDim).fill(1);
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
    arrays.vCache.set(normsValues ? rmsNorm(row.subarray(v), ones, epsilon) : row.subarray(v), to);
  }
  return queries;
}
