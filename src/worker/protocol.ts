/**
 * What crosses between the page and the engine's worker. Commands go through Comlink (`MoeService`); tokens and routing
 * come back over one transferred MessagePort (`StreamMessage` one way, `StreamAck` the other), batched per frame.
 */

import type { AbreastLane, AbreastProgress, AbreastRequest } from '../compare/abreastTypes.ts';
import type { ComparisonService } from '../compare/contract.ts';
import type { TuningSearch } from '../compare/tune.ts';
import type { DomainLoad, DomainLoss } from '../compare/types.ts';
import type { Routed } from '../engine/batch.ts';
import type { Intervention } from '../engine/interventions.ts';
import type { Change } from '../engine/trace.ts';
import type { TraceAbout, TracePiece } from '../engine/traceColumns.ts';
import type { EngineInfo, ModelInfo, ResidencyCounts, Sampling, TraceBatch } from '../engine/types.ts';
import type { ChatTemplate } from '../model/types.ts';
import type { PositionInspection, RewriteRequest, Rewritten, RunnerUp, TextEffect } from './effectTypes.ts';

export type * from '../compare/abreastTypes.ts';
export type * from '../compare/contract.ts';
export type * from '../compare/published.ts';
export type { SearchedFamily } from '../compare/search.ts';
export type { SteadyTime } from '../compare/timing.ts';
export type { TuningSearch } from '../compare/tune.ts';
export type { DomainLoad, DomainLoss, FlipRun, Flips, LineRequest, LineRun } from '../compare/types.ts';
export type * from './effectTypes.ts';

/** One entry of models/index.json. */
export interface ModelEntry {
  readonly id: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly title: string;
  readonly role: 'moe' | 'dense-active' | 'dense-total';
  readonly parameters: { readonly total: number; readonly active: number };
  readonly tokensSeen: number;
  /** Of held-out text, mean over its kinds, as shipped; from the card. */
  readonly bitsPerByte?: number;
  readonly card: string;
  /** Times of its block on a real GPU, for pages on machines that have none. */
  readonly reference?: ReferenceTimes;
}

/** Milliseconds of a token through the experts of all layers, measured elsewhere: median and spread. */
export interface ReferenceTimes {
  readonly device: string;
  /** ISO 8601, the day. */
  readonly date: string;
  readonly times: Readonly<Record<'moe' | 'same-total' | 'same-active', readonly [number, number]>>;
}

/** Errors as plain data: `message` is one clear sentence, `hint` the way out. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface Progress {
  readonly stage: 'device' | 'self-test' | 'download' | 'upload' | 'compile';
  /** Bytes for download and upload, steps otherwise. */
  readonly done: number;
  readonly total: number;
}

export interface KernelCheck {
  readonly kernel: string;
  readonly ok: boolean;
  /** Largest relative error against the CPU twin. */
  readonly error: number;
}

/** The engine that runs, its model in short, and what its kernels' self-test found. */
export interface Opened {
  readonly info: EngineInfo;
  readonly model: ModelInfo;
  /** How the file wants a conversation to be written; null where its model continues texts alone. */
  readonly chat: ChatTemplate | null;
  /** What is wrong with the file, a sentence each; it runs all the same. */
  readonly warnings: readonly string[];
  /** Names this adapter, browser and list of candidates, for what a search finds; null on the CPU. */
  readonly tuningKey: string | null;
  /** Experts of a layer that have room on the GPU, where not all of them are there. */
  readonly room?: number;
  /** Of one expert of a layer as a GPU holds it, mean over the layers that route; 0 in a dense model. */
  readonly expertBytes: number;
  readonly selfTest: { readonly milliseconds: number; readonly checks: readonly KernelCheck[] } | null;
  /** Set when WebGPU was there but could not be used: why the page runs on the CPU. */
  readonly fallbackReason: Fault | null;
}

