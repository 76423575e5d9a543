/** What each architecture does differently, as data. From llama.cpp: src/models/*.cpp, llama-graph.cpp build_moe_ffn. */
import type { GateRule } from '../reference/gate.ts';
import type { Architecture, ModelConfig } from './types.ts';

export interface ArchitectureTraits
  extends Pick<
    ModelConfig,
    | 'ropeStyle'
    | 'qkNorm'
    | 'normsValues'
    | 'activation'
    | 'routesEarly'
    | 'normsBranches'
    | 'besides'
    | 'gatesAttention'
    | 'normBias'
  > {
  readonly sparse: boolean;
  /** The key of the hidden width; expert_feed_forward_length falls back to feed_forward_length ÷ K as in llama.cpp. */
  readonly hiddenKey: 'expert_feed_forward_length' | 'feed_forward_length';
  /** Whether gate weights are divided by their sum; the file says it where `key`. */
  readonly normalise: boolean | 'key';
  /** Reads Granite's four multipliers: embedding_scale, residual_scale, attention.scale, logit_scale. */
  readonly multipliers: boolean;
  /** `key`: as the file says, and as `unsaid` where it does not. What other architectures' files say llama.cpp does not read. */
  readonly gate: GateRule['gate'] | 'key';
  readonly unsaid: 'softmax' | 'sigmoid';
  /** Whether the key counts. */
  readonly scaleKey: boolean;
  /** An expert that every token has; `gated`: times a sigmoid of its own; `beside`: the dense FFN's tensors are it. */
  readonly shared: 'none' | 'plain' | 'gated' | 'beside';
  /** The first layers may be dense, as many as leading_dense_block_count says. */
  readonly denseFirst: boolean;
  /** A bias on the scores may choose the experts (exp_probs_b). */
  readonly selection: boolean;
  /** RoPE may turn a part of a head alone. */
  readonly partialRope: boolean;
  /** Layers without heads for keys have a short convolution in place of attention. */
  readonly convolutions: boolean;
  /** Layers that see a window alone, where the file gives one; `key`: it lists them, and their heads are their own. */
  readonly windows: WindowRule | 'key' | null;
  /** Attention by way of a latent vector, with sizes of its own. */
  readonly latent: boolean;
  /** There are biases on attention's output, and on norms or experts if those have any. */
  readonly outputBias: boolean;
  /** Of the router, and of every expert. */
  readonly expertBias: boolean;
  readonly sinks: boolean;
  /** What the embedding is multiplied by. */
  readonly embeddingScale: 'one' | 'root of the width';
  /** RoPE's angles are divided by factors that the file has: of two kinds, by the context's length, or of one. */
  readonly ropeFactors: 'none' | 'by length' | 'one';
  /** What q·k is multiplied by where the file does not say it. */
  readonly attentionScale: 'root of the head' | 'one';
  readonly ffnNorm: 'ffn_norm' | 'post_attention_norm' | 'pre_ffw_norm_2';
  /** What the norm in front of the last matrix is called. */
  readonly outputNorm: 'output_norm' | 'token_embd_norm';
}

/** Layer by layer, in turns of `every`; the odd one out sees all. */
export interface WindowRule {
  readonly every: number;
  /** Which layer of each turn sees all. */
  readonly full: number;
  /** Layers that see all leave q and k unturned. */
  readonly turnsAll: boolean;
  /** Whatever the file says. */
  readonly positions?: number;
  /** A model of so many layers has no such layers. */
  readonly notWith?: number;
}

const USUAL: ArchitectureTraits = {
  sparse: true,
  hiddenKey: 'expert_feed_forward_length',
  ropeStyle: 'half',
  qkNorm: 'none',
  normsValues: false,
  activation: 'swiglu',
  routesEarly: false,
  normsBranches: false,
  besides: false,
  normBias: false,
  normalise: true,
  multipliers: false,
  gate: 'softmax',
  unsaid: 'softmax',
  scaleKey: false,
  shared: 'none',
  denseFirst: false,
  selection: false,
  partialRope: false,
  convolutions: false,
  windows: null,
  latent: false,
  outputBias: false,
  expertBias: false,
  sinks: false,
  gatesAttention: false,
  embeddingScale: 'one',
  ropeFactors: 'none',
  attentionScale: 'root of the head',
  ffnNorm: 'ffn_norm',
  outputNorm: 'output_norm',
};

