/**
 * Published mixture-of-experts models as files to be fetched, the usual 4-bit one of each, as data. None of the addresses
 * could be reached from where this was written: `checked` says what each was held against.
 */
import { ringOf } from '../../engine/webgpu/rings.ts';

export interface PublishedFile {
  readonly name: string;
  readonly by: string;
  /** As its makers state them, in billions of parameters. */
  readonly billions: { readonly total: number; readonly active: number };
  readonly url: string;
  readonly bytes: number;
  readonly licence: string;
  /** Experts of a layer, and how many of them a token takes. */
  readonly experts: readonly [number, number];
  /** What the cache of keys and values and the passes' memory hang on. */
  readonly shape: {
    readonly width: number;
    /** Layers with attention. */
    readonly attention: number;
    /** Those of them that see a window alone. */
    readonly narrow?: { readonly layers: number; readonly window: number };
    /** Layers with a convolution in place of attention. */
    readonly convolutions?: number;
    readonly kvHeads: number;
    readonly headDim: number;
    /** Values kept of a position in a layer, where that is a latent vector in place of keys and values. */
    readonly latent?: number;
    readonly expertHidden: number;
    readonly vocabulary: number;
  };
  /** Why the page cannot run it yet; null where it can. */
  readonly missing: string | null;
  readonly checked: string;
}

const hugging = (repository: string, file: string) => `https://huggingface.co/${repository}/resolve/main/${file}`;
const SIZE_AND_PLACE = 'address and size in bytes: as lists in public repositories have them';
const PLACE = 'address: as lists in public repositories have it; size: computed';