export interface OpenRequest {
  /** URL of a GGUF file, absolute; of a split model that of any part, and the others lie beside it. */
  readonly url?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  /** A dropped or chosen file instead of a URL, or all parts of a split model. */
  readonly file?: Blob | readonly Blob[];
  /** Tunings that searches have found, by Opened.tuningKey; damaged and foreign ones are passed over. */
  readonly tuned?: Readonly<Record<string, unknown>>;
  /** auto: WebGPU when it works, else CPU. */
  readonly device: 'auto' | 'cpu';
  /** Experts of a layer that have room on the GPU at a time, at least as many as a token takes; all where there is no number. */
  readonly expertsOnGpu?: number;
}

/** Which experts are on the GPU, where it holds some of a layer's alone. */
export interface Residency extends ResidencyCounts {
  /** Of each layer, in ascending order; none in a layer that routes nothing. */
  readonly held: readonly (readonly number[])[];
  /** Those of each layer that have still to be fetched from a server. */
  readonly away: readonly (readonly number[])[];
  /** Of one expert of each layer on the GPU; 0 in a layer that routes nothing. */
  readonly expertBytes: readonly number[];
  /** What is wrong with weights that have been read so far, or with the copy of them. */
  readonly warning: string | null;
}

/** What is known of a file on a server. */
export interface Elsewhere {
  /** null where the server does not say. */
  readonly bytes: number | null;
  /** Bytes of it that are kept on this machine. */
  readonly here: number;
}

/** A file that is kept on this machine, or a part of it. */
export interface KeptCopy {
  readonly url: string;
  readonly bytes: number;
  readonly here: number;
  /** ISO 8601, when it was last opened. */
  readonly date: string;
  /** Of a split model, how many parts are kept in whole or in part, and how many there are; `bytes` is of those. */
  readonly parts: { readonly here: number; readonly of: number } | null;
}

export interface MemoryTrial {
  /** The GPU gave as much, for a moment. */
  readonly given: boolean;
  /** The largest buffer that a kernel here may see; no matrix may be larger. */
  readonly largestBuffer: number;
}

export interface GenerateRequest {
  /** Chosen by the page; stream messages carry it. */
  readonly run: number;
  /** Replaces the text so far; null continues where the last run stopped (after pause or for one more token). */
  readonly prompt: string | null;
  /** Control tokens that the prompt spells are read as such: it was written by a chat template. */
  readonly special?: boolean;
  readonly maxTokens: number;
  readonly sampling: Sampling;
}

/** A text as the page has it, for a worker that does not. */
export interface KeptText extends Routed {
  readonly ids: readonly number[];
  readonly promptTokens: number;
  readonly changes: readonly Change[];
  /** Those in force now. */
  readonly interventions: readonly Intervention[];
}

export interface RunEnd {
  readonly reason: 'eos' | 'length' | 'context' | 'cancelled';
  readonly generated: number;
  /** Wall-clock of the decode steps alone, and how many. */
  readonly decodeMilliseconds: number;
  readonly prefillMilliseconds: number;
  readonly promptTokens: number;
}

export interface StreamTokens {
  readonly type: 'tokens';
  readonly run: number;
  readonly batch: TraceBatch;
  /**
   * What each token of the batch adds to the text: empty while a character's bytes are incomplete, whole at the token
   * that completes it. Positions start at batch.position; the tokens drawn but not yet run arrive with the next batch.
   */
  readonly texts: readonly string[];
  /** The text of the last drawn token, which no batch has routed yet. */
  readonly pending: string;
  /** [T · CANDIDATES], only meaningful where sampled. */
  readonly candidateTexts: readonly string[];
  /** Where in the batch other interventions came into force. */
  readonly changes: readonly Change[];
  /** Time from the previous batch, measured in the worker. */
  readonly milliseconds: number;
}
/** The engine was lost in the middle and rebuilt: the text stands, generation goes on. */
export interface StreamNotice {
  readonly type: 'notice';
  readonly run: number;
  readonly fault: Fault;
  readonly info: EngineInfo;
}
export type StreamMessage = StreamTokens | StreamNotice;
/** Sent by the page for every StreamTokens it has taken; the worker holds back when more than a few are missing. */
export interface StreamAck {
  readonly type: 'ack';
  readonly run: number;
}

/** A trace file that was read: its pieces are asked for under its number. */
export interface ReadTrace {
  readonly number: number;
  readonly about: TraceAbout;
}

