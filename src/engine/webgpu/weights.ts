/** A model's weights in GPU memory, still quantised as in its file. */
import { uploadBuffer } from '../../gpu/buffers.ts';
import type { Gpu } from '../../gpu/types.ts';
import { emptyWeights, type RowPart, stackRows, uploadWeights, type WeightMatrix } from '../../kernels/weights.ts';
import { dequantise } from '../../model/dequantise.ts';
import { NonFinite } from '../../model/nonFinite.ts';
import { inMemory } from '../../model/stored.ts';
import type { LayerWeights, Model, Tensor } from '../../model/types.ts';
import { rowParts } from './fit.ts';
import { streamMatrix } from './streaming.ts';

export interface GpuLayer {
  readonly attentionNorm: GPUBuffer; // [D]
  /** One matrix when q, k and v share a type, so that decode needs one dispatch for the three; else those that do, in order. [D, (heads + 2·kvHeads)·headDim] */
  readonly qkv: readonly WeightMatrix[];
  readonly qkvBias: GPUBuffer | null; // [(heads + 2·kvHeads)·headDim]
  readonly qNorm: GPUBuffer | null;
  readonly kNorm: GPUBuffer | null;
  /** With them qkv makes queries, or what they are made of, and what is kept of a token. */
  readonly latent: GpuLatent | null;
  readonly sinks: GPUBuffer | null; // [heads]
  readonly attentionGate: WeightMatrix | null;
  readonly attentionOutput: WeightMatrix;
  readonly outputBias: GPUBuffer | null; // [D], times the model's residual scale
  /** Of a layer without attention; see LayerWeights. */
  readonly convolution: { readonly taps: GPUBuffer; readonly count: number } | null; // [D, count]
  readonly ffnNorm: GPUBuffer; // [D]
  readonly attentionNormBias: GPUBuffer | null;
  readonly ffnNormBias: GPUBuffer | null;
  readonly postAttentionNorm: GPUBuffer | null;
  /** [D], and behind it what x is multiplied by in the end, where it is. */
  readonly postFfnNorm: GPUBuffer | null;
  readonly scalesOutput: boolean;
  readonly postExpertsNorm: GPUBuffer | null;
  readonly router: GPUBuffer | null; // [E, D]
  /** The router's norm, where it is not ffnNorm; divided by √D. */
  readonly routerNorm: GPUBuffer | null; // [D]
  /** Gate and up of an expert stacked: one matrix, read together. [D, 2H, E], or as many entries as a cache of experts has */
  readonly gateUp: WeightMatrix;
  readonly down: WeightMatrix;
  /** Of an expert, stacked as its matrices are: gate's and up's, and down's. [2H, 1, entries], [D, 1, entries] */
  readonly biases: { readonly gateUp: WeightMatrix; readonly down: WeightMatrix } | null;
  /** The router's biases, for its control. [E] */
  readonly routerBias: Float32Array | null;
  /** There is room for all experts, and they are still on their way: the router looks up who is there. */
  readonly arriving: boolean;
  /** Biases that only choose, for the router's control. [E] */
  readonly selection: Float32Array | null;
  /** Factors on what the experts give, for the router's control. [E] */
  readonly expertScale: Float32Array | null;
  /** The expert that every token has; scale [D]. Its norms are before it, in place of ffnNorm, and behind it. */
  readonly shared: {
    readonly gateUp: WeightMatrix;
    readonly down: WeightMatrix;
    readonly scale: GPUBuffer | null;
    readonly norm: GPUBuffer | null;
    readonly postNorm: GPUBuffer | null;
  } | null;
}

/** As LatentWeights. */
export interface GpuLatent {
  readonly queryNorm: GPUBuffer | null;
  readonly queryUp: WeightMatrix | null;
  readonly norm: GPUBuffer;
  readonly keyUp: WeightMatrix;
  readonly valueUp: WeightMatrix;
}

export interface GpuWeights {
  readonly tokenEmbedding: readonly RowPart[];
  readonly layers: readonly GpuLayer[];
  readonly outputNorm: GPUBuffer;
  readonly output: readonly RowPart[];
  readonly outputNormBias: GPUBuffer | null;
  readonly outputBias: GPUBuffer | null;
  /** RoPE's angles are divided by these. */
  readonly ropeFactors: Float32Array | null;
}

