/** A model's weights in GPU memory, still quantised as in its file. */
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
  readonly gate: WeightMatrix;
  readonly up: WeightMatrix;
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
  const values = dequantise(tensor);
  const buffer = gpu.device.createBuffer({
    label: tensor.name,
    size: values.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  });
  gpu.device.queue.writeBuffer(buffer, 0, values as Float32Array<ArrayBuffer>);
  return buffer;
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
    qkv: uploadWeights(gpu, stackRows([layer.q, layer.k, layer.v])),
    qNorm: floats(layer.qNorm),
    kNorm: floats(layer.kNorm),
    attentionOutput: uploadWeights(gpu, layer.attentionOutput),
    ffnNorm: uploadFloats(gpu, layer.ffnNorm),
    router: floats(layer.router),
    gate: uploadWeights(gpu, layer.gate),
    up: uploadWeights(gpu, layer.up),
    down: uploadWeights(gpu, layer.down),
  };
}
