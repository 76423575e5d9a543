/** Two lists of next-token candidates side by side: each holds only the likeliest, so that some are known only to be less. */
import type { Expected, RunnerUp } from '../../worker/protocol.ts';
import type { Candidate } from '../text/trace-store.ts';

export interface Chance {
  readonly value: number;
  /** Not in the list: less than `value`, the smallest that is. */
  readonly below: boolean;
}

export interface Comparison {
  readonly text: string;
  readonly drawn: boolean;
  readonly base: Chance;
  readonly swapped: Chance | null;
}

/** Probabilities are NaN where a drawn token was too rare for the list. */
function chanceOf(text: string, list: readonly (Expected & { readonly drawn?: boolean })[]): Chance {
  const known = list.find((each) => each.text === text);
  if (known && !Number.isNaN(known.probability)) return { value: known.probability, below: false };
  // The last may be there because it was drawn, however rare it is: it bounds nothing.
  const likeliest = list.filter(({ drawn }, place) => !drawn || place < list.length - 1);
  const all = likeliest.map(({ probability }) => probability).filter((probability) => !Number.isNaN(probability));
  return { value: Math.min(1, ...all), below: true };
}

/**
 * The likeliest as it was, most first; always the one that was drawn, and the likeliest after the swap. At most `shown`.
 */
export function compared(candidates: readonly Candidate[], swap: RunnerUp | null, shown: number): Comparison[] {
  const base: readonly Expected[] = candidates.length ? candidates : (swap?.base ?? []);
  const drawn = candidates.find((candidate) => candidate.drawn)?.text ?? null;
  const must = [drawn, swap?.swapped[0]?.text ?? null].filter((text) => text !== null);
  const ranked = base.map(({ text }) => text);
  const kept = new Set<string>(must);
  for (const text of ranked) if (kept.size < shown) kept.add(text);
  const order = [...ranked.filter((text) => kept.has(text)), ...must.filter((text) => !ranked.includes(text))];
  return [...new Set(order)].map((text) => ({
    text,
    drawn: text === drawn,
    base: chanceOf(text, base),
    swapped: swap ? chanceOf(text, swap.swapped) : null,
  }));
}
