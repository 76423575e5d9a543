/** The block: RMSNorm → router → top-k → SwiGLU experts, to be added to what came in. */
import { type BlockShape, type Layout, tensorOf } from './layout.ts';
import { multiply } from './products.ts';
import type { Floats, Make } from './weights.ts';

export const EPSILON = 1e-5;

/** What a block keeps for the way back. Slot n·k + j is the j-th choice of row n. */
export interface KeptBlock {
  /** [N, D]: what came in, and normed. */
  readonly x: Floats;
  readonly h: Floats;
  /** [N]: 1 / rms of x. */
  readonly factor: Floats;
  /** [N, E padded]: the router's probabilities; empty without a router. */
  readonly probabilities: Floats;
  /** [N·k] */
  readonly experts: Uint16Array;
  readonly weights: Floats;
  /** [N·k, 2H], [N·k, H], [N·k, D] */
  readonly gateUp: Floats;
  readonly active: Floats;
  readonly y: Floats;
  /** [E]: slots of each. */
  readonly loads: Uint32Array;
}

export interface Choice {
  /** [L, E]: added to the probabilities for ranking alone. */
  readonly bias?: ArrayLike<number>;
  /** Experts that must not be chosen, as layer · E + expert. */
  readonly off?: ReadonlySet<number>;
}

/** Key of an expert that is switched off: below every probability and bias. */
const OFF = -1e9;

export function norm(x: Floats, weights: Floats, offset: number, N: number, D: number, make: Make) {
  const h = make(N * D);
  const factor = make(N);
  for (let n = 0; n < N; n++) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += x[n * D + d] * x[n * D + d];
    factor[n] = 1 / Math.sqrt(sum / D + EPSILON);
    for (let d = 0; d < D; d++) h[n * D + d] = x[n * D + d] * factor[n] * weights[offset + d];
  }
  return { h, factor };
}

/** @param read what the router reads; null: what the experts read. */
export function blockForward(
  shape: BlockShape,
  layout: Layout,
  weights: Floats,
  x: Floats,
  read: Floats | null,
  layer: number,
  make: Make,
  choice: Choice,
): KeptBlock {
  const { width: D, hidden: H, experts: E, k } = shape;
  const N = x.length / D;
  const { h, factor } = norm(x, weights, tensorOf(layout, 'norm', layer)!.offset, N, D, make);
  const router = tensorOf(layout, 'router', layer);
  const probabilities = make(router ? N * layout.gates : 0);
  const experts = new Uint16Array(N * k);
  const gates = make(N * k).fill(1);
  if (router) {
    multiply(read ?? h, weights, router.offset, probabilities, N, layout.routed, layout.gates);
    for (let n = 0; n < N; n++) choose(n, shape, layout, layer, probabilities, experts, gates, choice);
  }
  const [up, down] = [tensorOf(layout, 'up', layer)!, tensorOf(layout, 'down', layer)!];
  const gateUp = make(N * k * 2 * H);
  const active = make(N * k * H);
  const y = make(N * k * D);
  const loads = new Uint32Array(E);
  for (let slot = 0; slot < N * k; slot++) {
    const expert = experts[slot];
    loads[expert]++;
    const [token, base] = [Math.floor(slot / k), slot * 2 * H];
    multiply(h, weights, up.offset + expert * D * 2 * H, gateUp, 1, D, 2 * H, token * D, base);
    for (let i = 0; i < H; i++) {
      const gate = gateUp[base + i];
      active[slot * H + i] = (gate / (1 + Math.exp(-gate))) * gateUp[base + H + i];
    }
    multiply(active, weights, down.offset + expert * H * D, y, 1, H, D, slot * H, slot * D);
  }
  return { x, h, factor, probabilities, experts, weights: gates, gateUp, active, y, loads };
}

/** Softmax in place, then the k highest; a tie goes to the lower index. With k > 1 their weights are divided by their sum. */
function choose(
  n: number,
  { experts: E, k }: BlockShape,
  { gates }: Layout,
  layer: number,
  probabilities: Floats,
  experts: Uint16Array,
  weights: Floats,
  { bias, off }: Choice,
): void {
  const base = n * gates;
  let most = Number.NEGATIVE_INFINITY;
  for (let e = 0; e < E; e++) most = Math.max(most, probabilities[base + e]);
  let total = 0;
  for (let e = 0; e < E; e++) total += Math.exp(probabilities[base + e] - most);
  for (let e = 0; e < gates; e++)
    probabilities[base + e] = e < E ? Math.exp(probabilities[base + e] - most) / total : 0;
  let [lastKey, last, sum] = [Number.POSITIVE_INFINITY, -1, 0];
  for (let j = 0; j < k; j++) {
    let [bestKey, best] = [Number.NEGATIVE_INFINITY, 0];
    for (let e = 0; e < E; e++) {
      const cell = layer * E + e;
      const key = off?.has(cell) ? OFF : probabilities[base + e] + (bias?.[cell] ?? 0);
      const after = key < lastKey || (key === lastKey && e > last);
      if (after && key > bestKey) [bestKey, best] = [key, e];
    }
    [lastKey, last] = [bestKey, best];
    experts[n * k + j] = best;
    weights[n * k + j] = probabilities[base + best];
    sum += probabilities[base + best];
  }
  if (k > 1) for (let j = 0; j < k; j++) weights[n * k + j] /= sum;
}

/** x + Σ_j weight_j · y_j, in the order of j. */
export function addUp({ y, weights }: KeptBlock, x: Floats, { width: D, k }: BlockShape, make: Make): Floats {
  const sum = make(x.length);
  for (let i = 0; i < x.length; i++) {
    const n = Math.floor(i / D);
    let value = x[i];
    for (let j = 0; j < k; j++) value += weights[n * k + j] * y[(n * k + j) * D + (i % D)];
    sum[i] = value;
  }
  return sum;
}
