/**
 * The forward pass as a list of dispatches, built once and replayed. Two lists of the same floors: `few` for decode
 * (GEMV, expert ids read in the kernel), `many` for prefill (plan, grouped GEMM over expert tiles, combine).
 */
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { addBias } from '../../kernels/addBias.ts';
import { attention } from '../../kernels/attention.ts';
import { convolution } from '../../kernels/convolution.ts';
import { copyRows } from '../../kernels/copyRows.ts';
import { embed } from '../../kernels/embed.ts';
import { gemv } from '../../kernels/gemv.ts';
import { matmul, type Place } from '../../kernels/matmul.ts';
import { rmsNorm } from '../../kernels/rmsNorm.ts';
import { rope } from '../../kernels/rope.ts';
import { sample } from '../../kernels/sample.ts';
import type { WeightMatrix } from '../../kernels/weights.ts';
import type { ModelConfig } from '../../model/types.ts';
import type { Activations } from './activations.ts';
import { ffnFew, ffnMany, routedMany } from './ffn.ts';
import type { GpuLayer, GpuWeights } from './weights.ts';

export interface ForwardPass {
  /** tokens → residual stream x, for passes of at most `gpu.tuning.few` tokens. */
  readonly few: readonly Dispatch[];
  /** The same for longer passes; compiled when first asked for. */
  readonly many: () => Promise<readonly Dispatch[]>;
  /** Last row of x → logits [V] → the next token, drawn and written where the next pass reads it. */
  readonly head: readonly Dispatch[];
}

export interface Site {
  readonly gpu: Gpu;
  readonly config: ModelConfig;
  readonly a: Activations;
}

export async function planForwardPass(
  gpu: Gpu,
  config: ModelConfig,
  weights: GpuWeights,
  a: Activations,
): Promise<ForwardPass> {
  const site = { gpu, config, a };
  const start = embedTokens(site, weights);
  const layers = weights.layers;
  const list = async (one: (layer: GpuLayer, index: number) => Promise<Dispatch>[]) =>
    Promise.all([start, ...layers.flatMap(one)]);
  const [few, head] = await Promise.all([
    list((layer, index) => [...attentionFew(site, layer, index), ...ffnFew(site, layer, index)]),
    Promise.all(languageHead(site, weights)),
  ]);
  let planned: Promise<readonly Dispatch[]> | null = null;
  const many = () => {
    planned ??= list((layer, index) => [...attentionMany(site, layer, index), ...ffnMany(site, layer, index)]);
    return planned;
  };
  return { few, many, head };
}

function embedTokens({ gpu, config, a }: Site, weights: GpuWeights): Promise<Dispatch> {
  return embed(
    gpu,
    { table: weights.tokenEmbedding, scale: config.embeddingScale },
    { tokens: a.tokens, x: a.x, pass: a.pass },
  );
}

/** Dispatches that listen in on one layer: after its router, and before its experts' outputs are added. */
export interface Taps {
  readonly routed: Promise<Dispatch>;
  readonly computed: Promise<Dispatch>;
}

/** The `many` list with taps in every layer. */
export function planTapped(
  gpu: Gpu,
  config: ModelConfig,
  weights: GpuWeights,
  a: Activations,
  taps: (layer: GpuLayer, index: number) => Taps,
): Promise<Dispatch[]> {
  const site = { gpu, config, a };
  const layers = weights.layers.flatMap((layer, index) => {
    const before = attentionMany(site, layer, index);
    if (!layer.router) return [...before, ...ffnMany(site, layer, index)];
    const { choosing, computing, adding } = routedMany(site, layer, layer.router, index);
    const { routed, computed } = taps(layer, index);
    return [...before, choosing, routed, ...computing, computed, ...adding];
  });
  return Promise.all([embedTokens(site, weights), ...layers]);
}

function attentionFew(site: Site, layer: GpuLayer, index: number): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  return [
    ...kept(site),
    ...placed(layer.qkv).map(({ weight, place }) =>
      gemv(
        gpu,
        { weight, norm: { epsilon: config.normEpsilon }, accumulate: false, scale: 1, place },
        { x: a.x, normWeight: layer.attentionNorm, y: a.qkv, pass: a.pass },
      ),
    ),
    ...biases(site, layer),
    ...attend(site, layer, index),
    gemv(
      gpu,
      { weight: layer.attentionOutput, norm: null, accumulate: true, scale: config.residualScale },
      { x: a.attended, y: a.x, pass: a.pass },
    ),
  ];
}

