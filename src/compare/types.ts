/** Results of measurements, as the page prints them. */
import type { EngineInfo } from '../engine/types.ts';
import type { BlockKind } from './costModel.ts';
import type { Summary } from './timing.ts';

/** One row of the comparison: the model's FFN shape run as MoE or as one of its dense twins. */
export interface BlockRow {
  readonly kind: BlockKind;
  /** Milliseconds per token of one layer's block, measured. */
  readonly time: Summary;
  /** Computed (costModel.ts). */
  readonly flops: number;
  readonly bytesHeld: number;
  readonly bytesRead: number;
}

export interface BlockComparison {
  readonly info: EngineInfo;
  /** Tokens per step: 1 is decode. */
  readonly tokens: number;
  readonly rows: readonly BlockRow[];
  readonly method: {
    readonly clock: 'timestamps' | 'wall';
    /** Blocks that one sample runs through, for the quickest and the slowest row. */
    readonly repeats: readonly [number, number];
    /** Storage format of the expert matrices, and how many layers' weights the repeats cycle through. */
    readonly weights: string;
    readonly layers: number;
  };
}

/** Held-out loss of one domain, without and with interventions, on the same tokens. */
export interface DomainLoss {
  readonly domain: string;
  readonly title: string;
  /** Nats per token. */
  readonly before: number;
  readonly after: number;
  readonly tokens: number;
  /** From the same sums. */
  readonly bitsPerByteBefore: number;
  readonly bitsPerByteAfter: number;
}

/** load[layer][expert]: share of a domain's slots; sums to 1 per layer. */
export interface DomainLoad {
  readonly domain: string;
  readonly title: string;
  /** (Token, expert) pairs of each layer: k times the tokens that were read. */
  readonly assignments: number;
  readonly load: readonly (readonly number[])[];
}

/** Decisions of routers whose margin p(k) − p(k + 1) is less than `below`, and not less than the bucket's before. */
export interface FlipBucket {
  readonly below: number;
  readonly decisions: number;
  /** Where another set of experts was chosen. */
  readonly flips: number;
}

export interface FlipCount {
  readonly decisions: number;
  readonly flips: number;
  readonly buckets: readonly FlipBucket[];
}

/**
 * The reference is float64 all through, with the values of the file. In `f32` every activation between two steps is rounded,
 * in `f16 cache` keys and values are, in `q8_0` and `q4_0` the experts' weights; `device` is the engine that runs.
 */
export interface FlipRun extends FlipCount {
  readonly run: 'f32' | 'f16 cache' | 'q8_0' | 'q4_0' | 'device';
  /** Of the experts' weights, √(Σ change² / Σ value²); null where they stay. */
  readonly change: number | null;
}

export interface Flips {
  readonly tokens: number;
  /** In which the file has its experts. */
  readonly types: readonly string[];
  readonly runs: readonly FlipRun[];
}

/** A file of the list. */
export interface LineModel {
  readonly id: string;
  /** Absolute. */
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface LineRequest {
  readonly models: readonly LineModel[];
  readonly bytesPerSecond: number;
  readonly prompt: string;
  /** Experts of a layer that have room on the GPU. */
  readonly entries: number;
}

/** A model that is fetched and written with, as far as it has come. */
export interface LineRun {
  readonly id: string;
  /** That have come, of the whole file. */
  readonly bytes: number;
  readonly total: number;
  /** What the GPU's buffers take: weights, keys and values, scratch. */
  readonly held: number;
  /** Experts of a layer that have room; null where all of the model is there. */
  readonly entries: number | null;
  /** When so many tokens had been drawn, and how much was here then. */
  readonly written: readonly { readonly tokens: number; readonly milliseconds: number; readonly bytes: number }[];
}
