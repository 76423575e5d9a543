/**
 * What the page asks to be measured about "what does it save?", and what it gets: plain data. Every time says how it was
 * taken; everything that is not a time is computed, with its formula in costModel.ts.
 */
import type { EngineInfo } from '../engine/types.ts';
import type { BlockKind, BlockShape } from './costModel.ts';
import type { Limits, Share } from './limits.ts';
import type { PublishedModel } from './published.ts';
import type { SteadyTime } from './timing.ts';
import type { Flips, LineRequest, LineRun } from './types.ts';

/** One bar: the MoE block or a dense twin of it, for a step of N tokens. */
export interface SweepRow {
  readonly kind: BlockKind;
  /** Which kernels were quicker here and were taken: decode's for few tokens, or prefill's for many. */
  readonly path: 'few' | 'many';
  /** Measured: one layer's block for the whole step. */
  readonly time: SteadyTime;
  /** Computed, of the whole step. */
  readonly flops: number;
  readonly bytesHeld: number;
  readonly bytesRead: number;
  /** How much of what this machine can do; limits measured in the same run. */
  readonly roofline: Share;
}

/** `up` is gate + up + activation. Few tokens take decode's kernels, which need no plan and combine inside `down`. */
export type SegmentName = 'route' | 'plan' | 'up' | 'down' | 'combine' | 'shared';

export interface Segment {
  readonly name: SegmentName;
  /** Measured alone, so the segments need not add up to the block exactly. */
  readonly time: SteadyTime;
}

/** Experts that a step of N tokens needs. */
export interface Touched {
  /** E·(1 − (1 − K/E)^N): each token picks K of E at random. */
  readonly predicted: number;
  /** Mean over layers and windows of N consecutive tokens of held-out text; null where no text is as long. */
  readonly measured: number | null;
  readonly windows: number;
}

export interface SweepPoint {
  /** N: tokens per step; 1 is decode. */
  readonly tokens: number;
  /** The MoE as `moe` and `all-on`, and the dense twins. */
  readonly rows: readonly SweepRow[];
  /** Of `moe`. */
  readonly segments: readonly Segment[];
  readonly touched: Touched;
  /** Bytes of weights that `moe` reads with the experts really touched; null where that is not known. */
  readonly bytesReadMeasured: number | null;
}

/** Where the MoE stops being cheaper than a twin, or starts to be, between two neighbouring batch sizes. */
export interface Crossing {
  readonly quantity: 'time' | 'bytesRead';
  readonly against: 'same-active' | 'same-total' | 'all-on';
  /** Interpolated linearly in log N and log of the ratio. */
  readonly tokens: number;
  /** What the MoE is on larger batches. */
  readonly then: 'cheaper' | 'dearer';
}

export interface Method {
  readonly clock: 'timestamps' | 'wall';
  /** Samples of each time; five at most where a single repetition is slow. */
  readonly rounds: number;
  /** A sample lasts at least this long. */
  readonly sampleMilliseconds: number;
  /** Storage format of the weights, and how many layers' weights the repeats cycle through (two above 32 tokens). */
  readonly weights: string;
  readonly layers: number;
  /** Samples thrown away and taken again because the tab was hidden meanwhile. */
  readonly discarded: number;
}

export interface SweepRequest {
  /** Ascending, each from 1 to 512. */
  readonly tokens: readonly number[];
  /** Text to count touched experts on; absolute. Without it only the prediction is given. */
  readonly heldoutUrl?: string;
}

export interface Sweep {
  readonly info: EngineInfo;
  readonly shape: BlockShape;
  readonly limits: Limits;
  readonly points: readonly SweepPoint[];
  readonly crossings: readonly Crossing[];
  /** Why larger steps are missing: one sentence; null when none is. */
  readonly lost: string | null;
  readonly method: Method;
}

/** A shipped model that readQuality() opens beside the one on screen. */
export interface QualityModel {
  readonly id: string;
  readonly title: string;
  readonly role: 'moe' | 'dense-active' | 'dense-total';
  /** Absolute. */
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly tokensSeen: number;
}

export interface QualityRequest {
  readonly models: readonly QualityModel[];
  /** Experts per token to read the MoE with; its own K is always among them. */
  readonly ks: readonly number[];
  readonly heldoutUrl: string;
  /** Read beside the held-out text, as domain `pasted`; cut to the model's context where it is longer. */
  readonly text?: string;
}

export interface QualityReading {
  readonly domain: string;
  readonly title: string;
  /** Nats per token. */
  readonly nats: number;
  readonly bitsPerByte: number;
  readonly tokens: number;
  readonly bytes: number;
}

/** A point of loss against time: one model, and for the MoE one k. */
export interface QualityPoint {
  readonly model: { readonly id: string; readonly title: string; readonly role: QualityModel['role'] };
  readonly tokensSeen: number;
  /** Experts per token; null for a dense model. */
  readonly k: number | null;
  /** The k that the model was trained with. */
  readonly trained: boolean;
  /** Over all held-out domains together. */
  readonly heldout: QualityReading;
  readonly domains: readonly QualityReading[];
  readonly pasted: QualityReading | null;
  /** Tokens at the end of the pasted text that are beyond the model's context, and were not read. */
  readonly leftOut: number;
  /** Measured: milliseconds per token while writing, wall clock, the models taking turns. null until it was. */
  readonly time: SteadyTime | null;
  /** Computed, per token: two for each parameter that a token is multiplied with. */
  readonly flops: number;
  /** Computed: bytes of weights that one decode step reads. */
  readonly bytesRead: number;
  readonly info: EngineInfo;
}

