/** Random tiny models of every architecture, as GGUF bytes: tests do not depend on the shipped file. */

import type { PlainType } from '../../src/model/randomTensor.ts';
import type { Architecture } from '../../src/model/types.ts';
import { BYTE_CHARACTERS } from '../../src/model/vocabulary.ts';
import { type SourceTensor, type Value, writeGguf } from './writeGguf.ts';

export interface RandomModelOptions {
  readonly seed?: number;
  readonly layers?: number;
  readonly width?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly experts?: number;
  readonly expertsPerToken?: number;
  readonly expertHidden?: number;
  readonly contextLength?: number;
  /** Of all matrices; norms and router stay f32. */
  readonly type?: PlainType;
  /** Of the experts alone. */
  readonly expertType?: PlainType;
  /** Of the token embedding alone. */
  readonly embeddingType?: PlainType;
  readonly tied?: boolean;
  /** At least TOKENS.length; what is beyond has no use, and control names. */
  readonly vocabulary?: number;
  /** Beside the usual, or instead of it; undefined removes a key. */
  readonly metadata?: Readonly<Record<string, Value | undefined>>;
}

/** mulberry32: uniform in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Merges of a vocabulary of 256 bytes, these words' pieces, and <|end|>. */
const MERGES = ['h e', 'l l', 'he ll', 'hell o', 'Ġ w', 'Ġw o', 'r l', 'rl d', 'Ġwo rld', 'Ã ©', 'Ġ Ġ', 'ĠĠ ĠĠ', 'Ċ Ċ'];
export const TOKENS: readonly string[] = [
  ...BYTE_CHARACTERS,
  ...MERGES.map((rule) => rule.replace(' ', '')),
  '<|end|>',
];

function tokenizerMetadata(vocabulary: number): Record<string, Value> {
  const unused = Array.from({ length: vocabulary - TOKENS.length }, (_, i) => `<|unused ${i}|>`);
  const tokens = [...TOKENS, ...unused];
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'qwen2',
    'tokenizer.ggml.tokens': { strings: tokens },
    'tokenizer.ggml.token_type': { i32s: tokens.map((_, id) => (id < TOKENS.length - 1 ? 1 : 3)) },
    'tokenizer.ggml.merges': { strings: MERGES },
    'tokenizer.ggml.eos_token_id': { u32: TOKENS.length - 1 },
    'tokenizer.ggml.add_bos_token': false,
  };
}

const DEFAULTS = {
  seed: 1,
  layers: 2,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  experts: 8,
  expertsPerToken: 2,
  expertHidden: 32,
  contextLength: 64,
  type: 'f32' as PlainType,
  tied: true,
  vocabulary: TOKENS.length,
};

/** Shapes whose rows fill no whole chunk: of the width, of a head, of the experts, all together; in both float formats. */
export const ODD_SHAPES: Readonly<Record<string, readonly [Architecture, RandomModelOptions]>> = {
  'width 66': ['qwen3moe', { width: 66, seed: 31 }],
  'head width 6': ['qwen3moe', { headDim: 6, seed: 32 }],
  'head width 6, interleaved': ['granitemoe', { headDim: 6, heads: 5, kvHeads: 5, seed: 33 }],
  'all odd, norms over the width': [
    'olmoe',
    { width: 66, heads: 11, headDim: 6, expertHidden: 33, experts: 7, tied: false, seed: 34 },
  ],
  'f16, width 68, three heads of 20': [
    'qwen3moe',
    { type: 'f16', width: 68, heads: 3, kvHeads: 1, headDim: 20, expertHidden: 30, seed: 35 },
  ],
  'dense, hidden width 33': ['qwen3', { width: 50, expertHidden: 33, seed: 36 }],
  'quantised, 16 heads of 6': ['qwen3moe', { type: 'q8_0', heads: 16, kvHeads: 4, headDim: 6, seed: 37 }],
};