/** Uploads a vector or the router as f32: tiny, and always read in full precision. */
export function uploadFloats(gpu: Gpu, tensor: Tensor): GPUBuffer {
  return uploadBuffer(gpu.device, tensor.name, dequantise(tensor));
}

/** How many of a layer's experts there is room for, and whether they come only when a router asks for them. */
export interface ExpertRoom {
  readonly entries: number;
  readonly onDemand: boolean;
}

const comeLater = ({ entries, onDemand }: ExpertRoom, experts: number): boolean =>
  experts > 1 && (onDemand || experts > entries);

interface Site {
  readonly gpu: Gpu;
  readonly room: ExpertRoom;
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

/** A matrix that may be larger than a kernel can see. */
async function inParts(site: Site, tensor: Tensor): Promise<RowPart[]> {
  const parts: RowPart[] = [];
  let first = 0;
  for (const part of rowParts(site.gpu.device, tensor)) {
    const weight = await matrix(site, [part]);
    parts.push({ weight, first });
    first += weight.rows;
  }
  return parts;
}

/** The matrices of one expert as one, in the format that the GPU keeps. */
export const stackExpert = (tensors: readonly Tensor[]): Tensor =>
  stackRows(tensors.every(({ type }) => type === tensors[0].type) ? tensors : tensors.map(widen));

/** The matrices of a layer's experts, or room for those that come when they are asked for. */
function experts(site: Site, tensors: readonly Tensor[]): Promise<WeightMatrix> | WeightMatrix {
  const [{ type, shape }] = tensors;
  const [columns, , count = 1] = shape;
  if (!comeLater(site.room, count)) return matrix(site, tensors);
  const rows = tensors.reduce((sum, tensor) => sum + tensor.shape[1], 0);
  return emptyWeights(site.gpu, {
    name: `cache of ${tensors.map(({ name }) => name).join('+')}`,
    type: tensors.every((tensor) => tensor.type === type) ? type : 'f32',
    shape: [columns, rows, Math.min(count, site.room.entries)],
  });
}

/** A layer's experts, or room for them. */
const uploadExperts = async (site: Site, layer: LayerWeights) => ({
  gateUp: await experts(site, [layer.gate, layer.up]),
  down: await experts(site, [layer.down]),
  biases: await expertBiases(site, layer),
  arriving: layer.router !== null && site.room.onDemand,
});

/** Other room for the experts, which come when they are asked for; everything else stays where it is. */
export async function otherRoom(gpu: Gpu, model: Model, weights: GpuWeights, room: ExpertRoom): Promise<GpuWeights> {
  const site = { gpu, room, found: new NonFinite() };
  const layers: GpuLayer[] = [];
  for (const [i, layer] of weights.layers.entries()) {
    const { gateUp, down, biases } = layer;
    const old = [gateUp, down, ...(biases ? [biases.gateUp, biases.down] : [])];
    if (layer.router) for (const { buffer } of old) buffer.destroy();
    layers.push(layer.router ? { ...layer, ...(await uploadExperts(site, model.weights.layers[i])) } : layer);
  }
  return { ...weights, layers };
}

/**
 * @param onProgress layers done, of how many. Awaits between layers so that a worker stays responsive.
 * @param room unless said otherwise for all, which are uploaded
 */
export async function uploadModel(
  gpu: Gpu,
  model: Model,
  onProgress: (done: number, total: number) => void = () => {},
  room: ExpertRoom = { entries: Number.POSITIVE_INFINITY, onDemand: false },
  found = new NonFinite(),
): Promise<GpuWeights> {
  const site = { gpu, found, room };
  const total = model.weights.layers.length + 1;
  const layers: GpuLayer[] = [];
  for (const layer of model.weights.layers) {
    layers.push(await uploadLayer(site, layer, model.config.residualScale));
    onProgress(layers.length, total);
    await new Promise((resolve) => setTimeout(resolve));
  }
  const tokenEmbedding = await inParts(site, model.weights.tokenEmbedding);
  const tied = model.weights.output === model.weights.tokenEmbedding;
  const weights = {
    tokenEmbedding,
    layers,
    outputNorm: await floats(site, model.weights.outputNorm),
    output: tied ? tokenEmbedding : await inParts(site, model.weights.output),
    outputNormBias: await optional(site, model.weights.outputNormBias),
    outputBias: await optional(site, model.weights.outputBias),
    ropeFactors: await values(model.weights.ropeFactors),
  };
  onProgress(total, total);
  return weights;
}

const optional = async (site: Site, tensor: Tensor | null) => (tensor ? floats(site, tensor) : null);
const values = async (tensor: Tensor | null) => tensor && dequantise(await inMemory(tensor));

async function uploadLayer(site: Site, layer: LayerWeights, scale: number): Promise<GpuLayer> {
  const maybe = (tensor: Tensor | null) => optional(site, tensor);
  const qkv: WeightMatrix[] = [];
  // Latent attention has a place of its own for each.
  const together = layer.v ? runs([layer.q, layer.k, layer.v]) : [[layer.q], [layer.k]];
  const factor = await values(layer.outputScale);
  for (const same of together) qkv.push(await matrix(site, same));
  return {
    attentionNorm: await floats(site, layer.attentionNorm),
    qkv,
    qkvBias: await biases(site, [layer.qBias, layer.kBias, layer.vBias]),
    qNorm: await maybe(layer.qNorm),
    kNorm: await maybe(layer.kNorm),
    latent: await latentWeights(site, layer),
    sinks: await maybe(layer.sinks),
    attentionGate: layer.attentionGate && (await matrix(site, [layer.attentionGate])),
    attentionOutput: await matrix(site, [layer.attentionOutput]),
    outputBias: await changed(site, layer.outputBias, (bias) => bias.map((value) => scale * value)),
    convolution: layer.convolution && {
      taps: await floats(site, layer.convolution),
      count: layer.convolution.shape[0],
    },
    ffnNorm: await floats(site, layer.ffnNorm),
    attentionNormBias: await maybe(layer.attentionNormBias),
    ffnNormBias: await maybe(layer.ffnNormBias),
    postAttentionNorm: await maybe(layer.postAttentionNorm),
    postFfnNorm: await changed(site, layer.postFfnNorm, (norm) => [...norm, ...(factor ?? [])]),
    scalesOutput: factor !== null,
    postExpertsNorm: await maybe(layer.postExpertsNorm),
    router: await maybe(layer.router),
    routerNorm: await changed(site, layer.routerNorm, (norm) => norm.map((weight) => weight / Math.sqrt(norm.length))),
    ...(await uploadExperts(site, layer)),
    routerBias: await values(layer.routerBias),
    selection: await values(layer.selection),
    expertScale: await values(layer.expertScale),
    shared: await sharedExpert(site, layer),
  };
}

/** A vector that is not the file's own. */
async function changed({ gpu }: Site, tensor: Tensor | null, change: (values: Float32Array) => ArrayLike<number>) {
  const read = await values(tensor);
  return tensor && read && uploadBuffer(gpu.device, tensor.name, Float32Array.from(change(read)));
}

async function latentWeights(site: Site, { latent }: LayerWeights): Promise<GpuLatent | null> {
  if (!latent) return null;
  return {
    queryNorm: await optional(site, latent.queryNorm),
    queryUp: latent.queryUp && (await matrix(site, [latent.queryUp])),
    norm: await floats(site, latent.norm),
    keyUp: await matrix(site, [latent.keyUp]),
    valueUp: await matrix(site, [latent.valueUp]),
  };
}

async function expertBiases(site: Site, { gateBias, upBias, downBias }: LayerWeights): Promise<GpuLayer['biases']> {
  if (!gateBias || !upBias || !downBias) return null;
  return {
    gateUp: await experts(site, [gateBias, upBias]),
    down: await experts(site, [downBias]),
  };
}

async function sharedExpert(site: Site, layer: LayerWeights): Promise<GpuLayer['shared']> {
  const { sharedGate, sharedUp, sharedDown, sharedScale } = layer;
  if (!sharedGate || !sharedUp || !sharedDown) return null;
  return {
    gateUp: await matrix(site, [sharedGate, sharedUp]),
    down: await matrix(site, [sharedDown]),
    scale: sharedScale && (await floats(site, sharedScale)),
    norm: await optional(site, layer.sharedNorm),
    postNorm: await optional(site, layer.postSharedNorm),
  };
}

async function biases({ gpu }: Site, tensors: readonly (Tensor | null)[]): Promise<GPUBuffer | null> {
  const values: number[] = [];
  for (const tensor of tensors) if (tensor) values.push(...dequantise(await inMemory(tensor)));
  return values.length > 0 ? uploadBuffer(gpu.device, 'biases of q, k and v', Float32Array.from(values)) : null;
}
