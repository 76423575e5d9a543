/** What a comparison of two runs, and the proof by switching off, found. */
import type { Intervention } from '../../engine/interventions.ts';
import type { DomainLoss } from '../../worker/protocol.ts';
import type { TraceStore } from '../text/trace-store.ts';

export interface Proof {
  readonly domain: string;
  readonly title: string;
  /** The expert of each layer that the domain used most, with its share of the domain's slots there. */
  readonly experts: readonly { readonly layer: number; readonly expert: number; readonly share: number }[];
  /** Of a layer. */
  readonly chance: number;
  readonly losses: readonly DomainLoss[];
  readonly device: string;
}

export interface Plan {
  readonly name: string;
  readonly prompt: string;
  readonly interventions: readonly Intervention[];
}

export interface Run extends Plan {
  readonly trace: TraceStore;
  /** Per position, whether the token stands in both texts, in this order. */
  readonly inBoth: readonly boolean[];
}

export interface CellChange {
  readonly layer: number;
  readonly expert: number;
  /** Share of the layer's assignments in either run. */
  readonly first: number;
  readonly second: number;
}

export interface TwoRuns {
  readonly runs: readonly [Run, Run];
  readonly device: string;
  readonly seed: number;
  readonly maxTokens: number;
  /** Written tokens that are the same before the first that differs. */
  readonly sameAtFirst: number;
  /** Written tokens of the second run that stand in both. */
  readonly common: number;
  /** [L · E] in order of the wall. */
  readonly changes: readonly CellChange[];
}
