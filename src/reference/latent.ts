/** Multi-head latent attention in f64, in its absorbed form (DeepSeek-V2, arXiv:2405.04434). */
import { attention } from './attention.ts';
import { matmul, rmsNorm } from './linear.ts';
import { ropeAngles } from './rope.ts';

export interface LatentSizes {
  readonly heads: number;
  readonly rank: number;
  readonly plain: number;
  readonly turned: number;
}

/** Turns pairs (2i, 2i + 1) of one row. */
function turn(row: Float64Array, position: number, ropeBase: number): Float64Array {
  const angles = ropeAngles({ ropeBase, ropeDim: row.length });
  return row.map((value, i) => {
    const angle = position * angles[i >> 1];
    const other = row[i ^ 1];
    return value * Math.cos(angle) + (i % 2 === 0 ? -other : other) * Math.sin(angle);
  });
}

/**
 * The rows of the cache that T tokens from `position` on leave, [T, rank + turned], and the turned parts of their queries,
 * [T, heads, turned]. q: [T, heads, plain + turned], kept: [T, rank + turned].
 */
export function latentRope(
  { heads, rank, plain, turned, ropeBase, epsilon }: LatentSizes & { ropeBase: number; epsilon: number },
  q: Float64Array,
  kept: Float64Array,
  normWeight: Float64Array,
  position: number,
): { rows: Float64Array; queries: Float64Array } {
  const row = rank + turned;
  const rows = new Float64Array(kept.length);
  for (let at = 0, t = position; at < kept.length; at += row, t++) {
    rows.set(rmsNorm(kept.subarray(at, at + rank), normWeight, epsilon), at);
    rows.set(turn(kept.subarray(at + rank, at + row), t, ropeBase), at + rank);
  }
  const count = q.length / (plain + turned);
  const queries = new Float64Array(count * turned);
  for (let head = 0; head < count; head++) {
    const own = q.subarray(head * (plain + turned) + plain, (head + 1) * (plain + turned));
    queries.set(turn(own, position + Math.floor(head / heads), ropeBase), head * turned);
  }
  return { rows, queries };
}

/** y[row] = weight[row mod heads] · x[row]. x: [T·heads, K], weight: [heads, N, K]. */
export function headProduct(x: Float64Array, weight: Float64Array, heads: number, columns: number): Float64Array {
  const size = weight.length / heads;
  const rows = Array.from({ length: x.length / columns }, (_, row) => {
    const own = weight.subarray((row % heads) * size, ((row % heads) + 1) * size);
    return [...matmul(x.subarray(row * columns, (row + 1) * columns), own, columns)];
  });
  return Float64Array.from(rows.flat());
}

/** [T, heads, rank]: every head's softmax over the positions up to the token's own, of the latent vectors themselves. */
export function latentAttention(
  { heads, rank, turned, scale }: Omit<LatentSizes, 'plain'> & { scale: number },
  query: Float64Array,
  cache: Float64Array,
  position: number,
): Float64Array {
  const row = rank + turned;
  const whole = attention({ heads, kvHeads: 1, headDim: row, scale }, query, cache, cache, position);
  return whole.filter((_, i) => i % row < rank);
}
