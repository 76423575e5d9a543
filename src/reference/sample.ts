/** The sampler in f64. */
import { hash } from './hash.ts';

export interface SamplingChoice {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
}

/** (seed, position) → [0, 1), the same bits on CPU and GPU. */
export function uniform(seed: number, position: number): number {
  return (hash(seed ^ Math.imul(position, 0x9e3779b9)) >>> 8) / 2 ** 24;
}

/** Ids by logit, highest first, ties to the lower id; NaN counts as −∞. */
const descending = (logits: ArrayLike<number>): number[] => {
  const value = (id: number) => (Number.isNaN(logits[id]) ? -Infinity : logits[id]);
  return Array.from(logits, (_, id) => id).sort((a, b) => (value(a) === value(b) ? a - b : value(b) - value(a)));
};

/** exp((logit − highest) / temperature), 0 for NaN. */
const masses = (logits: ArrayLike<number>, ids: readonly number[], highest: number, temperature: number) =>
  ids.map((id) => Math.exp((logits[id] - highest) / temperature) || 0);

/** The token drawn for `position`, and how far the draw was from another outcome (in units of the mass kept). */
export function sample(
  logits: ArrayLike<number>,
  choice: SamplingChoice,
  position: number,
): { id: number; margin: number } {
  const { temperature, topK, topP, seed } = choice;
  const order = descending(logits);
  if (temperature === 0) return { id: order[0], margin: 1 };
  const kept = topK === 0 ? order : order.slice(0, topK);
  const mass = masses(logits, kept, logits[order[0]], temperature);
  const cumulated = mass.map(
    (
      (sum) => (value: number) =>
        (sum += value)
    )(0),
  );
  const all = cumulated[kept.length - 1];
  const cut = topP >= 1 ? kept.length - 1 : cumulated.findIndex((sum) => sum >= topP * all);
  const target = uniform(seed, position) * cumulated[cut];
  const index = Math.max(
    0,
    cumulated.findIndex((sum) => sum > target),
  );
  const nearest = (goal: number) => cumulated.reduce((least, sum) => Math.min(least, Math.abs(sum - goal)), all) / all;
  return { id: kept[index], margin: Math.min(nearest(target), topP < 1 ? nearest(topP * all) : 1) };
}

/** The likeliest tokens at temperature 1 over the whole vocabulary; one drawn from beyond them takes the last place. */
export function candidates(
  logits: ArrayLike<number>,
  count: number,
  drawn?: number,
): { ids: number[]; probabilities: number[] } {
  const order = descending(logits);
  const mass = masses(logits, order, logits[order[0]], 1);
  const total = mass.reduce((a, b) => a + b) || 1;
  const places = order.slice(0, count).map((_, place) => place);
  if (drawn !== undefined && order.indexOf(drawn) >= count) places[count - 1] = order.indexOf(drawn);
  return { ids: places.map((place) => order[place]), probabilities: places.map((place) => mass[place] / total) };
}
