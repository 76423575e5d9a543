/** What a model is once its file has been read: plain data, no GPU and no DOM. */
import type { Activation } from '../reference/experts.ts';
import type { GateRule } from '../reference/gate.ts';
import type { RopeScaling } from '../reference/rope.ts';

/** ggml's storage formats that are read here, by ggml's names. Blocks have 32 values, those of the k types 256. */
export type TensorType =
  | 'f32'
  | 'f16'
  | 'bf16'
  | 'q8_0'
  | 'q4_0'
  | 'q4_1'
  | 'q5_0'
  | 'q5_1'
  | 'q2_k'
  | 'q3_k'
  | 'q4_k'
  | 'q5_k'
  | 'q6_k'
  | 'iq4_nl'
  | 'iq4_xs'
  | 'mxfp4';

/** One tensor of the file. `shape` is ggml's order: shape[0] is contiguous, so a matrix is [columns, rows, experts]. */
export interface Tensor {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** The bytes exactly as they stand in the file; none where they are read when they are needed. */
  readonly data: Uint8Array;
  readonly stored?: StoredBytes;
}

/** Bytes of a file that stay where they are until they are asked for, a part at a time. */
export interface StoredBytes {
  read(from: number, to: number): Promise<Uint8Array>;
  /** Whether they can be had without the network; where it is not said they can. */
  readonly here?: (from: number, to: number) => boolean;
}

export type Architecture =
  | 'qwen3moe'
  | 'qwen3'
  | 'qwen2moe'
  | 'olmoe'
  | 'granitemoe'
  | 'llama'
  | 'deepseek'
  | 'ernie4_5-moe'
  | 'bailingmoe'
  | 'bailingmoe2'
  | 'lfm2moe'
  | 'smallthinker'
  | 'gpt-oss'
  | 'deepseek2'
  | 'phimoe'
  | 'afmoe'
  | 'gemma4';

/** Widths are whole chunks of what a kernel loads; a file's own may be smaller (padding.ts). Vocabulary as in docs/architecture.md: D width, L layers, E experts, K per token, H hidden width of one expert. */
export interface ModelConfig {
  readonly architecture: Architecture;
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly contextLength: number;
  readonly vocabulary: number;
  /** 1 for a dense model: a dense FFN is the MoE block with one expert and no router. */
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly expertHidden: number;
  readonly normEpsilon: number;
  /** The file's normEpsilon too, but that heads and width may have been padded differently. */
  readonly qkNormEpsilon: number;
  readonly ropeBase: number;
  /** How its angles are made to reach further; null where they are not. */
  readonly ropeScaling: RopeScaling | null;
  /** Values of a head that RoPE turns, from the first on; headDim where it turns all. */
  readonly ropeDim: number;
  /** half: pairs (i, i + headDim/2); interleaved: pairs (2i, 2i+1). */
  readonly ropeStyle: 'half' | 'interleaved';
  /** Layers that look back so many positions, their own included, in ascending order; the others see all. */
  readonly window: { readonly positions: number; readonly layers: readonly number[] } | null;
  /** Heads of the layers with a window, where they are others than those of the layers that see all. */
  readonly narrow: HeadShape | null;
  /** What is kept of a position in place of keys and values: `rank` values, and `turned` that RoPE turns. See LatentWeights. */
  readonly latent: Latent | null;
  /** Layers whose q and k RoPE leaves as they are, in ascending order. */
  readonly unturned: readonly number[];
  /** RMSNorm of q and k before RoPE: over each head, over the full width, or none. */
  readonly qkNorm: 'none' | 'head' | 'width';
  /** Values are normed, too, head by head and without weights. */
  readonly normsValues: boolean;
  /** Gate weights are divided by their sum over the chosen k. */
  readonly normaliseGates: boolean;
  /** What else the router does; null where it is a softmax over all experts and the k highest. */
  readonly rule: GateRule | null;
  /** The router reads what comes into its layer, before attention and as it is. */
  readonly routesEarly: boolean;
  /** What attention and FFN give is normed before it is added to x. */
  readonly normsBranches: boolean;
  /** The expert that every token has is an FFN beside the others: it and they have norms of their own, before and behind. */
  readonly besides: boolean;
  /** What attention gives is gated. */
  readonly gatesAttention: boolean;
  /** Norms have biases, and so has what makes the logits. */
  readonly normBias: boolean;
  /** What an expert makes of gate and up. */
  readonly activation: Activation;
  /** The first layers that are dense in a sparse model, and their hidden width. */
  readonly denseLayers: number;
  readonly denseHidden: number;
  /** Layers with a short causal convolution in place of attention, in ascending order. */
  readonly convolutions: readonly number[];
  /** Hidden width of the expert that every token has; 0 where there is none. */
  readonly sharedHidden: number;
  readonly embeddingScale: number;
  readonly residualScale: number;
  /** Factor on q·k. */
  readonly attentionScale: number;
  /** Logits are divided by it. */
  readonly logitScale: number;
  /** Logits are held within ± this; null where they are not. */
  readonly logitCap: number | null;
  /** Parameters stored, and parameters one token multiplies with (embedding counted once, as LM head). */
  readonly parameters: { readonly total: number; readonly active: number };
}

