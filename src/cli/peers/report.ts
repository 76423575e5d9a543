/** What a comparison with other engines finds, as `--json` writes it: plain data. */
import type { Summary } from '../../compare/timing.ts';
import type { Tuning } from '../../gpu/types.ts';
import type { Ratio, Report } from '../bench/report.ts';

export interface PeerRow {
  readonly peer: string;
  /** Milliseconds from values in memory to values in memory; null where there is a fault, or the result is wrong. */
  readonly time: Summary | null;
  /** Largest difference from the f64 reference, relative to its largest value, over some rows. */
  readonly error: number | null;
  readonly note: string;
}

export interface PeerConfig {
  readonly id: string;
  readonly what: string;
  readonly rows: readonly PeerRow[];
}

/** Whole models; tokens per second. */
export interface PeerModelRow {
  readonly peer: string;
  readonly ranOn: string;
  readonly prefill: Summary | null;
  readonly decode: Summary | null;
  readonly note: string;
}

export interface PeersReport {
  readonly moescopePeers: 1;
  readonly date: string;
  readonly host: Report['host'];
  readonly adapter: Pick<Report['adapter'], 'name' | 'software' | 'features'>;
  readonly tuning: Partial<Tuning>;
  readonly versions: Readonly<Record<string, string>>;
  readonly configs: readonly PeerConfig[];
  readonly model: { readonly what: string; readonly rows: readonly PeerModelRow[] } | null;
  readonly ratios: readonly Ratio[];
}
