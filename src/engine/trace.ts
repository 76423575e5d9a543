/** The trace file: what a run's router did, as JSON anybody can read. Documented in docs/trace.md. */
import type { EngineInfo, Sampling } from './types.ts';

export interface TraceFile {
  readonly format: 'moescope-trace';
  readonly version: 1;
  readonly model: {
    readonly name: string;
    readonly architecture: string;
    readonly layers: number;
    readonly experts: number;
    readonly expertsPerToken: number;
  };
  readonly device: EngineInfo;
  /** ISO 8601. */
  readonly created: string;
  readonly sampling: Sampling | null;
  /** How many of `tokens` are the prompt's. */
  readonly promptTokens: number;
  /**
   * One per position, in order. `text` is what the token adds to the text: empty while a character's bytes are still
   * incomplete, whole at the token that completes it. `candidates` are the likeliest tokens to follow, best first.
   */
  readonly tokens: readonly {
    readonly id: number;
    readonly text: string;
    readonly candidates?: readonly { readonly text: string; readonly probability: number }[];
  }[];
  /** [T][L][K], most probable first. */
  readonly expertIds: readonly (readonly (readonly number[])[])[];
  /** [T][L][K], the factors the experts' outputs were combined with. */
  readonly gateWeights: readonly (readonly (readonly number[])[])[];
  /** [T][L][E], the router's softmax, rounded to four digits; may be left out. */
  readonly probabilities?: readonly (readonly (readonly number[])[])[];
}