/** What heads may be other ones in. */
export type HeadShape = Pick<ModelConfig, 'kvHeads' | 'headDim' | 'ropeBase' | 'ropeDim'>;

/** Sizes of multi-head latent attention (DeepSeek-V2, arXiv:2405.04434). A head's query has `plain` values, then `turned` ones. */
export interface Latent {
  readonly rank: number;
  readonly plain: number;
  readonly turned: number;
  readonly value: number;
  /** Of the projection that queries go through; 0 where there is none. */
  readonly queryRank: number;
}

/**
 * Of a layer with latent attention, in the absorbed form: q is then [D, queryRank or heads·(plain + turned)], k [D, rank + turned],
 * v null, and attentionOutput [heads·value, D].
 */
export interface LatentWeights {
  readonly queryNorm: Tensor | null; // [queryRank]
  readonly queryUp: Tensor | null; // [queryRank, heads·(plain + turned)]
  readonly norm: Tensor; // [rank]
  readonly keyUp: Tensor; // [plain, rank, heads]
  readonly valueUp: Tensor; // [rank, value, heads]
}

export interface LayerWeights {
  readonly attentionNorm: Tensor; // [D]
  readonly q: Tensor; // [D, heads·headDim]
  readonly k: Tensor; // [D, kvHeads·headDim]
  /** null in a layer with latent attention. */
  readonly v: Tensor | null; // [D, kvHeads·headDim]
  /** Added to q, k and v; all three or none. */
  readonly qBias: Tensor | null;
  readonly kBias: Tensor | null;
  readonly vBias: Tensor | null;
  readonly qNorm: Tensor | null;
  readonly kNorm: Tensor | null;
  readonly latent: LatentWeights | null;
  /** A logit more for each head's softmax, that no value goes with. */
  readonly sinks: Tensor | null; // [heads]
  /** What attention gives is multiplied by a sigmoid of this times the normed x. */
  readonly attentionGate: Tensor | null; // [D, heads·headDim]
  readonly attentionOutput: Tensor; // [heads·headDim, D]
  readonly outputBias: Tensor | null; // [D]
  /**
   * Of a layer without attention: q, k and v are then the projections B, C and X of x, [D, D] each, and what goes into
   * attentionOutput, [D, D], is C ⊙ convolution(B ⊙ X). The last tap is the token itself.
   */
  readonly convolution: Tensor | null; // [taps, D]
  readonly ffnNorm: Tensor; // [D]
  /** Added to the normed rows. */
  readonly attentionNormBias: Tensor | null; // [D]
  readonly ffnNormBias: Tensor | null; // [D]
  /** For what attention and FFN give, before it is added to x. */
  readonly postAttentionNorm: Tensor | null; // [D]
  readonly postFfnNorm: Tensor | null; // [D]
  /** x is multiplied by it in the end. */
  readonly outputScale: Tensor | null; // [1]
  /** For what the experts give, before the other FFN's is added; see ModelConfig.besides. */
  readonly postExpertsNorm: Tensor | null; // [D]
  readonly sharedNorm: Tensor | null; // [D]
  readonly postSharedNorm: Tensor | null; // [D]
  /** null for a dense layer. */
  readonly router: Tensor | null; // [D, E]
  /** The router's norm, where it is not that of the experts; its weights are divided by √D. */
  readonly routerNorm: Tensor | null; // [D]
  /** Added to the router's logits. */
  readonly routerBias: Tensor | null; // [E]
  /** Added to the scores for choosing alone. */
  readonly selection: Tensor | null; // [E]
  readonly gate: Tensor; // [D, H, E]
  readonly up: Tensor; // [D, H, E]
  readonly down: Tensor; // [H, D, E]
  /** What an expert gives is multiplied by its own. */
  readonly expertScale: Tensor | null; // [E]
  /** Added to what gate, up and down of an expert give; all three or none. */
  readonly gateBias: Tensor | null; // [H, 1, E]
  readonly upBias: Tensor | null; // [H, 1, E]
  readonly downBias: Tensor | null; // [D, 1, E]
  /** The expert that every token has, and what its output is scaled by: sigmoid(sharedScale · h). */
  readonly sharedGate: Tensor | null; // [D, S]
  readonly sharedUp: Tensor | null; // [D, S]
  readonly sharedDown: Tensor | null; // [S, D]
  readonly sharedScale: Tensor | null; // [D]
}

