/** Tensors whose bytes are still in the file, and bringing them into memory. */
import { byteLength } from './tensorTypes.ts';
import type { LayerWeights, Model, StoredBytes, Tensor } from './types.ts';

export const bytesOf = ({ type, shape }: Pick<Tensor, 'type' | 'shape'>): number => byteLength(type, shape) ?? 0;

/** The part of a tensor's bytes from one share of them to another, wherever they are. */
export function partOf(tensor: Tensor, from: number, to: number): Tensor {
  const bytes = bytesOf(tensor);
  const [start, end] = [Math.round(bytes * from), Math.round(bytes * to)];
  const { stored } = tensor;
  if (!stored) return { ...tensor, data: tensor.data.subarray(start, end) };
  return { ...tensor, stored: { read: (a, b) => stored.read(start + a, start + b) } };
}

/** One expert of a stack of them, in memory: a slice of the tensor's bytes, whoever brings them. */
export function expertOf(tensor: Tensor, expert: number): Promise<Tensor> {
  const [columns, rows = 1, experts = 1] = tensor.shape;
  return inMemory({ ...partOf(tensor, expert / experts, (expert + 1) / experts), shape: [columns, rows] });
}

/** At most so many bytes are asked for at a time. */
const PIECE = 2 ** 23;

/** The same tensor in memory. */
export async function inMemory(tensor: Tensor): Promise<Tensor> {
  const { stored, ...kept } = tensor;
  if (!stored) return tensor;
  return { ...kept, data: await readAll(stored, bytesOf(tensor)) };
}

async function readAll(stored: StoredBytes, bytes: number): Promise<Uint8Array> {
  const data = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += PIECE) data.set(await stored.read(at, Math.min(at + PIECE, bytes)), at);
  return data;
}

/** The whole model in memory, one tensor after another. */
export async function residentModel(model: Model): Promise<Model> {
  if (!model.streamed) return model;
  const { weights } = model;
  const layers: LayerWeights[] = [];
  for (const layer of weights.layers) layers.push(await residentLayer(layer));
  const tokenEmbedding = await inMemory(weights.tokenEmbedding);
  const tied = weights.output === weights.tokenEmbedding;
  const output = tied ? tokenEmbedding : await inMemory(weights.output);
  const outputNorm = await inMemory(weights.outputNorm);
  return { ...model, streamed: false, weights: { tokenEmbedding, layers, outputNorm, output } };
}

/** One layer's tensors in memory, or those of them that are named. */
export async function residentLayer(
  layer: LayerWeights,
  names: readonly (keyof LayerWeights)[] = Object.keys(layer) as (keyof LayerWeights)[],
): Promise<LayerWeights> {
  const found: Partial<Record<keyof LayerWeights, Tensor | null>> = {};
  for (const name of names) {
    const tensor = layer[name];
    found[name] = tensor && (await inMemory(tensor));
  }
  return { ...layer, ...found } as LayerWeights;
}