export interface MoeService extends ComparisonService {
  /** Asks the server for the first bytes of a file, or finds it whole on this machine. @throws network */
  look(url: string): Promise<Elsewhere>;
  kept(): Promise<KeptCopy[]>;
  forget(url: string): Promise<void>;
  /** Whether this GPU gives as many bytes now. @throws no-webgpu */
  tryMemory(bytes: number): Promise<MemoryTrial>;
  /** Takes the port that tokens will come over. Once. */
  connect(port: MessagePort): void;
  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<Opened>;
  /** Stops an open() in flight. */
  cancelOpen(): void;
  /** Resolves when the run ends; rejects with a Fault. */
  generate(request: GenerateRequest): Promise<RunEnd>;
  /** Stops the run in flight after the tokens already under way. */
  cancel(): void;
  /** As it is now, in the middle of a run too; null where all experts are where they are computed. */
  residency(): Promise<Residency | null>;
  /**
   * Gives a layer room for so many experts on the GPU (null: all) from the next token on, in the middle of a run too, and fetches
   * what a layer is likely to ask for with what the one before it lacks, or not. @throws no-webgpu, bad-input, out-of-memory
   */
  hold(experts: number | null, prefetch?: boolean): Promise<void>;
  /** Forgets the text. */
  reset(): Promise<void>;
  /** Goes on with this text: the last of its tokens is run again, and the one after it drawn again. */
  takeText(text: KeptText): Promise<void>;
  /**
   * Replaces the list of interventions, from the next pass on; works in the middle of a text, whose earlier positions
   * stay as they were written.
   */
  setInterventions(interventions: readonly Intervention[]): Promise<void>;
  /** Times the candidates of every family of kernels and goes on with the best of them. Needs WebGPU. */
  searchTuning(onProgress: (done: number, total: number) => void): Promise<TuningSearch>;
  /** Goes on with the default tuning. */
  forgetTuning(): Promise<void>;
  /** Routes the held-out text and returns who used which expert. */
  domainLoads(heldoutUrl: string, onProgress: (done: number, total: number) => void): Promise<DomainLoad[]>;
  /** Held-out loss per domain (null: of every domain) without and with `interventions`. */
  effectOnLoss(
    heldoutUrl: string,
    interventions: readonly Intervention[],
    domain: string | null,
    onProgress: (done: number, total: number) => void,
  ): Promise<DomainLoss[]>;
  /** Has several models write from one prompt, in turns. */
  writeAbreast(
    request: AbreastRequest,
    onProgress: (progress: AbreastProgress) => void,
  ): Promise<readonly AbreastLane[]>;
  /** How every layer took one position of the text, as it was run. */
  inspect(position: number): Promise<PositionInspection>;
  /** What follows a position, and with ranks k and k + 1 swapped there, in one layer or (null) in all. */
  runnerUp(position: number, layer: number | null): Promise<RunnerUp>;
  /** Next-token predictions over the text so far, without any interventions and with these. */
  effectOnText(
    interventions: readonly Intervention[],
    onProgress: (done: number, total: number) => void,
  ): Promise<TextEffect>;
  /**
   * Writes another text from the same beginning, or from another prompt, under these interventions. Seen from it the text
   * as it stands is the previous run, whose routing `frozen` keeps.
   */
  rewrite(request: RewriteRequest, onProgress: (done: number, total: number) => void): Promise<Rewritten>;
  /** Reads a trace file; `onProgress` is told how far it is, from 0 to 1, where that takes longer than a moment. */
  readTrace(from: Blob | string, onProgress: (done: number) => void): Promise<ReadTrace>;
  /** Positions [from, to) of the file that was read last; rejects with code 'cancelled' for another. */
  tracePiece(number: number, from: number, to: number): Promise<TracePiece>;
  /** Stops a reading, or forgets what was read. */
  dropTrace(): void;
  /** Stops a measurement in flight: it rejects with code 'cancelled'. */
  cancelMeasurement(): void;
  /** Test hook of the page's own fault drill: destroys the GPU device as if the system had taken it away. */
  loseDevice(): void;
  /** Stops everything and gives back memory and device. The last call. */
  close(): Promise<void>;
}