export const FILES: readonly PublishedFile[] = [
  {
    name: 'Granite 3.1 1B-A400M Instruct',
    by: 'IBM',
    billions: { total: 1.33, active: 0.4 },
    url: hugging('bartowski/granite-3.1-1b-a400m-instruct-GGUF', 'granite-3.1-1b-a400m-instruct-Q4_K_M.gguf'),
    bytes: 821_847_360,
    licence: 'Apache 2.0',
    experts: [32, 8],
    shape: { width: 1024, attention: 24, kvHeads: 8, headDim: 64, expertHidden: 512, vocabulary: 49_155 },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
  {
    name: 'Granite 3.1 3B-A800M Instruct',
    by: 'IBM',
    billions: { total: 3.3, active: 0.8 },
    url: hugging('bartowski/granite-3.1-3b-a800m-instruct-GGUF', 'granite-3.1-3b-a800m-instruct-Q4_K_M.gguf'),
    bytes: 2.01e9,
    licence: 'Apache 2.0',
    experts: [40, 8],
    shape: { width: 1536, attention: 32, kvHeads: 8, headDim: 64, expertHidden: 512, vocabulary: 49_155 },
    missing: null,
    checked: PLACE,
  },
  {
    name: 'SmallThinker 4B-A0.6B Instruct',
    by: 'Tiiny (PowerInfer)',
    billions: { total: 4.03, active: 0.6 },
    url: hugging('Tiiny/SmallThinker-4BA0.6B-Instruct-GGUF', 'SmallThinker-4B-A0.6B-Instruct.Q4_K_S.gguf'),
    bytes: 2_491_948_128,
    licence: 'Apache 2.0',
    experts: [32, 4],
    shape: { width: 1536, attention: 32, kvHeads: 2, headDim: 128, expertHidden: 768, vocabulary: 151_936 },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
  {
    name: 'OLMoE 1B-7B Instruct',
    by: 'Ai2',
    billions: { total: 6.92, active: 1.3 },
    url: hugging('allenai/OLMoE-1B-7B-0924-Instruct-GGUF', 'olmoe-1b-7b-0924-instruct-q4_k_m.gguf'),
    bytes: 4.21e9,
    licence: 'Apache 2.0',
    experts: [64, 8],
    shape: { width: 2048, attention: 16, kvHeads: 16, headDim: 128, expertHidden: 1024, vocabulary: 50_304 },
    missing: null,
    checked: PLACE,
  },
  {
    name: 'LFM2 8B-A1B',
    by: 'Liquid AI',
    billions: { total: 8.34, active: 1.5 },
    url: hugging('LiquidAI/LFM2-8B-A1B-GGUF', 'LFM2-8B-A1B-Q4_K_M.gguf'),
    bytes: 5.04e9,
    licence: 'LFM Open License 1.0',
    experts: [32, 4],
    shape: {
      ...{ width: 2048, attention: 6, convolutions: 18, kvHeads: 8, headDim: 64 },
      ...{ expertHidden: 1792, vocabulary: 65_536 },
    },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
  {
    name: 'ERNIE 4.5 21B-A3B',
    by: 'Baidu',
    billions: { total: 21.8, active: 3 },
    url: hugging('unsloth/ERNIE-4.5-21B-A3B-PT-GGUF', 'ERNIE-4.5-21B-A3B-PT-Q4_K_M.gguf'),
    bytes: 13_331_015_456,
    licence: 'Apache 2.0',
    experts: [64, 6],
    shape: { width: 2560, attention: 28, kvHeads: 4, headDim: 128, expertHidden: 1536, vocabulary: 103_424 },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
  {
    name: 'Qwen3 30B-A3B',
    by: 'Alibaba',
    billions: { total: 30.5, active: 3.3 },
    url: hugging('Qwen/Qwen3-30B-A3B-GGUF', 'Qwen3-30B-A3B-Q4_K_M.gguf'),
    bytes: 18_556_685_824,
    licence: 'Apache 2.0',
    experts: [128, 8],
    shape: { width: 2048, attention: 48, kvHeads: 4, headDim: 128, expertHidden: 768, vocabulary: 151_936 },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
  {
    name: 'Mixtral 8x7B Instruct',
    by: 'Mistral AI',
    billions: { total: 46.7, active: 12.9 },
    url: hugging('TheBloke/Mixtral-8x7B-Instruct-v0.1-GGUF', 'mixtral-8x7b-instruct-v0.1.Q4_K_M.gguf'),
    bytes: 26.4e9,
    licence: 'Apache 2.0',
    experts: [8, 2],
    shape: { width: 4096, attention: 32, kvHeads: 8, headDim: 128, expertHidden: 14_336, vocabulary: 32_000 },
    // Files from before spring 2024 have a tensor for each expert, and llama.cpp no longer reads those either.
    missing: 'this file is from before experts were stacked; a newer one can be dropped here',
    checked: PLACE,
  },
  {
    name: 'Ling mini 2.0',
    by: 'inclusionAI',
    billions: { total: 16.3, active: 1.4 },
    url: hugging('inclusionAI/Ling-mini-2.0-GGUF', 'Ling-mini-2.0-Q4_K_M.gguf'),
    bytes: 9_911_575_072,
    licence: 'MIT',
    experts: [256, 8],
    shape: { width: 2048, attention: 20, kvHeads: 4, headDim: 128, expertHidden: 512, vocabulary: 157_184 },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
  {
    name: 'Phi mini MoE Instruct',
    by: 'Microsoft',
    billions: { total: 7.65, active: 2.4 },
    url: hugging('gabriellarson/Phi-mini-MoE-instruct-GGUF', 'Phi-mini-MoE-instruct-Q4_K_M.gguf'),
    bytes: 4_993_133_376,
    licence: 'MIT',
    experts: [16, 2],
    shape: { width: 4096, attention: 32, kvHeads: 8, headDim: 128, expertHidden: 960, vocabulary: 32_064 },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
  {
    name: 'DeepSeek-V2-Lite Chat',
    by: 'DeepSeek',
    billions: { total: 15.7, active: 2.4 },
    url: hugging('mradermacher/DeepSeek-V2-Lite-Chat-GGUF', 'DeepSeek-V2-Lite-Chat.Q4_K_M.gguf'),
    bytes: 10.36e9,
    licence: 'DeepSeek Model License',
    experts: [64, 6],
    shape: {
      ...{ width: 2048, attention: 27, kvHeads: 16, headDim: 192, latent: 576, expertHidden: 1408 },
      vocabulary: 102_400,
    },
    missing: null,
    checked: PLACE,
  },
  {
    name: 'Moonlight 16B-A3B Instruct',
    by: 'Moonshot AI',
    billions: { total: 16, active: 3 },
    url: hugging('gabriellarson/Moonlight-16B-A3B-Instruct-GGUF', 'Moonlight-16B-A3B-Instruct-Q4_K_M.gguf'),
    bytes: 10.53e9,
    licence: 'MIT',
    experts: [64, 6],
    shape: {
      ...{ width: 2048, attention: 27, kvHeads: 16, headDim: 192, latent: 576, expertHidden: 1408 },
      vocabulary: 163_840,
    },
    missing: null,
    checked: PLACE,
  },
  {
    name: 'gpt-oss 20B',
    by: 'OpenAI',
    billions: { total: 20.9, active: 3.6 },
    url: hugging('lmstudio-community/gpt-oss-20b-GGUF', 'gpt-oss-20b-MXFP4.gguf'),
    bytes: 12_109_565_632,
    licence: 'Apache 2.0',
    experts: [32, 4],
    shape: {
      ...{ width: 2880, attention: 24, narrow: { layers: 12, window: 128 }, kvHeads: 8, headDim: 64 },
      ...{ expertHidden: 2880, vocabulary: 201_088 },
    },
    missing: null,
    checked: SIZE_AND_PLACE,
  },
];

/** Of the longest convolution that runs: there is room for as many, since the list says no taps. */
const TAPS = 16;
/** Positions that the cache of keys and values is made for. */
export const CONTEXT = 4096;
/** Tokens of a prompt that pass at once. */
const PASS = 512;

export interface Needs {
  readonly weights: number;
  readonly cache: number;
  readonly scratch: number;
  readonly all: number;
}

/**
 * Bytes of GPU memory, computed: the file's weights as they are, keys and values in f16, what convolutions look back at and one
 * layer's passing values in f32.
 */
export function needsOf({ bytes, experts: [, k], shape }: Pick<PublishedFile, 'bytes' | 'experts' | 'shape'>): Needs {
  const { width, attention, kvHeads, headDim, latent = 2 * kvHeads * headDim, expertHidden, vocabulary } = shape;
  const { narrow = { layers: 0, window: CONTEXT }, convolutions = 0 } = shape;
  const kept = (layers: number, sight: number) => layers * ringOf(sight, CONTEXT, PASS);
  const positions = kept(attention - narrow.layers, CONTEXT) + kept(narrow.layers, narrow.window);
  const cache = positions * latent * 2 + kept(convolutions, TAPS) * width * 4;
  const scratch = 4 * (PASS * (4 * width + 3 * k * expertHidden) + vocabulary);
  return { weights: bytes, cache, scratch, all: bytes + cache + scratch };
}

/** Bytes of one matrix of all experts of a layer, about: the mean bits of the file's weights. */
export const largestMatrix = ({ bytes, billions, experts: [E], shape }: PublishedFile): number =>
  (E * shape.width * shape.expertHidden * bytes) / (billions.total * 1e9);