export interface Weights {
  readonly tokenEmbedding: Tensor; // [D, V]
  readonly layers: readonly LayerWeights[];
  readonly outputNorm: Tensor; // [D]
  /** The same object as tokenEmbedding when tied. */
  readonly output: Tensor; // [D, V]
  readonly outputNormBias: Tensor | null; // [D]
  readonly outputBias: Tensor | null; // [V]
  /** RoPE's angles are divided by these, in layers whose heads are not narrow ones. */
  readonly ropeFactors: Tensor | null; // [ropeDim / 2]
}

export interface EncodeOptions {
  /** Read control tokens such as `<|end|>` in the text as tokens. Off, they are text like any other. */
  readonly special?: boolean;
}

export interface Tokenizer {
  readonly size: number;
  /** Bytes of UTF-8 that no token stands for: they get lost from a text. */
  readonly missingBytes: number;
  /** Ids that end a text. */
  readonly ends: ReadonlySet<number>;
  encode(text: string, options?: EncodeOptions): number[];
  /** What a model is given to read: the ids of the text, with the marks that the file wants in front and behind. */
  prompt(text: string, options?: EncodeOptions): number[];
  /** Bytes of one token, none for a control token; a character may be split over several tokens. */
  bytes(id: number): Uint8Array;
  decode(ids: Iterable<number>): string;
  /** What to call the token on screen: its text (U+FFFD for half a character), or a control token's name. */
  label(id: number): string;
}

export interface Model {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly weights: Weights;
  /** How the file wants a conversation to be written; null where its model continues texts alone. */
  readonly chat: ChatTemplate | null;
  /** Bytes of the whole file. */
  readonly bytes: number;
  /** The weights are not in memory: an engine reads them from the file, and again after its device was lost. */
  readonly streamed: boolean;
  /** What is wrong with a file that can be run all the same, a sentence each. */
  readonly warnings: readonly string[];
}

export interface ChatTemplate {
  /** In Jinja, as Hugging Face's tokenizers have it. */
  readonly template: string;
  /** Texts of the tokens for beginning and end that a template may write; empty where the file names none. */
  readonly bos: string;
  readonly eos: string;
}

/** One message of a conversation. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
