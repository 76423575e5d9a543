/** A model's weights, exactly the numbers of the file, dequantised once: float32, the router's own float64. */
import { dequantise } from '../../model/dequantise.ts';
import type { LayerWeights, Model, Tensor } from '../../model/types.ts';

/** Shapes as in LayerWeights (model/types.ts), rows contiguous. */
export interface CpuLayer {
  readonly attentionNorm: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly qBias: Float32Array | null;
  readonly kBias: Float32Array | null;
  readonly vBias: Float32Array | null;
  readonly qNorm: Float32Array | null;
  readonly kNorm: Float32Array | null;
  /** RoPE turns q and k. */
  readonly turns: boolean;
  readonly attentionOutput: Float32Array;
  readonly convolution: Float32Array | null;
  readonly ffnNorm: Float64Array;
  readonly router: Float64Array | null;
  readonly selection: Float32Array | null;
  /** How many experts gate, up and down are of. */
  readonly experts: number;
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
  readonly shared: SharedExpert | null;
}

/** The expert that every token has. */
export interface SharedExpert extends Pick<CpuLayer, 'gate' | 'up' | 'down'> {
  readonly scale: Float32Array | null;
}

export interface CpuWeights {
  readonly tokenEmbedding: Float32Array;
  readonly layers: readonly CpuLayer[];
  readonly outputNorm: Float32Array;
  /** The same array as tokenEmbedding when tied. */
  readonly output: Float32Array;
}

const optional = (tensor: Tensor | null) => (tensor ? dequantise(tensor) : null);

function sharedExpert({ sharedGate, sharedUp, sharedDown, sharedScale }: LayerWeights): SharedExpert | null {
  if (!sharedGate || !sharedUp || !sharedDown) return null;
  return {
    gate: dequantise(sharedGate),
    up: dequantise(sharedUp),
    down: dequantise(sharedDown),
    scale: optional(sharedScale),
  };
}

export function dequantiseWeights({ weights, config }: Pick<Model, 'weights' | 'config'>): CpuWeights {
  const tokenEmbedding = dequantise(weights.tokenEmbedding);
  return {
    tokenEmbedding,
    layers: weights.layers.map((layer, index) => ({
      turns: !config.unturned.includes(index),
      attentionNorm: dequantise(layer.attentionNorm),
      q: dequantise(layer.q),
      k: dequantise(layer.k),
      v: dequantise(layer.v),
      qBias: optional(layer.qBias),
      kBias: optional(layer.kBias),
      vBias: optional(layer.vBias),
      qNorm: optional(layer.qNorm),
      kNorm: optional(layer.kNorm),
      attentionOutput: dequantise(layer.attentionOutput),
      convolution: optional(layer.convolution),
      ffnNorm: Float64Array.from(dequantise(layer.ffnNorm)),
      router: layer.router && Float64Array.from(dequantise(layer.router)),
      selection: optional(layer.selection),
      experts: layer.gate.shape[2] ?? 1,
      gate: dequantise(layer.gate),
      up: dequantise(layer.up),
      down: dequantise(layer.down),
      shared: sharedExpert(layer),
    })),
    outputNorm: dequantise(weights.outputNorm),
    output: weights.output === weights.tokenEmbedding ? tokenEmbedding : dequantise(weights.output),
  };
}
