/** The way back through a block, by hand: no automatic differentiation. Checked against finite differences. */
import type { KeptBlock } from './forward.ts';
import { type BlockShape, type Layout, tensorOf } from './layout.ts';
import { multiplyBack, multiplyOut } from './products.ts';
import type { Floats, Make } from './weights.ts';

export interface StepOptions {
  /** Of the balancing loss E · Σ f·p̄ (Switch Transformer, arXiv:2101.03961), each layer's. */
  readonly aux: number;
  /** [L, E]: for ranking alone (DeepSeek-V3, arXiv:2412.19437). */
  readonly bias?: ArrayLike<number>;
}

/** dx += of y = x · factor · weight, where factor = 1 / rms(x). */
export function normBack(
  dy: Floats,
  x: Floats,
  factor: Floats,
  weights: Floats,
  offset: number,
  dx: Floats,
  gradient: Floats,
  N: number,
  D: number,
): void {
  for (let n = 0; n < N; n++) {
    let dot = 0;
    for (let d = 0; d < D; d++) {
      const i = n * D + d;
      dot += dy[i] * weights[offset + d] * x[i];
      gradient[offset + d] += dy[i] * x[i] * factor[n];
    }
    const pull = (factor[n] ** 3 * dot) / D;
    for (let d = 0; d < D; d++) dx[n * D + d] += factor[n] * dy[n * D + d] * weights[offset + d] - pull * x[n * D + d];
  }
}

export function balancingLoss(
  kept: KeptBlock,
  { experts: E, k }: BlockShape,
  layout: Layout,
  N: number,
  aux: number,
): number {
  if (kept.probabilities.length === 0) return 0;
  let sum = 0;
  for (let e = 0; e < E; e++) {
    let mean = 0;
    for (let n = 0; n < N; n++) mean += kept.probabilities[n * layout.gates + e] / N;
    sum += (kept.loads[e] / (N * k)) * mean;
  }
  return aux * E * sum;
}

/** From the gradient of what comes out to that of what went in. @param read as in the forward pass. */
export function blockBack(
  shape: BlockShape,
  layout: Layout,
  weights: Floats,
  read: Floats | null,
  kept: KeptBlock,
  layer: number,
  dOut: Floats,
  gradient: Floats,
  make: Make,
  aux: number,
): Floats {
  const { width: D, hidden: H, k } = shape;
  const N = dOut.length / D;
  const [up, down] = [tensorOf(layout, 'up', layer)!, tensorOf(layout, 'down', layer)!];
  const dh = make(N * D);
  const dActive = make(H);
  const dGateUp = make(2 * H);
  for (let slot = 0; slot < N * k; slot++) {
    const [n, expert, scale] = [Math.floor(slot / k), kept.experts[slot], kept.weights[slot]];
    const [upAt, downAt] = [up.offset + expert * D * 2 * H, down.offset + expert * H * D];
    dActive.fill(0);
    multiplyBack(dOut, weights, downAt, dActive, 1, H, D, { dyAt: n * D, scale });
    multiplyOut(kept.active, dOut, gradient, downAt, 1, H, D, { xAt: slot * H, dyAt: n * D, scale });
    for (let i = 0; i < H; i++) {
      const [gate, value] = [kept.gateUp[slot * 2 * H + i], kept.gateUp[slot * 2 * H + H + i]];
      const sigmoid = 1 / (1 + Math.exp(-gate));
      dGateUp[i] = dActive[i] * value * sigmoid * (1 + gate * (1 - sigmoid));
      dGateUp[H + i] = dActive[i] * gate * sigmoid;
    }
    multiplyBack(dGateUp, weights, upAt, dh, 1, D, 2 * H, { dxAt: n * D });
    multiplyOut(kept.h, dGateUp, gradient, upAt, 1, D, 2 * H, { xAt: n * D });
  }
  const router = tensorOf(layout, 'router', layer);
  if (router) {
    const dLogits = routerBack(shape, layout, kept, dOut, N, make, aux);
    multiplyOut(read ?? kept.h, dLogits, gradient, router.offset, N, layout.routed, layout.gates);
    if (!read) multiplyBack(dLogits, weights, router.offset, dh, N, D, layout.gates);
  }
  const dx = dOut.slice();
  normBack(dh, kept.x, kept.factor, weights, tensorOf(layout, 'norm', layer)!.offset, dx, gradient, N, D);
  return dx;
}

/** From the gates' gradient to the logits'. The choice of experts itself has none. */
function routerBack(
  { width: D, experts: E, k }: BlockShape,
  { gates }: Layout,
  kept: KeptBlock,
  dOut: Floats,
  N: number,
  make: Make,
  aux: number,
): Floats {
  const dLogits = make(N * gates);
  const dp = new Float64Array(E);
  const dw = new Float64Array(k);
  for (let n = 0; n < N; n++) {
    let [chosen, mean] = [0, 0];
    for (let j = 0; j < k; j++) {
      const slot = n * k + j;
      dw[j] = 0;
      for (let d = 0; d < D; d++) dw[j] += kept.y[slot * D + d] * dOut[n * D + d];
      chosen += kept.probabilities[n * gates + kept.experts[slot]];
      mean += kept.weights[slot] * dw[j];
    }
    for (let e = 0; e < E; e++) dp[e] = (aux * E * kept.loads[e]) / (N * k) / N;
    for (let j = 0; j < k; j++) dp[kept.experts[n * k + j]] += k > 1 ? (dw[j] - mean) / chosen : dw[j];
    let pull = 0;
    for (let e = 0; e < E; e++) pull += kept.probabilities[n * gates + e] * dp[e];
    for (let e = 0; e < E; e++) dLogits[n * gates + e] = kept.probabilities[n * gates + e] * (dp[e] - pull);
  }
  return dLogits;
}