/** Fetching counts bytes of all models together. */
export interface QualityProgress {
  readonly step: 'fetching' | 'reading' | 'timing';
  readonly done: number;
  readonly total: number;
  /** All that is known so far, where that is more than before. */
  readonly soFar?: Quality;
}

/** A model that still reads, and the kinds of text that it is through with. */
export type QualityReader = Pick<QualityPoint, 'model' | 'tokensSeen' | 'k' | 'domains'>;

export interface Quality {
  /** Who has read everything. */
  readonly points: readonly QualityPoint[];
  /** null when all have. */
  readonly reader: QualityReader | null;
  /** Tokens of a sample of `time`. */
  readonly tokensPerSample: number;
  readonly discarded: number;
}

export interface ParameterCount {
  /** Computed from the shapes (parameters.ts). */
  readonly total: number;
  /** Counted as most papers do: all but the experts that a token does not use. */
  readonly active: number;
  /** Those that a token is multiplied with: `active` without the embedding, which is only looked up. */
  readonly multiplied: number;
}

/** A published model as the page shows it before anything is measured. */
export interface PublishedFacts {
  readonly model: PublishedModel;
  readonly parameters: ParameterCount;
  /** Per token: 2 · multiplied; attention's products with the context are left out. */
  readonly flopsPerToken: number;
  /** Of the whole model's weights, by storage format. */
  readonly bytes: Readonly<Record<Precision, number>>;
}

/** Storage formats that a published layer can be timed in; int4 is q4_0: blocks of 32 with an f16 scale. */
export type Precision = 'q4_0' | 'q8_0' | 'f16';

/** A part of a layer: fewer experts, or narrower ones. */
export interface Slice {
  readonly experts: number;
  readonly expertHidden: number;
}

export interface ProbeRequest {
  readonly id: string;
  readonly precision: Precision;
}

/** Said before anything is allocated, and then tried out. */
export interface Probe {
  /** The whole layer can be had here. */
  readonly fits: boolean;
  /** Why not: one sentence; null when it fits. */
  readonly reason: string | null;
  readonly bytesNeeded: {
    /** The largest single buffer, which has to stay under both limits. */
    readonly largestBuffer: number;
    /** All buffers that timing the layer and its twins takes. */
    readonly layer: number;
    /** The whole model's weights: what it would take to run it. */
    readonly model: number;
  };
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
  /**
   * The most experts that fit at their true width, or narrower where not even the fewest do; really allocated for a moment.
   * null when nothing does.
   */
  readonly largestSlice: Slice | null;
}

export interface LayerRequest {
  readonly id: string;
  readonly precision: Precision;
  /** Else the whole layer. */
  readonly slice?: Slice;
  /** Tokens of the prefill; 128 when left out. */
  readonly prefillTokens?: number;
}

/** One MoE layer against its twins for steps of `tokens`, and with all experts on for one token; random weights and input. */
export interface LayerStep {
  readonly tokens: number;
  readonly rows: readonly SweepRow[];
  readonly segments: readonly Segment[];
  readonly touched: Touched;
}

export interface LayerTiming {
  readonly info: EngineInfo;
  readonly id: string;
  /** The model's. */
  readonly name: string;
  readonly precision: Precision;
  /** null: the whole layer. Else what was timed is a part of it, and the whole model's time is not computed. */
  readonly slice: Slice | null;
  readonly shape: BlockShape;
  readonly decode: LayerStep;
  /** null where it could not be measured any more: see `lost`. */
  readonly prefill: LayerStep | null;
  /** Why something is missing: one sentence. */
  readonly lost: string | null;
  readonly limits: Limits;
  /**
   * Computed: the whole model's time per decoded token = MoE layers · time of the layer + bytes of all its other weights
   * read per token / measured read bandwidth. Attention's reading of the KV cache is left out. null for a slice.
   */
  readonly wholeModel: {
    readonly milliseconds: number;
    readonly moeLayers: number;
    readonly otherBytes: number;
    /** Weights alone. */
    readonly bytesNeeded: number;
  } | null;
  readonly method: Method;
}

type OnCount = (done: number, total: number) => void;

/** What MoeService takes over, method by method. */
export interface ComparisonService {
  /** What this machine can do; measured once for a device. */
  limits(onProgress: OnCount): Promise<Limits>;
  sweep(request: SweepRequest, onProgress: OnCount): Promise<Sweep>;
  readQuality(request: QualityRequest, onProgress: (progress: QualityProgress) => void): Promise<Quality>;
  probe(request: ProbeRequest): Promise<Probe>;
  publishedLayer(request: LayerRequest, onProgress: OnCount): Promise<LayerTiming>;
  /** Of the open model, on the beginning of each kind of held-out text. */
  flips(heldoutUrl: string, onProgress: OnCount): Promise<Flips>;
  /** Models of the list beside the open one, each fetched as over a line of so many bytes a second, and then writing. */
  overLine(request: LineRequest, onProgress: (runs: readonly LineRun[]) => void): Promise<LineRun[]>;
  /** Told by the page: what is timed in a hidden tab is thrown away and taken again. */
  setHidden(hidden: boolean): void;
}
