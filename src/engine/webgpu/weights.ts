/** A model's weights in GPU memory, still quantised as in its file. */
import { uploadBuffer } from '../../gpu/buffers.ts';
import type { Gpu } from '../../gpu/types.ts';
import { emptyWeights, stackRows, uploadWeights, type WeightMatrix } from '../../kernels/weights.ts';
import { dequantise } from '../../model/dequantise.ts';
import { NonFinite } from '../../model/nonFinite.ts';
import { inMemory } from '../../model/stored.ts';
import type { LayerWeights, Model, Tensor } from '../../model/types.ts';
import { streamMatrix } from './streaming.ts';

export interface GpuLayer {
  readonly attentionNorm: GPUBuffer; // [D]
  /** One matrix when q, k and v share a type, so that decode needs one dispatch for the three; else those that do, in order. [D, (heads + 2·kvHeads)·headDim] */
  readonly qkv: readonly WeightMatrix[];
  readonly qkvBias: GPUBuffer | null; // [(heads + 2·kvHeads)·headDim]
  readonly qNorm: GPUBuffer | null;
  readonly kNorm: GPUBuffer | null;
  readonly attentionOutput: WeightMatrix;
  /** Of a layer without attention; see LayerWeights. */
  readonly convolution: { readonly taps: GPUBuffer; readonly count: number } | null; // [D, count]
  readonly ffnNorm: GPUBuffer; // [D]
  readonly router: GPUBuffer | null; // [E, D]
  /** Gate and up of an expert stacked: one matrix, read together. [D, 2H, E], or as many entries as a cache of experts has */
  readonly gateUp: WeightMatrix;
  readonly down: WeightMatrix;
  /** Biases that only choose, for the router's control. [E] */
  readonly selection: Float32Array | null;
  /** The expert that every token has; scale [D]. */
  readonly shared: {
    readonly gateUp: WeightMatrix;
    readonly down: WeightMatrix;
    readonly scale: GPUBuffer | null;
  } | null;
}

export interface GpuWeights {
  readonly tokenEmbedding: WeightMatrix;
  readonly layers: readonly GpuLayer[];
  readonly outputNorm: GPUBuffer;
  readonly output: WeightMatrix;
  /** What was seen in weights that were read only now. */
  readonly warning: string | null;
}

/** Uploads a vector or the router as f32: tiny, and always read in full precision. */
export function uploadFloats(gpu: Gpu, tensor: Tensor): GPUBuffer {
  return uploadBuffer(gpu.device, tensor.name, dequantise(tensor));
}

interface Site {
  readonly gpu: Gpu;
  /** Of tensors that are only now read. */
  readonly found: NonFinite;
}

async function floats({ gpu, found }: Site, tensor: Tensor): Promise<GPUBuffer> {
  const here = await inMemory(tensor);
  if (tensor.stored) found.add(here);
  return uploadFloats(gpu, here);
}

/** Neighbours of one format together. */
function runs(tensors: readonly Tensor[]): Tensor[][] {
  const found: Tensor[][] = [];
  for (const tensor of tensors) {
    const last = found.at(-1);
    if (last?.[0].type === tensor.type) last.push(tensor);
    else found.push([tensor]);
  }
  return found;
}

