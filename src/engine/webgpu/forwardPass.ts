/**
 * The forward pass as a list of dispatches, built once and replayed. Two lists of the same floors: `few` for decode
 * (GEMV, expert ids read in the kernel), `many` for prefill (plan, grouped GEMM over expert tiles, combine).
 */
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { embed } from '../../kernels/embed.ts';
import { gemv } from '../../kernels/gemv.ts';
import { sample } from '../../kernels/sample.ts';
import { softCap } from '../../kernels/softCap.ts';
import type { ModelConfig } from '../../model/types.ts';
import type { Activations, Site } from './activations.ts';
import { ffnFew, ffnMany, routedMany } from './ffn.ts';
import { mix } from './mixers.ts';
import { added, FEW, inputOf, MANY } from './products.ts';
import type { GpuLayer, GpuWeights } from './weights.ts';

export interface ForwardPass {
  /** tokens → residual stream x, for passes of at most `gpu.tuning.few` tokens. */
  readonly few: readonly Dispatch[];
  /** The same for longer passes; compiled when first asked for. */
  readonly many: () => Promise<readonly Dispatch[]>;
  /** Last row of x → logits [V] → the next token, drawn and written where the next pass reads it. */
  readonly head: readonly Dispatch[];
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
    Promise.all([...start, ...layers.flatMap(one)]);
  const [few, head] = await Promise.all([
    list((layer, index) => [...mix(site, layer, index, FEW), ...ffnFew(site, layer, index)]),
    Promise.all(languageHead(site, weights)),
  ]);
  let planned: Promise<readonly Dispatch[]> | null = null;
  const many = () => {
    planned ??= list((layer, index) => [...mix(site, layer, index, MANY), ...ffnMany(site, layer, index)]);
    return planned;
  };
  return { few, many, head };
}

function embedTokens({ gpu, config, a }: Site, weights: GpuWeights): Promise<Dispatch>[] {
  return weights.tokenEmbedding.map(({ weight: table, first }) =>
    embed(gpu, { table, first, scale: config.embeddingScale }, { tokens: a.tokens, x: a.x, pass: a.pass }),
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
    const before = mix(site, layer, index, MANY);
    if (!layer.router) return [...before, ...ffnMany(site, layer, index)];
    const { choosing, computing, adding } = routedMany(site, layer, layer.router, index);
    const { routed, computed } = taps(layer, index);
    return [...before, ...choosing, routed, ...computing, computed, ...adding];
  });
  return Promise.all([...embedTokens(site, weights), ...layers]);
}

/** Logits within the model's bound, if it has one. */
export function capped(
  { gpu, config, a }: Pick<Site, 'gpu' | 'config'> & { readonly a: Pick<Activations, 'pass'> },
  logits: GPUBuffer,
  alone = false,
): Promise<Dispatch>[] {
  const { vocabulary: width, logitCap: cap } = config;
  return cap ? [softCap(gpu, { width, cap, alone }, { y: logits, pass: a.pass })] : [];
}

function languageHead(site: Site, weights: GpuWeights): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  const { first, x, norm, normWeight } = inputOf(site, FEW, weights.outputNorm, weights.outputNormBias);
  return [
    ...first,
    // Bound from the part's first row on, not told of it: parts of one height share a pipeline.
    ...weights.output.map(({ weight, first: row }) =>
      gemv(
        gpu,
        { weight, norm, accumulate: false, last: true, scale: 1 / config.logitScale },
        { x, normWeight, y: { buffer: a.logits, offset: 4 * row }, pass: a.pass },
      ),
    ),
    ...added(site, config.vocabulary, weights.outputBias, a.logits, true),
    ...capped(site, a.logits, true),
    sample(
      gpu,
      { vocabulary: config.vocabulary },
      { logits: a.logits, sampling: a.sampling, tokens: a.tokens, draws: a.draws, pass: a.pass },
    ),
  ];
}
