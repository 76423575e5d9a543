/** Which kinds of text share experts. */
import type { KindLoad } from '../models/card.ts';

/** How much of their choices two kinds of text send to the same experts of a layer: Σ min(a, b), from 0 to 1. */
export const overlapOf = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, share, expert) => sum + Math.min(share, b[expert]), 0);

export interface Pair {
  readonly kinds: readonly [string, string];
  /** Mean over layers. */
  readonly overlap: number;
}

/** All pairs, those that share most first. */
export function pairsOf(kinds: readonly KindLoad[]): Pair[] {
  const pairs: Pair[] = [];
  for (const [i, a] of kinds.entries())
    for (const b of kinds.slice(i + 1)) {
      const layers = a.shares.map((shares, layer) => overlapOf(shares, b.shares[layer]));
      const overlap = layers.reduce((sum, each) => sum + each, 0) / layers.length;
      pairs.push({ kinds: [a.kind, b.kind], overlap });
    }
  return pairs.sort((a, b) => b.overlap - a.overlap);
}

export interface Split {
  /** Kinds that share most of their experts with each other. */
  readonly together: readonly string[];
  readonly within: readonly [number, number];
  /** Of every other pair. */
  readonly others: readonly [number, number];
}

/** Where the pairs part most clearly: the widest gap between neighbours in order; null where there is none to speak of. */
export function splitOf(pairs: readonly Pair[], least = 0.1): Split | null {
  let at = 0;
  for (let i = 1; i < pairs.length; i++)
    if (pairs[i - 1].overlap - pairs[i].overlap > (at ? pairs[at - 1].overlap - pairs[at].overlap : least)) at = i;
  if (at === 0) return null;
  const [close, apart] = [pairs.slice(0, at), pairs.slice(at)];
  const span = (list: readonly Pair[]) => [list[list.length - 1].overlap, list[0].overlap] as const;
  const together = [...new Set(close.flatMap(({ kinds }) => kinds))];
  // Only where every two of them are close is it one group.
  if (close.length !== (together.length * (together.length - 1)) / 2) return null;
  return { together, within: span(close), others: span(apart) };
}
