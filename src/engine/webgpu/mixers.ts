/** What mixes the tokens of a layer: attention, over keys and values or over latent vectors, or a convolution. */
import type { Dispatch } from '../../gpu/types.ts';
import { attention } from '../../kernels/attention.ts';
import { convolution } from '../../kernels/convolution.ts';
import { copyRows } from '../../kernels/copyRows.ts';
import { headProduct } from '../../kernels/headProduct.ts';
import { latentAttention } from '../../kernels/latentAttention.ts';
import { latentRope } from '../../kernels/latentRope.ts';
import { rmsNorm } from '../../kernels/rmsNorm.ts';
import { rope } from '../../kernels/rope.ts';
import { sigmoidGate } from '../../kernels/sigmoidGate.ts';
import type { WeightMatrix } from '../../kernels/weights.ts';
import { headsOf } from '../../model/layerKinds.ts';
import type { Site } from './activations.ts';
import { added, type Input, inputOf, intoX, product } from './products.ts';
import type { GpuLatent, GpuLayer } from './weights.ts';

/** x += what the layer mixes. */
export function mix(site: Site, layer: GpuLayer, index: number, many: boolean): Promise<Dispatch>[] {
  const { config, a } = site;
  const { first, ...input } = inputOf(site, many, layer.attentionNorm, layer.attentionNormBias);
  return [
    ...kept(site),
    ...first,
    ...(layer.latent
      ? attendLatent(site, layer, layer.latent, index, many, input)
      : attend(site, layer, index, many, input)),
    ...intoX(site, layer.postAttentionNorm, (target) => [
      product(site, many, { x: a.attended, norm: null }, { weight: layer.attentionOutput, ...target }),
      ...added(site, config.width, layer.outputBias, target.y),
    ]),
  ];
}

/** What comes into the layer, kept for its router. */
function kept({ gpu, config, a }: Site): Promise<Dispatch>[] {
  if (!config.routesEarly || !a.early) return [];
  return [copyRows(gpu, { width: config.width }, { x: a.x, y: a.early.x, pass: a.pass })];
}

/** Matrices whose products stand side by side. */
function placed(matrices: readonly WeightMatrix[]) {
  const stride = matrices.reduce((sum, { rows }) => sum + rows, 0);
  let end = 0;
  return matrices.map((weight) => {
    const offset = end;
    end += weight.rows;
    return { weight, place: { stride, offset } };
  });
}

/** x → q, k and v → the cache → attended. */
function attend(site: Site, layer: GpuLayer, index: number, many: boolean, input: Input): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  const { width, heads, contextLength } = config;
  const { kvHeads, headDim, ropeDim: turned } = headsOf(config, index);
  const projected = placed(layer.qkv).map((one) => product(site, many, input, { ...one, y: a.qkv }));
  if (layer.convolution) {
    const { taps, count } = layer.convolution;
    const buffers = { proj: a.qkv, taps, history: a.keys[index], y: a.attended, pass: a.pass };
    return [...projected, convolution(gpu, { width, taps: count, contextLength, ring: a.rings[index] }, buffers)];
  }
  const caches = { kCache: a.keys[index], vCache: a.values[index] };
  const { ropeStyle, qkNorm, normsValues, qkNormEpsilon: epsilon, window: sight } = config;
  const isNarrow = sight?.layers.includes(index) ?? false;
  const ropeDim = config.unturned.includes(index) ? 0 : turned;
  const rotations = (isNarrow && a.narrowRotations) || a.rotations;
  const norms = { qNorm: layer.qNorm ?? undefined, kNorm: layer.kNorm ?? undefined };
  const shape = { heads, kvHeads, headDim, contextLength, ring: a.rings[index], cache: a.cache };
  return [
    ...projected,
    ...added(site, (heads + 2 * kvHeads) * headDim, layer.qkvBias, a.qkv),
    rope(
      gpu,
      { ...shape, ropeDim, ropeStyle, qkNorm, normsValues, epsilon },
      { qkv: a.qkv, ...norms, q: a.q, rotations, ...caches, pass: a.pass },
    ),
    attention(
      gpu,
      {
        ...shape,
        scale: config.attentionScale,
        ...(sight && isNarrow && { window: sight.positions }),
      },
      { q: a.q, ...caches, sinks: layer.sinks ?? undefined, y: a.attended, pass: a.pass },
    ),
    ...gated(site, layer, many, input),
  ];
}

function gated(site: Site, { attentionGate: weight }: GpuLayer, many: boolean, input: Input): Promise<Dispatch>[] {
  if (!weight) return [];
  const { gpu, a } = site;
  return [
    product(site, many, input, { weight, y: a.gate }),
    sigmoidGate(gpu, { width: weight.rows }, { gate: a.gate, y: a.attended, pass: a.pass }),
  ];
}

/** x → queries and latent vectors → the cache → attended, in the absorbed form. */
function attendLatent(
  site: Site,
  layer: GpuLayer,
  { queryNorm, queryUp, norm, keyUp, valueUp }: GpuLatent,
  index: number,
  many: boolean,
  input: Input,
): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  const { heads, contextLength, qkNormEpsilon: epsilon, attentionScale: scale } = config;
  const { rank, plain, turned, value, queryRank } = config.latent!;
  const { narrow, normed, kept, query, mixed } = a.latent!;
  const [queries, latents] = layer.qkv;
  const { pass } = a;
  const shape = { heads, rank, plain, turned, contextLength, cache: a.cache };
  const kvCache = a.keys[index];
  return [
    product(site, many, input, { weight: queries, y: queryUp ? narrow : a.q }),
    ...(queryUp && queryNorm
      ? [
          rmsNorm(gpu, { width: queryRank, epsilon }, { x: narrow, weight: queryNorm, y: normed, pass }),
          product(site, many, { x: normed, norm: null }, { weight: queryUp, y: a.q }),
        ]
      : []),
    product(site, many, input, { weight: latents, y: kept }),
    latentRope(
      gpu,
      { ...shape, epsilon },
      { q: a.q, kept, normWeight: norm, rotations: a.rotations, query, kvCache, pass },
    ),
    headProduct(gpu, { weight: keyUp, xStride: plain + turned, yStride: rank + turned }, { x: a.q, y: query, pass }),
    latentAttention(gpu, { ...shape, scale }, { query, kvCache, y: mixed, pass }),
    headProduct(gpu, { weight: valueUp, xStride: rank, yStride: value }, { x: mixed, y: a.attended, pass }),
  ];
}
