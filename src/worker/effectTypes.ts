/** What is asked about a text that stands, and what the answers are. */
import type { Intervention } from '../engine/interventions.ts';
import type { Inspection, Sampling, TraceBatch } from '../engine/types.ts';

/** How every layer took one position, and the biases on its logits, −Infinity for an expert that is off. [L, E] */
export interface PositionInspection extends Inspection {
  readonly biases: Float32Array;
}

/** A token that may come next, at temperature 1 over the whole vocabulary. */
export interface Expected {
  readonly text: string;
  readonly probability: number;
}

export interface RunnerUp {
  /** Likeliest first. */
  readonly base: readonly Expected[];
  readonly swapped: readonly Expected[];
  /** KL(base ‖ swapped) in nats, see compare/divergence.ts. */
  readonly kl: number;
}

export interface TextEffect {
  /** Of each position's next token, KL(without ‖ with) in nats. [T] */
  readonly kl: Float32Array;
  readonly mean: number;
  /** What may follow the last position, without and with. */
  readonly last: { readonly base: readonly Expected[]; readonly changed: readonly Expected[] };
}

export interface RewriteRequest {
  readonly interventions: readonly Intervention[];
  /** null: the prompt of the text as it stands. */
  readonly prompt: string | null;
  /** As in GenerateRequest. */
  readonly special?: boolean;
  readonly maxTokens: number;
  readonly sampling: Sampling;
}

/** A text beside the text, in one batch; fields as in StreamTokens. */
export interface Rewritten {
  readonly batch: TraceBatch;
  readonly texts: readonly string[];
  readonly pending: string;
  readonly candidateTexts: readonly string[];
  readonly promptTokens: number;
}
