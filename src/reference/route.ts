/** The router in f64: RMSNorm, logits, softmax over all experts, top-k. */
import { matmul, rmsNorm } from './linear.ts';

export interface RouteParameters {
  readonly width: number;
  readonly experts: number;
  readonly k: number;
  readonly normaliseGates: boolean;
  /** null: no RMSNorm, h = x · normWeight. */
  readonly epsilon: number | null;
}

export interface Routing {
  readonly h: Float64Array; // [T, D]
  readonly ids: Uint32Array; // [T, K], most probable first
  readonly weights: Float64Array; // [T, K]
  readonly probabilities: Float64Array; // [T, E]
}

export function route(
  { width, experts, k, normaliseGates, epsilon }: RouteParameters,
  x: Float64Array,
  normWeight: Float64Array,
  router: Float64Array,
  bias: ArrayLike<number>,
): Routing {
  const tokens = x.length / width;
  const h = epsilon === null ? x.map((value, i) => value * normWeight[i % width]) : rmsNorm(x, normWeight, epsilon);
  const scores = matmul(h, router, width);
  const ids = new Uint32Array(tokens * k);
  const weights = new Float64Array(tokens * k);
  const probabilities = new Float64Array(tokens * experts);
  for (let t = 0; t < tokens; t++) {
    const logits = Array.from(bias, (b, e) => (b <= -1e30 ? -Infinity : notNaN(scores[t * experts + e] + b)));
    const highest = Math.max(...logits, -1e30);
    const numerators = logits.map((logit) => Math.exp(logit - highest));
    const total = numerators.reduce((a, b) => a + b) || 1;
    const p = numerators.map((numerator) => numerator / total);
    probabilities.set(p, t * experts);
    const chosen = topK(logits, k);
    ids.set(chosen, t * k);
    const sum = normaliseGates
      ? Math.max(
          chosen.reduce((s, e) => s + p[e], 0),
          2 ** -14,
        )
      : 1;
    for (let j = 0; j < k; j++) weights[t * k + j] = p[chosen[j]] / sum;
  }
  return { h, ids, weights, probabilities };
}

/** Indices of the k highest, best first; ties go to the lower index. */
const topK = (values: readonly number[], k: number): number[] =>
  values
    .map((_, index) => index)
    .sort((a, b) => (values[a] === values[b] ? a - b : values[b] > values[a] ? 1 : -1))
    .slice(0, k);

/** A logit that is not a number counts as 0, and none is infinite, so that all that follows is finite. */
const notNaN = (logit: number) => (Number.isNaN(logit) ? 0 : Math.max(-1e30, Math.min(1e30, logit)));
