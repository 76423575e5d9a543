/** The trace file: what a run's router did, as JSON anybody can read. Documented in docs/trace.md. */
import { TextStream } from '../model/textStream.ts';
import type { Model } from '../model/types.ts';
import { concatBatches } from './batch.ts';
import type { Intervention } from './interventions.ts';
import { CANDIDATES, type EngineInfo, NO_EXPERT, NOT_SAMPLED, type Sampling, type TraceBatch } from './types.ts';

/** From this position on these interventions were in force, until the next change. */
export interface Change {
  readonly position: number;
  readonly interventions: readonly Intervention[];
}

type Rows<T> = readonly (readonly (readonly T[])[])[];

/** What a recording says of the model, which does not come with it. */
export interface ModelCard {
  readonly parameters: { readonly total: number; readonly active: number };
  /** Where its file is, or what that is called; missing where nobody knows. */
  readonly from?: string;
  readonly by?: string;
  readonly licence?: string;
}

export interface TraceFile {
  readonly format: 'moescope-trace';
  /** 1 had neither interventions nor logits, and K experts in every row. */
  readonly version: 1 | 2;
  readonly model: {
    readonly name: string;
    readonly architecture: string;
    readonly layers: number;
    readonly experts: number;
    readonly expertsPerToken: number;
  };
  /** Only in a recording. */
  readonly card?: ModelCard;
  readonly device: EngineInfo;
  /** ISO 8601. */
  readonly created: string;
  readonly sampling: Sampling | null;
  /** How many of `tokens` are the prompt's. */
  readonly promptTokens: number;
  /** By position, ascending. Missing, or before the first: none. */
  readonly interventions?: readonly Change[];
  /**
   * One per position, in order. `text` is what the token adds to the text: empty while a character's bytes are still
   * incomplete, whole at the token that completes it. `candidates` are the likeliest tokens to follow, best first.
   */
  readonly tokens: readonly {
    readonly id: number;
    readonly text: string;
    readonly candidates?: readonly { readonly text: string; readonly probability: number }[];
  }[];
  /** [T][L][experts that were used], most probable first. */
  readonly expertIds: Rows<number>;
  /** The factors those experts' outputs were combined with. */
  readonly gateWeights: Rows<number>;
  /** [T][L][E], the router's softmax, rounded to four digits; may be left out. */
  readonly probabilities?: Rows<number>;
  /** [T][L][E], the router's logits with biases, null for an expert that is off; may be left out. */
  readonly logits?: Rows<number | null>;
}

/** What a trace says of its run as a whole. */
export type TraceHead = Pick<TraceFile, 'model' | 'device' | 'sampling' | 'promptTokens'> & {
  readonly changes: readonly Change[];
};

/** A run position by position, however it is kept. */
export interface TraceRows {
  readonly count: number;
  id(position: number): number;
  text(position: number): string;
  /** Empty where nothing was drawn. One without a probability, drawn from beyond the likeliest, is left out. */
  candidates(position: number): readonly { readonly text: string; readonly probability: number }[];
  /** The experts used, most probable first. */
  experts(position: number, layer: number): readonly { readonly expert: number; readonly weight: number }[];
  /** null where they were not kept. */
  probabilities(position: number, layer: number): ArrayLike<number> | null;
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

/** The run as a trace file of today's date. Gate weights are rounded to six digits, probabilities to four. */
export function writeTrace({ changes, ...head }: TraceHead, rows: TraceRows): TraceFile {
  const positions = Array.from({ length: rows.count }, (_, t) => t);
  const byLayer = <T>(read: (t: number, layer: number) => readonly T[]) =>
    positions.map((t) => Array.from({ length: head.model.layers }, (_, layer) => read(t, layer)));
  const complete = rows.count > 0 && rows.probabilities(0, 0) !== null;
  return {
    format: 'moescope-trace',
    version: 2,
    ...head,
    created: new Date().toISOString(),
    ...(changes.length > 0 && { interventions: changes }),
    tokens: positions.map((t) => {
      const known = rows.candidates(t).filter(({ probability }) => Number.isFinite(probability));
      const candidates = known.map(({ text, probability }) => ({ text, probability: round(probability, 4) }));
      return { id: rows.id(t), text: rows.text(t), ...(candidates.length > 0 && { candidates }) };
    }),
    expertIds: byLayer((t, layer) => rows.experts(t, layer).map(({ expert }) => expert)),
    gateWeights: byLayer((t, layer) => rows.experts(t, layer).map(({ weight }) => round(weight, 6))),
    ...(complete && {
      probabilities: byLayer((t, layer) => Array.from(rows.probabilities(t, layer) ?? [], (p) => round(p, 4))),
    }),
  };
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

/** The run of an engine that was left alone, as a trace file. */
export function encodeTrace({ model, batches, ...run }: TracedRun): TraceFile {
  const { name, architecture, layers, experts, expertsPerToken } = model.config;
  const all = concatBatches(model.config, batches);
  const stream = new TextStream(model.tokenizer);
  const texts = Array.from(all.tokens, (id) => stream.push(id));
  const head = { ...run, model: { name, architecture, layers, experts, expertsPerToken }, changes: [] };
  return writeTrace(head, {
    count: all.count,
    id: (t) => all.tokens[t],
    text: (t) => texts[t],
    candidates: (t) =>
      Array.from({ length: all.sampled[t] === NOT_SAMPLED ? 0 : CANDIDATES }, (_, i) => ({
        text: model.tokenizer.label(all.candidateIds[t * CANDIDATES + i]),
        probability: all.candidateProbabilities[t * CANDIDATES + i],
      })),
    experts: (t, layer) =>
      Array.from({ length: all.slots }, (_, rank) => (t * layers + layer) * all.slots + rank)
        .filter((slot) => all.expertIds[slot] !== NO_EXPERT)
        .map((slot) => ({ expert: all.expertIds[slot], weight: all.gateWeights[slot] })),
    probabilities: (t, layer) => {
      const at = (t * layers + layer) * experts;
      return all.probabilities.subarray(at, at + experts);
    },
  });
}