/** What comes into the layer, kept for its router. */
function kept({ gpu, config, a }: Site): Promise<Dispatch>[] {
  return a.early ? [copyRows(gpu, { width: config.width }, { x: a.x, y: a.early.x, pass: a.pass })] : [];
}

/** Matrices whose products stand side by side. */
function placed(matrices: readonly WeightMatrix[]): { weight: WeightMatrix; place: Place }[] {
  const stride = matrices.reduce((sum, { rows }) => sum + rows, 0);
  let end = 0;
  return matrices.map((weight) => {
    const offset = end;
    end += weight.rows;
    return { weight, place: { stride, offset } };
  });
}

function attentionMany(site: Site, layer: GpuLayer, index: number): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  return [
    ...kept(site),
    rmsNorm(
      gpu,
      { width: config.width, epsilon: config.normEpsilon },
      { x: a.x, weight: layer.attentionNorm, y: a.h, pass: a.pass },
    ),
    ...placed(layer.qkv).map(({ weight, place }) =>
      matmul(gpu, { weight, accumulate: false, scale: 1, place }, { x: a.h, y: a.qkv, pass: a.pass }),
    ),
    ...biases(site, layer),
    ...attend(site, layer, index),
    matmul(
      gpu,
      { weight: layer.attentionOutput, accumulate: true, scale: config.residualScale },
      { x: a.attended, y: a.x, pass: a.pass },
    ),
  ];
}

function biases({ gpu, config, a }: Site, { qkvBias }: GpuLayer): Promise<Dispatch>[] {
  const width = (config.heads + 2 * config.kvHeads) * config.headDim;
  return qkvBias ? [addBias(gpu, { width }, { bias: qkvBias, y: a.qkv, pass: a.pass })] : [];
}

/** qkv → q, KV cache → attended. The same kernels for any number of tokens. */
function attend({ gpu, config, a }: Site, layer: GpuLayer, index: number): Promise<Dispatch>[] {
  if (layer.convolution) {
    const { taps, count } = layer.convolution;
    return [
      convolution(
        gpu,
        { width: config.width, taps: count, contextLength: config.contextLength },
        { proj: a.qkv, taps, history: a.keys[index], y: a.attended, pass: a.pass },
      ),
    ];
  }
  const { heads, kvHeads, headDim, contextLength } = config;
  const ropeDim = config.unturned.includes(index) ? 0 : config.ropeDim;
  const caches = { kCache: a.keys[index], vCache: a.values[index] };
  return [
    rope(
      gpu,
      {
        heads,
        kvHeads,
        headDim,
        ropeDim,
        contextLength,
        cache: a.cache,
        ropeStyle: config.ropeStyle,
        qkNorm: config.qkNorm,
        epsilon: config.qkNormEpsilon,
      },
      {
        qkv: a.qkv,
        qNorm: layer.qNorm ?? undefined,
        kNorm: layer.kNorm ?? undefined,
        q: a.q,
        rotations: a.rotations,
        ...caches,
        pass: a.pass,
      },
    ),
    attention(
      gpu,
      { heads, kvHeads, headDim, contextLength, cache: a.cache, scale: config.attentionScale },
      { q: a.q, ...caches, y: a.attended, pass: a.pass },
    ),
  ];
}

function languageHead({ gpu, config, a }: Site, weights: GpuWeights): Promise<Dispatch>[] {
  return [
    gemv(
      gpu,
      {
        weight: weights.output,
        norm: { epsilon: config.normEpsilon },
        accumulate: false,
        last: true,
        scale: 1 / config.logitScale,
      },
      { x: a.x, normWeight: weights.outputNorm, y: a.logits, pass: a.pass },
    ),
    sample(
      gpu,
      { vocabulary: config.vocabulary },
      { logits: a.logits, sampling: a.sampling, tokens: a.tokens, draws: a.draws, pass: a.pass },
    ),
  ];
}
