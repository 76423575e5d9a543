/** What each architecture does differently, as data. From llama.cpp: src/models/*.cpp, llama-graph.cpp build_moe_ffn. */
import type { Architecture, ModelConfig } from './types.ts';

export interface ArchitectureTraits extends Pick<ModelConfig, 'ropeStyle' | 'qkNorm' | 'activation' | 'routesEarly'> {
  readonly sparse: boolean;
  /** The key of the hidden width; expert_feed_forward_length falls back to feed_forward_length ÷ K as in llama.cpp. */
  readonly hiddenKey: 'expert_feed_forward_length' | 'feed_forward_length';
  /** Whether gate weights are divided by their sum; the file says it where `key`. */
  readonly normalise: boolean | 'key';
  /** Reads Granite's four multipliers: embedding_scale, residual_scale, attention.scale, logit_scale. */
  readonly multipliers: boolean;
  /** Keys that count; in other architectures llama.cpp does not read them, whatever they say. */
  readonly gatingKey: boolean;
  readonly scaleKey: boolean;
  /** An expert that every token has; `gated`: times a sigmoid of its own. */
  readonly shared: 'none' | 'plain' | 'gated';
  /** The first layers may be dense, as many as leading_dense_block_count says. */
  readonly denseFirst: boolean;
  /** A bias on the scores may choose the experts (exp_probs_b). */
  readonly selection: boolean;
  /** RoPE may turn a part of a head alone. */
  readonly partialRope: boolean;
  /** Layers without heads for keys have a short convolution in place of attention. */
  readonly convolutions: boolean;
  /** Where a window is given, attention looks back no further, and every fourth layer leaves q and k unturned. */
  readonly windowed: boolean;
  /** What the norm in front of the last matrix is called. */
  readonly outputNorm: 'output_norm' | 'token_embd_norm';
}

const USUAL: ArchitectureTraits = {
  sparse: true,
  hiddenKey: 'expert_feed_forward_length',
  ropeStyle: 'half',
  qkNorm: 'none',
  activation: 'swiglu',
  routesEarly: false,
  normalise: true,
  multipliers: false,
  gatingKey: false,
  scaleKey: false,
  shared: 'none',
  denseFirst: false,
  selection: false,
  partialRope: false,
  convolutions: false,
  windowed: false,
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
    gatingKey: true,
    scaleKey: true,
    shared: 'plain',
    denseFirst: true,
    selection: true,
    partialRope: true,
  },
  lfm2moe: {
    ...USUAL,
    qkNorm: 'head',
    gatingKey: true,
    denseFirst: true,
    selection: true,
    convolutions: true,
    outputNorm: 'token_embd_norm',
  },
  smallthinker: { ...USUAL, gatingKey: true, activation: 'relu', routesEarly: true, windowed: true },
};

export const isArchitecture = (name: string): name is Architecture => Object.hasOwn(ARCHITECTURES, name);
