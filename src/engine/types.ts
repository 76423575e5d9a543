/** The one interface behind which the WebGPU engine and the CPU engine run the same model. */
import type { Model } from '../model/types.ts';
import type { RouterControl } from '../reference/route.ts';

export interface Sampling {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Keep the k most likely tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the smallest set whose probabilities reach p; 1 keeps all. */
  readonly topP: number;
  /** u32. The draw at a position depends on seed and position alone, so pausing changes nothing. */
  readonly seed: number;
}

/** How many next-token candidates a trace carries. */
export const CANDIDATES = 8;
/** How the token that ends a text is written where its word would stand: U+0003 is just that, and no text holds it. */
export const END_OF_TEXT = '\u0003';

/** `sampled` where nothing was drawn (all prompt positions but the last). */
export const NOT_SAMPLED = 0xffffffff;

/**
 * What happened at `count` consecutive positions from `position` on. Struct of arrays, transferable, row-major.
 * For a dense model (no router) experts = 1: ids are 0, weights and probabilities 1.
 */
export interface TraceBatch {
  readonly position: number;
  readonly count: number;
  /** S: places for experts per token and layer; at least as many as any token of the batch used. */
  readonly slots: number;
  /** The token that went in at each position. [T] */
  readonly tokens: Uint32Array;
  /** RoutingPlan.revision of the plan in force. [T] */
  readonly revisions: Uint32Array;
  /** The token drawn to follow it. [T] */
  readonly sampled: Uint32Array;
  /** Chosen experts, most probable first, then NO_EXPERT. [T, L, S] */
  readonly expertIds: Uint16Array;
  /** The factor each chosen expert's output was combined with; 0 in unused slots. [T, L, S] */
  readonly gateWeights: Float32Array;
  /** Router softmax over all experts. [T, L, E] */
  readonly probabilities: Float32Array;
  /** Most likely next tokens at temperature 1 before top-k/top-p, best first; one drawn from beyond them takes the last place. Only where sampled. [T, CANDIDATES] */
  readonly candidateIds: Uint32Array;
  readonly candidateProbabilities: Float32Array;
}

/** How every layer took one position. Row-major. */
export interface Inspection {
  readonly position: number;
  /** S, as in TraceBatch. */
  readonly slots: number;
  /** What the router computed, before any bias: router · h. [L, E] */
  readonly logits: Float32Array;
  /** Its softmax with the biases in force; 0 for an expert that is off. [L, E] */
  readonly probabilities: Float32Array;
  /** [L, S] */
  readonly expertIds: Uint16Array;
  /** [L, S] */
  readonly gateWeights: Float32Array;
  /** ‖y_j‖₂ of each chosen expert's output; 0 in unused slots. [L, S] */
  readonly outputNorms: Float32Array;
  /** ‖Σ_j w_j · y_j‖₂, before the model's residual scale. [L] */
  readonly sumNorms: Float32Array;
  /** ‖x‖₂ of the residual stream that the sum is added to. [L] */
  readonly residualNorms: Float32Array;
}

/** What the badge says. Never wrong: `name` is what the adapter calls itself. */
export interface EngineInfo {
  readonly kind: 'webgpu' | 'cpu';
  readonly name: string;
  /** A software adapter: its times mean nothing about a GPU. */
  readonly fallback: boolean;
  readonly features: readonly string[];
}

/** An open model in short. */
export interface ModelInfo {
  readonly name: string;
  readonly architecture: string;
  readonly bytes: number;
  readonly layers: number;
  readonly width: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly expertHidden: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly parameters: { readonly total: number; readonly active: number };
}

export interface GenerateOptions {
  /** Tokens to append before the first draw: the prompt, or the one drawn last but not yet run. At least one. */
  readonly ids: readonly number[];
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly signal?: AbortSignal;
}

/** What an engine with some of a layer's experts on the GPU has done so far. Of a pass over many tokens each expert counts once a layer. */
export interface ResidencyCounts {
  /** Experts of a layer that have room. */
  readonly entries: number;
  /** Experts asked for that were there, and that were not. */
  readonly hits: number;
  readonly misses: number;
  /** That asked for them. */
  readonly tokens: number;
  /** Written to the GPU for those, and for guesses. */
  readonly bytesMoved: number;
  /** Experts that layers were guessed to ask for, and how many of those they did ask for. */
  readonly guessed: number;
  readonly guessedRight: number;
}

/** What every layer's router is asked for, and how many slots that takes. */
export interface RoutingPlan {
  readonly controls: readonly RouterControl[];
  readonly slots: number;
  /** What whoever made the plan calls it: it comes back with every position that it ruled. */
  readonly revision: number;
}

export interface Engine {
  readonly info: EngineInfo;
  readonly model: Model;
  /** null: all experts are where they are computed. */
  readonly residency: {
    readonly counts: ResidencyCounts;
    /** Experts of a layer that are there, in ascending order. */
    held(layer: number): readonly number[];
    /** Those that have still to be fetched from a server, in ascending order. */
    away(layer: number): readonly number[];
    /** Of one expert of a layer on the GPU; 0 in a layer that routes nothing. */
    bytesOf(layer: number): number;
    /** What is wrong with weights that have been read so far, or null. */
    readonly warning: string | null;
    /** @throws UserError bad-input where a token would take more experts than have room */
    check(plan: RoutingPlan): void;
  } | null;
  /** Positions in the KV cache. */
  readonly length: number;
  /** Whether the text can be taken back to where it had `length` positions: layers that see little may keep little. */
  holds(length: number): boolean;
  /** Forgets everything from position `length` on; where that is not held any more, everything. */
  truncate(length: number): void;
  /**
   * What the routers are asked for from the next pass on, in the middle of a run too (see planRouting). Positions already
   * run keep what they left in the cache.
   */
  setRouting(plan: RoutingPlan): void;
  /** Runs `ids` after what the cache holds. Logits are [T, V]. Throws ContextError when they do not fit. */
  forward(ids: readonly number[]): Promise<{ trace: TraceBatch; logits: Float32Array }>;
  /**
   * Runs `ids` after what the cache holds, for their cache and their routing alone. `decoded`: by the kernels that decode,
   * so that the cache gets the very bits that decoding them left.
   */
  read(ids: readonly number[], decoded?: boolean): Promise<TraceBatch>;
  /** Runs `id` after what the cache holds and tells how every layer took it. @throws UserError bad-input for a dense model */
  inspect(id: number): Promise<Inspection>;
  /**
   * Runs a job that may run any text over the cache's positions from `from` on, and puts the cache back as it was, bit for
   * bit. The routing is the job's own affair.
   */
  aside<T>(from: number, job: () => Promise<T>): Promise<T>;
  /**
   * Reads `ids` from an empty cache and leaves it empty: losses[i] = −ln p(ids[i + 1] | ids[0..i]) in nats, [T − 1], and
   * the routing of every position. Router biases apply.
   */
  score(ids: readonly number[]): Promise<{ losses: Float32Array; trace: TraceBatch }>;
  /**
   * Writes text: first yields the trace of `ids`, then of the tokens as they are drawn. Ends at eos, maxTokens drawn,
   * a full context or abort; then the cache holds exactly the positions that were yielded.
   */
  generate(options: GenerateOptions): AsyncIterable<TraceBatch>;
  /** Frees the GPU memory. The engine is dead afterwards. */
  destroy(): void;
}

export { UserError } from '../model/errors.ts';
export { NO_EXPERT } from '../reference/route.ts';