export const ARCHITECTURES: Readonly<Record<Architecture, ArchitectureTraits>> = {
  qwen3moe: { ...USUAL, qkNorm: 'head' },
  qwen3: { ...USUAL, sparse: false, hiddenKey: 'feed_forward_length', qkNorm: 'head', normalise: false },
  qwen2moe: { ...USUAL, normalise: false, shared: 'gated' },
  olmoe: { ...USUAL, hiddenKey: 'feed_forward_length', qkNorm: 'width', normalise: false },
  granitemoe: {
    ...USUAL,
    hiddenKey: 'feed_forward_length',
    ropeStyle: 'interleaved',
    multipliers: true,
    shared: 'plain',
  },
  llama: { ...USUAL, hiddenKey: 'feed_forward_length', ropeStyle: 'interleaved' },
  deepseek: {
    ...USUAL,
    ropeStyle: 'interleaved',
    normalise: false,
    scaleKey: true,
    shared: 'plain',
    denseFirst: true,
  },
  'ernie4_5-moe': { ...USUAL, ropeStyle: 'interleaved', shared: 'plain', denseFirst: true, selection: true },
  bailingmoe: { ...USUAL, ropeStyle: 'interleaved', normalise: 'key', scaleKey: true, shared: 'plain' },
  bailingmoe2: {
    ...USUAL,
    qkNorm: 'head',
    normalise: 'key',
    gate: 'key',
    scaleKey: true,
    shared: 'plain',
    denseFirst: true,
    selection: true,
    partialRope: true,
  },
  lfm2moe: {
    ...USUAL,
    qkNorm: 'head',
    gate: 'key',
    denseFirst: true,
    selection: true,
    convolutions: true,
    outputNorm: 'token_embd_norm',
  },
  smallthinker: {
    ...USUAL,
    gate: 'key',
    activation: 'relu',
    routesEarly: true,
    // llama.cpp takes four layers for the sign of a model without such layers, and no window but this.
    windows: { every: 4, full: 0, turnsAll: false, positions: 4096, notWith: 4 },
  },
  'gpt-oss': {
    ...USUAL,
    gate: 'chosen',
    normalise: false,
    activation: 'clamped',
    windows: { every: 2, full: 1, turnsAll: true },
    outputBias: true,
    expertBias: true,
    sinks: true,
    ffnNorm: 'post_attention_norm',
  },
  deepseek2: {
    ...USUAL,
    ropeStyle: 'interleaved',
    normalise: 'key',
    gate: 'key',
    scaleKey: true,
    shared: 'plain',
    denseFirst: true,
    selection: true,
    latent: true,
  },
  // The checkpoint has LayerNorm and a sparse mixer of its own; llama.cpp takes RMSNorm and a softmax, and so do we.
  phimoe: {
    ...USUAL,
    hiddenKey: 'feed_forward_length',
    normBias: true,
    outputBias: true,
    ropeFactors: 'by length',
  },
  afmoe: {
    ...USUAL,
    qkNorm: 'head',
    normalise: 'key',
    gate: 'key',
    unsaid: 'sigmoid',
    scaleKey: true,
    shared: 'plain',
    denseFirst: true,
    selection: true,
    normsBranches: true,
    gatesAttention: true,
    embeddingScale: 'root of the width',
    windows: { every: 4, full: 3, turnsAll: false },
  },
  gemma4: {
    ...USUAL,
    qkNorm: 'head',
    normsValues: true,
    activation: 'gelu',
    shared: 'beside',
    normsBranches: true,
    besides: true,
    embeddingScale: 'root of the width',
    attentionScale: 'one',
    windows: 'key',
    ropeFactors: 'one',
    ffnNorm: 'pre_ffw_norm_2',
  },
};

export const isArchitecture = (name: string): name is Architecture => Object.hasOwn(ARCHITECTURES, name);
