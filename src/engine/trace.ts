/** The trace file: what a run's router did, as JSON anybody can read. Documented in docs/trace.md. */
import { TextStream } from '../model/textStream.ts';
import type { Model } from '../model/types.ts';
import { concatBatches } from './batch.ts';
import { CANDIDATES, type EngineInfo, NOT_SAMPLED, type Sampling, type TraceBatch } from './types.ts';

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

/** A run to be written down: its batches follow each other from position 0 on. */
export interface TracedRun {
  readonly model: Model;
  readonly device: EngineInfo;
  /** null where nothing was drawn. */
  readonly sampling: Sampling | null;
  readonly promptTokens: number;
  readonly batches: readonly TraceBatch[];
}

const round = (digits: number) => (value: number) => Number(value.toFixed(digits));

/** [T, L, width] as it lies in a batch → nested arrays. */
function nest(flat: ArrayLike<number>, count: number, layers: number, width: number, write: (x: number) => number) {
  const row = (at: number) => Array.from({ length: width }, (_, i) => write(flat[at + i]));
  return Array.from({ length: count }, (_, t) =>
    Array.from({ length: layers }, (_, layer) => row((t * layers + layer) * width)),
  );
}

/** The run as a trace file. Gate weights are rounded to six digits, probabilities to four. */
export function encodeTrace({ model, device, sampling, promptTokens, batches }: TracedRun): TraceFile {
  const { name, architecture, layers, experts, expertsPerToken } = model.config;
  const all = concatBatches(model.config, batches);
  const stream = new TextStream(model.tokenizer);
  const candidatesAt = (t: number) =>
    Array.from({ length: CANDIDATES }, (_, i) => ({
      text: model.tokenizer.label(all.candidateIds[t * CANDIDATES + i]),
      probability: round(4)(all.candidateProbabilities[t * CANDIDATES + i]),
    }));
  return {
    format: 'moescope-trace',
    version: 1,
    model: { name, architecture, layers, experts, expertsPerToken },
    device,
    created: new Date().toISOString(),
    sampling,
    promptTokens,
    tokens: Array.from(all.tokens, (id, t) => ({
      id,
      text: stream.push(id),
      ...(all.sampled[t] !== NOT_SAMPLED && { candidates: candidatesAt(t) }),
    })),
    expertIds: nest(all.expertIds, all.count, layers, expertsPerToken, (id) => id),
    gateWeights: nest(all.gateWeights, all.count, layers, expertsPerToken, round(6)),
    probabilities: nest(all.probabilities, all.count, layers, experts, round(4)),
  };
}
