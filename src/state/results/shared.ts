/** Results that others measured: what is kept of a card, in public/results.json, one row each. */
import { fetchJson } from '../models/catalog.ts';
import type { What } from '../saves/history.ts';
import { once } from '../session/once.ts';
import type { Stamp } from '../session/stamp.ts';

/** A MoE, the dense block or model of its active size, and that of its total size. */
export const CONTENDERS = ['moe', 'same-active', 'same-total'] as const;
export type Contender = (typeof CONTENDERS)[number];

/** Milliseconds for one token, measured: median, half the interquartile range, number of samples. */
export interface SharedTime {
  readonly median: number;
  readonly spread: number;
  readonly samples: number;
}

/** As much of a result card as the table shows. */
export interface SharedResult extends Stamp {
  readonly what: What;
  /** As the browser names the adapter. */
  readonly device: string;
  /** A processor that plays GPU. */
  readonly software: boolean;
  readonly clock: 'timestamps' | 'wall';
  /** What was timed, with its number format. */
  readonly subject: string;
  /** For one token per step; null where it was not timed. */
  readonly times: Readonly<Record<Contender, SharedTime | null>>;
  /** Measured, bytes per second; null where the card has none. */
  readonly read: number | null;
  /** What a link has to say to repeat it. */
  readonly repeat: string;
}

/** GPUs first, software adapters after them; by name, the newest first. */
export const inOrder = (results: readonly SharedResult[]): SharedResult[] =>
  [...results].sort(
    (a, b) =>
      Number(a.software) - Number(b.software) ||
      a.device.localeCompare(b.device, 'en') ||
      a.what.localeCompare(b.what, 'en') ||
      b.date.localeCompare(a.date, 'en'),
  );

/** The table that lies beside the page; fetched once for all that show it. @throws Fault when it cannot be had */
export const fetchResults = once(async (): Promise<readonly SharedResult[]> => {
  const all = await fetchJson<readonly SharedResult[]>('results.json');
  if (Array.isArray(all) && all.every((each) => each?.times && typeof each.device === 'string')) return all;
  throw { code: 'network', message: 'The file “results.json” is damaged.', hint: '' };
});
