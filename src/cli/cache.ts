/** `--cache-of`: the simulated cache of experts over a trace, as a table. */
import { byChance, type Choices, POLICIES, type Policy, simulateAll, sizesOf } from '../compare/expertCache.ts';
import type { TraceFile } from '../engine/trace.ts';

export interface CacheRow extends Readonly<Record<Policy, number>> {
  /** Experts of a layer that are held. */
  readonly held: number;
  readonly chance: number;
  /** Experts fetched for a token, in all layers, by the least recently used. */
  readonly fetched: number;
}

/** Shares of hits, for caches from as few experts as a token needs to all of a layer. */
export function cacheTable({ model, expertIds }: Pick<TraceFile, 'model' | 'expertIds'>): CacheRow[] {
  const layers: Choices[] = Array.from({ length: model.layers }, (_, layer) => expertIds.map((token) => token[layer]));
  const tokens = Math.max(1, expertIds.length);
  return sizesOf(layers, model.experts).map((held) => {
    const counts = POLICIES.map((policy) => [policy, simulateAll(layers, held, policy)] as const);
    const shares = counts.map(([policy, { asked, hits }]) => [policy, asked ? hits / asked : 0] as const);
    const [, { asked, hits }] = counts[0];
    return {
      held,
      ...(Object.fromEntries(shares) as Record<Policy, number>),
      chance: byChance(held, model.experts),
      fetched: (asked - hits) / tokens,
    };
  });
}

const HEADS: Readonly<Record<Policy, string>> = {
  lru: 'least recent',
  lfu: 'least often',
  favourites: 'favourites',
  hindsight: 'hindsight',
};

export function cacheWords(rows: readonly CacheRow[]): string {
  const head = ['held', ...POLICIES.map((policy) => HEADS[policy]), 'by chance', 'fetched a token'];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const lines = rows.map((row) => [
    String(row.held),
    ...POLICIES.map((policy) => percent(row[policy])),
    percent(row.chance),
    row.fetched.toFixed(2),
  ]);
  const widths = head.map((words, i) => Math.max(words.length, ...lines.map((line) => line[i].length)));
  return [head, ...lines].map((line) => `${line.map((words, i) => words.padStart(widths[i])).join('  ')}\n`).join('');
}
