/** A model's weights in GPU memory, still quantised as in its file. */
import { uploadBuffer } from '../../gpu/buffers.ts';
import type { Gpu } from '../../gpu/types.ts';
import { stackRows, uploadWeights, type WeightMatrix } from '../../kernels/weights.ts';
import { dequantise } from '../../model/dequantise.ts';
import type { LayerWeights, Model, Tensor } from '../../model/types.ts';

export interface GpuLayer {
  readonly attentionNorm: GPUBuffer; // [D]
  /** One matrix when q, k and v share a type, so that decode needs one dispatch for the three. [D, (heads + 2·kvHeads)·headDim] */
  readonly qkv: WeightMatrix;
  readonly qNorm: GPUBuffer | null;
  readonly kNorm: GPUBuffer | null;
  readonly attentionOutput: WeightMatrix;
  readonly ffnNorm: GPUBuffer; // [D]
  readonly router: GPUBuffer | null; // [E, D]
  /** Gate and up of an expert stacked: one matrix, read together. [D, 2H, E] */
  readonly gateUp: WeightMatrix;
  readonly down: WeightMatrix;
}

export interface GpuWeights {
  readonly tokenEmbedding: WeightMatrix;
  readonly layers: readonly GpuLayer[];
  readonly outputNorm: GPUBuffer;
  readonly output: WeightMatrix;
}

/** Uploads a vector or the router as f32: tiny, and always read in full precision. */
export function uploadFloats(gpu: Gpu, tensor: Tensor): GPUBuffer {
  return uploadBuffer(gpu.device, tensor.name, dequantise(tensor));
}

/** Matrices that are multiplied together, as one. Where a file mixes their formats they are widened to f32, exactly. */
function uploadStacked(gpu: Gpu, tensors: readonly Tensor[]): WeightMatrix {
  const same = tensors.every(({ type }) => type === tensors[0].type);
  return uploadWeights(gpu, stackRows(same ? tensors : tensors.map(widen)));
}

function widen(tensor: Tensor): Tensor {
  const values = dequantise(tensor);
  return { ...tensor, type: 'f32', data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** @param onProgress layers done, of how many. Awaits between layers so that a worker stays responsive. */
export async function uploadModel(
  gpu: Gpu,
  model: Model,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<GpuWeights> {
  const total = model.weights.layers.length + 1;
  const layers: GpuLayer[] = [];
  for (const layer of model.weights.layers) {
    layers.push(uploadLayer(gpu, layer));
    onProgress(layers.length, total);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const tokenEmbedding = uploadWeights(gpu, model.weights.tokenEmbedding);
  const tied = model.weights.output === model.weights.tokenEmbedding;
  const weights = {
    tokenEmbedding,
    layers,
    outputNorm: uploadFloats(gpu, model.weights.outputNorm),
    output: tied ? tokenEmbedding : uploadWeights(gpu, model.weights.output),
  };
  onProgress(total, total);
  return weights;
}

function uploadLayer(gpu: Gpu, layer: LayerWeights): GpuLayer {
  const floats = (tensor: Tensor | null) => (tensor ? uploadFloats(gpu, tensor) : null);
  return {
    attentionNorm: uploadFloats(gpu, layer.attentionNorm),
    qkv: uploadStacked(gpu, [layer.q, layer.k, layer.v]),
    qNorm: floats(layer.qNorm),
    kNorm: floats(layer.kNorm),
    attentionOutput: uploadWeights(gpu, layer.attentionOutput),
    ffnNorm: uploadFloats(gpu, layer.ffnNorm),
    router: floats(layer.router),
    gateUp: uploadStacked(gpu, [layer.gate, layer.up]),
    down: uploadWeights(gpu, layer.down),
  };
}