/** Metadata and tensors of a random model, before they are written. */
export function randomModelParts(architecture: Architecture, options: RandomModelOptions = {}) {
  const o = { ...DEFAULTS, ...options };
  const expertType = o.expertType ?? o.type;
  const sparse = architecture !== 'qwen3';
  const kvHeads = architecture === 'olmoe' ? o.heads : o.kvHeads;
  const random = randomSource(o.seed);
  const matrix = (name: string, type: PlainType, scale: number, ...shape: number[]): SourceTensor => ({
    name,
    shape,
    type,
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => (random() + random() + random() - 1.5) * 2 * scale,
    ),
  });
  const norm = (name: string, size: number): SourceTensor => ({
    name,
    shape: [size],
    type: 'f32',
    values: Float32Array.from({ length: size }, () => 0.5 + random()),
  });
  const D = o.width;
  const V = o.vocabulary;
  const q = o.heads * o.headDim;
  const kv = kvHeads * o.headDim;
  const tensors = [matrix('token_embd.weight', o.embeddingType ?? o.type, 1, D, V), norm('output_norm.weight', D)];
  if (!o.tied) tensors.push(matrix('output.weight', o.type, 0.3, D, V));
  for (let layer = 0; layer < o.layers; layer++) {
    const at = `blk.${layer}.`;
    const scale = 1 / Math.sqrt(D);
    tensors.push(norm(`${at}attn_norm.weight`, D), norm(`${at}ffn_norm.weight`, D));
    tensors.push(matrix(`${at}attn_q.weight`, o.type, scale, D, q), matrix(`${at}attn_k.weight`, o.type, scale, D, kv));
    tensors.push(
      matrix(`${at}attn_v.weight`, o.type, scale, D, kv),
      matrix(`${at}attn_output.weight`, o.type, scale, q, D),
    );
    if (architecture !== 'granitemoe') {
      const wide = architecture === 'olmoe';
      tensors.push(
        norm(`${at}attn_q_norm.weight`, wide ? q : o.headDim),
        norm(`${at}attn_k_norm.weight`, wide ? kv : o.headDim),
      );
    }
    const E = sparse ? [o.experts] : [];
    const suffix = sparse ? '_exps' : '';
    if (sparse) tensors.push(matrix(`${at}ffn_gate_inp.weight`, 'f32', 4 * scale, D, o.experts));
    tensors.push(matrix(`${at}ffn_gate${suffix}.weight`, expertType, 2 * scale, D, o.expertHidden, ...E));
    tensors.push(matrix(`${at}ffn_up${suffix}.weight`, expertType, 2 * scale, D, o.expertHidden, ...E));
    tensors.push(
      matrix(`${at}ffn_down${suffix}.weight`, expertType, 2 / Math.sqrt(o.expertHidden), o.expertHidden, D, ...E),
    );
  }
  const own: Record<string, Value> = {
    context_length: { u32: o.contextLength },
    embedding_length: { u32: D },
    block_count: { u32: o.layers },
    feed_forward_length: { u32: o.expertHidden },
    'attention.head_count': { u32: o.heads },
    'attention.head_count_kv': { u32: kvHeads },
    'attention.key_length': { u32: o.headDim },
    'attention.value_length': { u32: o.headDim },
    'attention.layer_norm_rms_epsilon': { f32: 1e-6 },
    'rope.freq_base': { f32: 10000 },
    'rope.dimension_count': { u32: o.headDim },
    ...(sparse && { expert_count: { u32: o.experts }, expert_used_count: { u32: o.expertsPerToken } }),
    ...(architecture === 'qwen3moe' && { expert_feed_forward_length: { u32: o.expertHidden } }),
    ...(architecture === 'granitemoe' && {
      embedding_scale: { f32: 1.5 },
      residual_scale: { f32: 0.75 },
      'attention.scale': { f32: 0.2 },
      logit_scale: { f32: 2 },
    }),
  };
  const metadata: Record<string, Value | undefined> = {
    'general.architecture': architecture,
    'general.name': `random ${architecture}`,
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
    ...tokenizerMetadata(o.vocabulary),
    ...o.metadata,
  };
  return { metadata: given(metadata), tensors };
}

const given = (metadata: Record<string, Value | undefined>) =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)) as Record<string, Value>;

/** A random model's file. Same options, same bytes. */
export function randomModel(architecture: Architecture, options: RandomModelOptions = {}): Uint8Array {
  const { metadata, tensors } = randomModelParts(architecture, options);
  return writeGguf(metadata, tensors);
}