/** The tensor with f32 values, exactly. */
function widen(tensor: Tensor): Tensor {
  const values = dequantise(tensor);
  return { ...tensor, type: 'f32', data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** Matrices that are multiplied together, as one. Where a file mixes their formats they are widened to f32. */
function matrix({ gpu, found }: Site, tensors: readonly Tensor[]): Promise<WeightMatrix> | WeightMatrix {
  const same = tensors.every(({ type }) => type === tensors[0].type);
  if (tensors.some(({ stored }) => stored)) return streamMatrix(gpu, tensors, same ? tensors[0].type : 'f32', found);
  return uploadWeights(gpu, stackRows(same ? tensors : tensors.map(widen)));
}

/** The matrices of one expert as one, in the format that the GPU keeps. */
export const stackExpert = (tensors: readonly Tensor[]): Tensor =>
  stackRows(tensors.every(({ type }) => type === tensors[0].type) ? tensors : tensors.map(widen));

/** The matrices of a layer's experts; with room for `entries` of them, where they come when they are asked for. */
function experts(site: Site, tensors: readonly Tensor[], entries: number): Promise<WeightMatrix> | WeightMatrix {
  const [{ type, shape }] = tensors;
  const [columns, , count = 1] = shape;
  if (count <= entries) return matrix(site, tensors);
  const rows = tensors.reduce((sum, tensor) => sum + tensor.shape[1], 0);
  return emptyWeights(site.gpu, {
    name: `cache of ${tensors.map(({ name }) => name).join('+')}`,
    type: tensors.every((tensor) => tensor.type === type) ? type : 'f32',
    shape: [columns, rows, entries],
  });
}

/**
 * @param onProgress layers done, of how many. Awaits between layers so that a worker stays responsive.
 * @param entries experts of a layer that there is room for
 */
export async function uploadModel(
  gpu: Gpu,
  model: Model,
  onProgress: (done: number, total: number) => void = () => {},
  entries = Number.POSITIVE_INFINITY,
): Promise<GpuWeights> {
  const site = { gpu, found: new NonFinite() };
  const total = model.weights.layers.length + 1;
  const layers: GpuLayer[] = [];
  for (const layer of model.weights.layers) {
    layers.push(await uploadLayer(site, layer, entries));
    onProgress(layers.length, total);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const tokenEmbedding = await matrix(site, [model.weights.tokenEmbedding]);
  const tied = model.weights.output === model.weights.tokenEmbedding;
  const weights = {
    tokenEmbedding,
    layers,
    outputNorm: await floats(site, model.weights.outputNorm),
    output: tied ? tokenEmbedding : await matrix(site, [model.weights.output]),
  };
  onProgress(total, total);
  return { ...weights, warning: site.found.warning() };
}

async function uploadLayer(site: Site, layer: LayerWeights, entries: number): Promise<GpuLayer> {
  const optional = (tensor: Tensor | null) => (tensor ? floats(site, tensor) : null);
  const qkv: WeightMatrix[] = [];
  for (const same of runs([layer.q, layer.k, layer.v])) qkv.push(await matrix(site, same));
  return {
    attentionNorm: await floats(site, layer.attentionNorm),
    qkv,
    qkvBias: await biases(site, [layer.qBias, layer.kBias, layer.vBias]),
    qNorm: await optional(layer.qNorm),
    kNorm: await optional(layer.kNorm),
    attentionOutput: await matrix(site, [layer.attentionOutput]),
    convolution: layer.convolution && {
      taps: await floats(site, layer.convolution),
      count: layer.convolution.shape[0],
    },
    ffnNorm: await floats(site, layer.ffnNorm),
    router: await optional(layer.router),
    gateUp: await experts(site, [layer.gate, layer.up], entries),
    down: await experts(site, [layer.down], entries),
    selection: layer.selection && dequantise(await inMemory(layer.selection)),
    shared: await sharedExpert(site, layer),
  };
}

async function sharedExpert(site: Site, layer: LayerWeights): Promise<GpuLayer['shared']> {
  const { sharedGate, sharedUp, sharedDown, sharedScale } = layer;
  if (!sharedGate || !sharedUp || !sharedDown) return null;
  return {
    gateUp: await matrix(site, [sharedGate, sharedUp]),
    down: await matrix(site, [sharedDown]),
    scale: sharedScale && (await floats(site, sharedScale)),
  };
}

async function biases({ gpu }: Site, tensors: readonly (Tensor | null)[]): Promise<GPUBuffer | null> {
  const values: number[] = [];
  for (const tensor of tensors) if (tensor) values.push(...dequantise(await inMemory(tensor)));
  return values.length > 0 ? uploadBuffer(gpu.device, 'biases of q, k and v', Float32Array.from(values)) : null;
}
