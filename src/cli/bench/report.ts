/** What the benchmark finds, as `--json` writes it: plain data, times in milliseconds. */
import type { Limits, Share, Work } from '../../compare/limits.ts';
import type { Summary } from '../../compare/timing.ts';
import type { TuningSearch } from '../../compare/tune.ts';
import type { Flips } from '../../compare/types.ts';
import type { Tuning } from '../../gpu/types.ts';

export interface Row {
  /** group/name, what --only is matched with. */
  readonly id: string;
  readonly what: string;
  /** Of one repetition, by the clock the report names; null where the result was wrong. */
  readonly time: Summary | null;
  /** The same by the wall clock, submit and wake-up included. */
  readonly wall: Summary | null;
  readonly repeats: number;
  readonly work: Work | null;
  readonly roofline: Share | null;
  /** Largest difference from the f64 reference, relative to its largest value; null where the row repeats a checked one. */
  readonly error: number | null;
}

export interface Group {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Whole models; tokens per second by the wall clock. */
export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly parameters: { readonly total: number; readonly active: number };
  readonly promptTokens: number;
  readonly drawnTokens: number;
  readonly prefill: Summary;
  readonly decode: Summary;
  readonly dispatchesPerToken: number;
  readonly submitsPerToken: number;
  /** Milliseconds that the program spends in WebGPU's functions for one token of decode: encoding and submitting. */
  readonly apiPerToken: Summary;
  /** Root mean square of the logits' difference from the f64 engine's, relative to theirs. */
  readonly error: number;
}

export interface Ratio {
  readonly what: string;
  /** Of medians. */
  readonly value: number;
  /** Of the quickest samples, which other work on the machine has disturbed least. */
  readonly quickest: number;
  /** The goal; null where the ratio is only told. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

/** Speed with all experts there that came on demand, by the speed of an engine that has had them from the start. */
export interface Budget {
  readonly promptTokens: number;
  readonly drawnTokens: number;
  /** Of the rounds' ratios. */
  readonly prefill: Summary;
  readonly decode: Summary;
}

export interface Memory {
  readonly what: string;
  readonly bytes: number;
}

export interface Report {
  readonly moescope: 1;
  readonly date: string;
  readonly quick: boolean;
  readonly host: { readonly runtime: 'browser' | 'node'; readonly version: string; readonly platform: string };
  readonly adapter: {
    readonly name: string;
    readonly software: boolean;
    /** Everything that the adapter says of itself, the driver's text among it. */
    readonly info: Readonly<Record<string, string | number | boolean>>;
    readonly features: readonly string[];
    readonly maxStorageBufferBindingSize: number;
  };
  readonly clock: 'timestamps' | 'wall';
  readonly tuning: Tuning;
  readonly search: TuningSearch | null;
  readonly limits: Limits;
  /** An empty submit and the news of its end. */
  readonly submit: Summary;
  readonly groups: readonly Group[];
  readonly models: readonly ModelRow[];
  /** This and the next: null where it was not asked for. */
  readonly flips: Flips | null;
  readonly budget: Budget | null;
  readonly ratios: readonly Ratio[];
  readonly memory: readonly Memory[];
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
}
