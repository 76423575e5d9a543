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
