/** Tensors whose bytes are still in the file, and bringing them into memory. */
import { byteLength } from './tensorTypes.ts';
import type { LatentWeights, LayerWeights, Model, StoredBytes, Tensor } from './types.ts';

export const bytesOf = ({ type, shape }: Pick<Tensor, 'type' | 'shape'>): number => byteLength(type, shape) ?? 0;

/** The part of a tensor's bytes from one share of them to another, wherever they are. */
export function partOf(tensor: Tensor, from: number, to: number): Tensor {
  const bytes = bytesOf(tensor);
  const [start, end] = [Math.round(bytes * from), Math.round(bytes * to)];
  const { stored } = tensor;
  if (!stored) return { ...tensor, data: tensor.data.subarray(start, end) };
  return {
    ...tensor,
    stored: {
      read: (a, b) => stored.read(start + a, start + b),
      here: (a, b) => stored.here?.(start + a, start + b) ?? true,
    },
  };
}

/** One expert of a stack of them: a slice of the tensor's bytes, wherever they are. */
export function storedExpert(tensor: Tensor, expert: number): Tensor {
  const [columns, rows = 1, experts = 1] = tensor.shape;
  return { ...partOf(tensor, expert / experts, (expert + 1) / experts), shape: [columns, rows] };
}

/** Rows of every matrix of a stack, from one to another. */
export function rowsOf(stack: Tensor, name: string, from: number, to: number): Tensor {
  const [columns, rows, count] = stack.shape;
  const rowBytes = bytesOf(stack) / (rows * count);
  const part = { ...stack, name, shape: [columns, to - from, count] };
  const height = (to - from) * rowBytes;
  /** Bytes of the part, out of the matrices that they lie in. */
  async function read(start: number, end: number): Promise<Uint8Array> {
    const data = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const head = Math.floor(at / height);
      const stop = Math.min(end, (head + 1) * height);
      const offset = head * rows * rowBytes + from * rowBytes - head * height;
      data.set(await stack.stored!.read(at + offset, stop + offset), at - start);
      at = stop;
    }
    return data;
  }
  if (stack.stored) return { ...part, stored: { read } };
  const data = new Uint8Array(height * count);
  for (let head = 0; head < count; head++) {
    const begin = (head * rows + from) * rowBytes;
    data.set(stack.data.subarray(begin, begin + height), head * height);
  }
  return { ...part, data };
}

/** Whether a tensor's bytes can be had without the network. */
export const isHere = (tensor: Tensor): boolean => tensor.stored?.here?.(0, bytesOf(tensor)) ?? true;

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
  const [outputNormBias, outputBias, ropeFactors] = await Promise.all(
    [weights.outputNormBias, weights.outputBias, weights.ropeFactors].map((tensor) => tensor && inMemory(tensor)),
  );
  const others = { outputNormBias, outputBias, ropeFactors };
  return { ...model, streamed: false, weights: { tokenEmbedding, layers, outputNorm, output, ...others } };
}

/** One layer's tensors in memory, or those of them that are named. */
export async function residentLayer(
  layer: LayerWeights,
  names: readonly (keyof LayerWeights)[] = Object.keys(layer) as (keyof LayerWeights)[],
): Promise<LayerWeights> {
  const found: Partial<Record<keyof LayerWeights, Tensor | LatentWeights | null>> = {};
  for (const name of names) {
    const part = layer[name];
    found[name] = part && ('data' in part ? await inMemory(part) : await residentLatent(part));
  }
  return { ...layer, ...found } as LayerWeights;
}

async function residentLatent(latent: LatentWeights): Promise<LatentWeights> {
  const found = await Promise.all(
    Object.entries(latent).map(async ([name, tensor]) => [name, tensor && (await inMemory(tensor))]),
  );
  return Object.fromEntries(found) as LatentWeights;
}
