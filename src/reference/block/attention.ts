/** Causal attention before a block: RMSNorm → q, k, v → softmax(q·kᵀ/√d)·v → one more matrix, added to what came in. */
import { normBack } from './backward.ts';
import { norm } from './forward.ts';
import { type Layout, tensorOf } from './layout.ts';
import { multiply, multiplyBack, multiplyOut } from './products.ts';
import type { Floats, Make } from './weights.ts';

export interface AttentionShape {
  readonly width: number;
  readonly heads: number;
  /** T: rows of one text, which see each other. */
  readonly context: number;
}

export interface KeptAttention {
  /** [N, D]: what came in, and normed. */
  readonly x: Floats;
  readonly h: Floats;
  readonly factor: Floats;
  /** [N, 3D]: queries, keys, values; in each, head by head. */
  readonly qkv: Floats;
  /** [N, heads, T]: what each row takes of the rows of its text. */
  readonly shares: Floats;
  /** [N, D]: the values taken. */
  readonly taken: Floats;
}

/** Where head `head` of row n begins: its query, key and value. */
const placesOf = (n: number, head: number, D: number, d: number) =>
  [0, 1, 2].map((which) => n * 3 * D + which * D + head * d);

/** Returns what is kept, and x with attention's answer added. */
export function attentionForward(
  { width: D, heads, context: T }: AttentionShape,
  layout: Layout,
  weights: Floats,
  x: Floats,
  layer: number,
  make: Make,
): { kept: KeptAttention; sum: Floats } {
  const N = x.length / D;
  const d = D / heads;
  const { h, factor } = norm(x, weights, tensorOf(layout, 'attention norm', layer)!.offset, N, D, make);
  const qkv = make(N * 3 * D);
  multiply(h, weights, tensorOf(layout, 'qkv', layer)!.offset, qkv, N, D, 3 * D);
  const shares = make(N * heads * T);
  const taken = make(N * D);
  for (let n = 0; n < N; n++) {
    for (let head = 0; head < heads; head++) {
      const [query] = placesOf(n, head, D, d);
      const at = (n * heads + head) * T;
      const first = n - (n % T);
      let [most, total] = [Number.NEGATIVE_INFINITY, 0];
      for (let j = 0; first + j <= n; j++) {
        const [, key] = placesOf(first + j, head, D, d);
        for (let i = 0; i < d; i++) shares[at + j] += (qkv[query + i] * qkv[key + i]) / Math.sqrt(d);
        most = Math.max(most, shares[at + j]);
      }
      for (let j = 0; first + j <= n; j++) {
        shares[at + j] = Math.exp(shares[at + j] - most);
        total += shares[at + j];
      }
      for (let j = 0; first + j <= n; j++) {
        shares[at + j] /= total;
        const [, , value] = placesOf(first + j, head, D, d);
        for (let i = 0; i < d; i++) taken[n * D + head * d + i] += shares[at + j] * qkv[value + i];
      }
    }
  }
  const sum = make(N * D);
  multiply(taken, weights, tensorOf(layout, 'mix', layer)!.offset, sum, N, D, D);
  for (let i = 0; i < sum.length; i++) sum[i] += x[i];
  return { kept: { x, h, factor, qkv, shares, taken }, sum };
}

/** From the gradient of the sum to that of what went in. */
export function attentionBack(
  { width: D, heads, context: T }: AttentionShape,
  layout: Layout,
  weights: Floats,
  kept: KeptAttention,
  layer: number,
  dSum: Floats,
  gradient: Floats,
  make: Make,
): Floats {
  const { qkv, shares, taken } = kept;
  const N = dSum.length / D;
  const d = D / heads;
  const mix = tensorOf(layout, 'mix', layer)!.offset;
  multiplyOut(taken, dSum, gradient, mix, N, D, D);
  const dTaken = make(N * D);
  multiplyBack(dSum, weights, mix, dTaken, N, D, D);
  const dQkv = make(N * 3 * D);
  for (let n = 0; n < N; n++) {
    for (let head = 0; head < heads; head++) {
      const [query] = placesOf(n, head, D, d);
      const own = n * D + head * d;
      const first = n - (n % T);
      let mean = 0;
      for (let i = 0; i < d; i++) mean += dTaken[own + i] * taken[own + i];
      for (let j = 0; first + j <= n; j++) {
        const [, key, value] = placesOf(first + j, head, D, d);
        const share = shares[(n * heads + head) * T + j];
        let dShare = 0;
        for (let i = 0; i < d; i++) {
          dShare += dTaken[own + i] * qkv[value + i];
          dQkv[value + i] += share * dTaken[own + i];
        }
        const dScore = (share * (dShare - mean)) / Math.sqrt(d);
        for (let i = 0; i < d; i++) {
          dQkv[query + i] += dScore * qkv[key + i];
          dQkv[key + i] += dScore * qkv[query + i];
        }
      }
    }
  }
  const { offset } = tensorOf(layout, 'qkv', layer)!;
  multiplyOut(kept.h, dQkv, gradient, offset, N, D, 3 * D);
  const dh = make(N * D);
  multiplyBack(dQkv, weights, offset, dh, N, D, 3 * D);
  const dx = dSum.slice();
  const weight = tensorOf(layout, 'attention norm', layer)!.offset;
  normBack(dh, kept.x, kept.factor, weights, weight, dx, gradient, N, D);
  return dx;
}
