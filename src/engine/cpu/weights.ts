/** A model's weights, exactly the numbers of the file, dequantised once: float32, the router's own float64. */
import { dequantise } from '../../model/dequantise.ts';
import { headsOf } from '../../model/layerKinds.ts';
import type { HeadShape, LayerWeights, Model, Tensor } from '../../model/types.ts';
import { ropeAngles } from '../../reference/rope.ts';

/** Shapes as in LayerWeights (model/types.ts), rows contiguous. */
export interface CpuLayer {
  readonly attentionNorm: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  /** Empty in a layer with latent attention. */
  readonly v: Float32Array;
  readonly qBias: Float32Array | null;
  readonly kBias: Float32Array | null;
  readonly vBias: Float32Array | null;
  readonly qNorm: Float32Array | null;
  readonly kNorm: Float32Array | null;
  /** Of its attention. */
  readonly heads: HeadShape;
  /** RoPE turns q and k by these from one position to the next; null where it leaves them. [ropeDim / 2] */
  readonly angles: Float64Array | null;
  /** Positions that a token sees, its own included. */
  readonly window: number;
  readonly sinks: Float32Array | null;
  readonly latent: CpuLatent | null;
  readonly attentionGate: Float32Array | null;
  readonly attentionOutput: Float32Array;
  readonly outputBias: Float32Array | null;
  readonly attentionNormBias: Float32Array | null;
  readonly ffnNormBias: Float32Array | null;
  readonly postAttentionNorm: Float32Array | null;
  readonly postFfnNorm: Float32Array | null;
  readonly outputScale: number;
  readonly postExpertsNorm: Float32Array | null;
  readonly convolution: Float32Array | null;
  readonly ffnNorm: Float64Array;
  readonly router: Float64Array | null;
  /** The router's norm, where it is not ffnNorm; divided by √D. */
  readonly routerNorm: Float64Array | null;
  readonly routerBias: Float32Array | null;
  readonly selection: Float32Array | null;
  /** How many experts gate, up and down are of. */
  readonly experts: number;
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
  readonly expertScale: Float32Array | null;
  readonly biases: ExpertBiases | null;
  readonly shared: SharedExpert | null;
}

/** As LatentWeights. */
export interface CpuLatent {
  readonly queryNorm: Float32Array | null;
  readonly queryUp: Float32Array | null;
  readonly norm: Float32Array;
  readonly keyUp: Float32Array;
  readonly valueUp: Float32Array;
}

/** What is added to an expert's products. [E, H], [E, H], [E, D] */
export type ExpertBiases = Pick<CpuLayer, 'gate' | 'up' | 'down'>;

/** The expert that every token has. */
export interface SharedExpert extends Pick<CpuLayer, 'gate' | 'up' | 'down'> {
  readonly scale: Float32Array | null;
  /** Before it, in place of ffnNorm, and behind it. */
  readonly norm: Float32Array | null;
  readonly postNorm: Float32Array | null;
}

export interface CpuWeights {
  readonly tokenEmbedding: Float32Array;
  readonly layers: readonly CpuLayer[];
  readonly outputNorm: Float32Array;
  /** The same array as tokenEmbedding when tied. */
  readonly output: Float32Array;
  readonly outputNormBias: Float32Array | null;
  readonly outputBias: Float32Array | null;
}

const optional = (tensor: Tensor | null) => (tensor ? dequantise(tensor) : null);

function sharedExpert(layer: LayerWeights): SharedExpert | null {
  const { sharedGate, sharedUp, sharedDown, sharedScale } = layer;
  if (!sharedGate || !sharedUp || !sharedDown) return null;
  return {
    gate: dequantise(sharedGate),
    up: dequantise(sharedUp),
    down: dequantise(sharedDown),
    scale: optional(sharedScale),
    norm: optional(layer.sharedNorm),
    postNorm: optional(layer.postSharedNorm),
  };
}

function expertBiases({ gateBias, upBias, downBias }: LayerWeights): ExpertBiases | null {
  if (!gateBias || !upBias || !downBias) return null;
  return { gate: dequantise(gateBias), up: dequantise(upBias), down: dequantise(downBias) };
}

function latentWeights({ latent }: LayerWeights): CpuLatent | null {
  if (!latent) return null;
  return {
    queryNorm: optional(latent.queryNorm),
    queryUp: optional(latent.queryUp),
    norm: dequantise(latent.norm),
    keyUp: dequantise(latent.keyUp),
    valueUp: dequantise(latent.valueUp),
  };
}

export function dequantiseWeights({ weights, config }: Pick<Model, 'weights' | 'config'>): CpuWeights {
  const wide = ropeAngles({ ...config, ropeFactors: optional(weights.ropeFactors) });
  const narrow = config.narrow && ropeAngles({ ...config, ...config.narrow });
  const { window: sight, width } = config;
  const isNarrow = (index: number) => sight?.layers.includes(index) ?? false;
  const tokenEmbedding = dequantise(weights.tokenEmbedding);
  return {
    tokenEmbedding,
    layers: weights.layers.map((layer, index) => ({
      heads: headsOf(config, index),
      angles: config.unturned.includes(index) ? null : isNarrow(index) ? (narrow ?? wide) : wide,
      window: sight && isNarrow(index) ? sight.positions : Number.POSITIVE_INFINITY,
      sinks: optional(layer.sinks),
      latent: latentWeights(layer),
      attentionGate: optional(layer.attentionGate),
      outputBias: optional(layer.outputBias),
      attentionNormBias: optional(layer.attentionNormBias),
      ffnNormBias: optional(layer.ffnNormBias),
      postAttentionNorm: optional(layer.postAttentionNorm),
      postFfnNorm: optional(layer.postFfnNorm),
      outputScale: optional(layer.outputScale)?.[0] ?? 1,
      postExpertsNorm: optional(layer.postExpertsNorm),
      routerBias: optional(layer.routerBias),
      biases: expertBiases(layer),
      attentionNorm: dequantise(layer.attentionNorm),
      q: dequantise(layer.q),
      k: dequantise(layer.k),
      v: optional(layer.v) ?? new Float32Array(),
      qBias: optional(layer.qBias),
      kBias: optional(layer.kBias),
      vBias: optional(layer.vBias),
      qNorm: optional(layer.qNorm),
      kNorm: optional(layer.kNorm),
      attentionOutput: dequantise(layer.attentionOutput),
      convolution: optional(layer.convolution),
      ffnNorm: Float64Array.from(dequantise(layer.ffnNorm)),
      router: layer.router && Float64Array.from(dequantise(layer.router)),
      routerNorm:
        layer.routerNorm && Float64Array.from(dequantise(layer.routerNorm), (weight) => weight / Math.sqrt(width)),
      selection: optional(layer.selection),
      experts: layer.gate.shape[2] ?? 1,
      gate: dequantise(layer.gate),
      up: dequantise(layer.up),
      down: dequantise(layer.down),
      expertScale: optional(layer.expertScale),
      shared: sharedExpert(layer),
    })),
    outputNorm: dequantise(weights.outputNorm),
    output: weights.output === weights.tokenEmbedding ? tokenEmbedding : dequantise(weights.output),
    outputNormBias: optional(weights.outputNormBias),
    outputBias: optional(weights.outputBias),
  };
}
