/** The sampler's draw at one position. */
import { CANDIDATES, type Sampling } from '../types.ts';

export interface Draw {
  readonly id: number;
  /** Likeliest at temperature 1, best first, ties to the lower id. [CANDIDATES] */
  readonly candidateIds: number[];
  readonly candidateProbabilities: number[];
}

/** u32 hash of (seed, position) → [0, 1). */
function uniform(seed: number, position: number): number {
  let x = (seed ^ Math.imul(position, 0x9e3779b9)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0;
  return ((x ^ (x >>> 15)) >>> 8) / 2 ** 24;
}

/** Draws the token of `position` from these logits [V]. */
export function sample(logits: Float64Array, sampling: Sampling, position: number): Draw {
  const order = Uint32Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  const largest = logits[order[0]];
  const sum = logits.reduce((total, x) => total + Math.exp(x - largest), 0);
  const candidateIds = Array.from(order.subarray(0, CANDIDATES));
  const candidateProbabilities = candidateIds.map((id) => Math.exp(logits[id] - largest) / sum);
  const { temperature, topK, topP, seed } = sampling;
  if (temperature === 0) return { id: order[0], candidateIds, candidateProbabilities };
  const kept = topK === 0 ? order : order.subarray(0, topK);
  const weights = Float64Array.from(kept, (id) => Math.exp((logits[id] - largest) / temperature));
  const all = weights.reduce((a, b) => a + b, 0);
  let count = 0;
  let mass = 0;
  while (count < kept.length && (count === 0 || mass < topP * all)) mass += weights[count++];
  const target = uniform(seed, position) * mass;
  let index = 0;
  for (let cumulated = weights[0]; index < count - 1 && cumulated <= target; cumulated += weights[index]) index++;
  return { id: kept[index], candidateIds, candidateProbabilities };
}
