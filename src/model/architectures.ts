/** What each architecture does differently, as data. From llama.cpp: src/models/*.cpp, llama-graph.cpp build_moe_ffn. */
import type { Architecture, ModelConfig } from './types.ts';

export interface ArchitectureTraits extends Pick<ModelConfig, 'ropeStyle' | 'qkNorm' | 'normaliseGates'> {
  readonly sparse: boolean;
  /** The key of the hidden width; expert_feed_forward_length falls back to feed_forward_length ÷ K as in llama.cpp. */
  readonly hiddenKey: 'expert_feed_forward_length' | 'feed_forward_length';
  /** Reads Granite's four multipliers: embedding_scale, residual_scale, attention.scale, logit_scale. */
  readonly multipliers: boolean;
}

export const ARCHITECTURES: Readonly<Record<Architecture, ArchitectureTraits>> = {
  qwen3moe: {
    sparse: true,
    hiddenKey: 'expert_feed_forward_length',
    ropeStyle: 'half',
    qkNorm: 'head',
    normaliseGates: true,
    multipliers: false,
  },
  qwen3: {
    sparse: false,
    hiddenKey: 'feed_forward_length',
    ropeStyle: 'half',
    qkNorm: 'head',
    normaliseGates: false,
    multipliers: false,
  },
  olmoe: {
    sparse: true,
    hiddenKey: 'feed_forward_length',
    ropeStyle: 'half',
    qkNorm: 'width',
    normaliseGates: false,
    multipliers: false,
  },
  granitemoe: {
    sparse: true,
    hiddenKey: 'feed_forward_length',
    ropeStyle: 'interleaved',
    qkNorm: 'none',
    normaliseGates: true,
    multipliers: true,
  },
};

export const isArchitecture = (name: string): name is Architecture => Object.hasOwn(ARCHITECTURES, name);
