/** Weights on the GPU: still quantised, re-packed so that every load is 16 aligned bytes. Values stay the file's. */

import fourWeights from '../../shaders/lib/four_weights.wgsl?raw';
import scale from '../../shaders/lib/scale.wgsl?raw';
import stepsF16 from '../../shaders/lib/steps_f16.wgsl?raw';
import stepsF32 from '../../shaders/lib/steps_f32.wgsl?raw';
import stepsQ4 from '../../shaders/lib/steps_q4_0.wgsl?raw';
import stepsQ8 from '../../shaders/lib/steps_q8_0.wgsl?raw';
import f16 from '../../shaders/lib/weights_f16.wgsl?raw';
import f32 from '../../shaders/lib/weights_f32.wgsl?raw';
import q4_0 from '../../shaders/lib/weights_q4_0.wgsl?raw';
import q8_0 from '../../shaders/lib/weights_q8_0.wgsl?raw';
import { uploadBuffer } from '../gpu/buffers.ts';
import type { Gpu } from '../gpu/types.ts';
import type { Tensor, TensorType } from '../model/types.ts';

/** A matrix, or a stack of `experts` matrices of the same shape. */
export interface WeightMatrix {
  readonly type: TensorType;
  readonly columns: number;
  readonly rows: number;
  readonly experts: number;
  /** [experts, rows, columns] in 16-byte chunks; for quantised types the blocks' f16 scales follow. */
  readonly buffer: GPUBuffer;
}

interface Format {
  /** Values and bytes of one of ggml's blocks. */
  readonly block: number;
  readonly blockBytes: number;
  /** Values in the 16-byte chunk that kernels load; a row is a whole number of them. */
  readonly chunk: number;
  /** What gives kernels load_chunk() and chunk_vector(). */
  readonly sources: readonly string[];
  /** What gives kernels step_scale() and step_vector(). */
  readonly steps: string;
}

const FORMATS: Record<TensorType, Format> = {
  f32: { block: 1, blockBytes: 4, chunk: 4, sources: [f32], steps: stepsF32 },
  f16: { block: 1, blockBytes: 2, chunk: 8, sources: [f16], steps: stepsF16 },
  q8_0: { block: 32, blockBytes: 34, chunk: 16, sources: [scale, q8_0], steps: stepsQ8 },
  q4_0: { block: 32, blockBytes: 18, chunk: 32, sources: [scale, q4_0], steps: stepsQ4 },
};

export function uploadWeights(gpu: Gpu, tensor: Tensor): WeightMatrix {
  const [columns, rows = 1, experts = 1] = tensor.shape;
  const { block, blockBytes, chunk } = FORMATS[tensor.type];
  const bytes = ((columns * rows * experts) / block) * blockBytes;
  if (columns % Math.max(chunk, block) !== 0)
    throw new RangeError(`${tensor.name}: rows of ${columns} values do not fill whole chunks of ${tensor.type}.`);
  if (tensor.data.byteLength !== bytes)
    throw new RangeError(`${tensor.name}: ${bytes} bytes expected, ${tensor.data.byteLength} given.`);
  const packed = block === 1 ? tensor.data : separateScales(tensor.data, blockBytes);
  return { type: tensor.type, columns, rows, experts, buffer: uploadBuffer(gpu.device, tensor.name, packed) };
}

/** ggml's blocks are {f16 scale, quants}: 34 or 18 bytes, aligned to nothing. Here all quants come first, then all scales. */
function separateScales(blocks: Uint8Array, blockBytes: number): Uint8Array {
  const count = blocks.byteLength / blockBytes;
  const quantBytes = blockBytes - 2;
  const packed = new Uint8Array(count * blockBytes);
  const scales = count * quantBytes;
  for (let i = 0; i < count; i++) {
    const from = i * blockBytes;
    packed[scales + 2 * i] = blocks[from];
    packed[scales + 2 * i + 1] = blocks[from + 1];
    packed.set(blocks.subarray(from + 2, from + blockBytes), i * quantBytes);
  }
  return packed;
}

/** One tensor with the rows of all: q, k and v, or gate and up, are then one multiplication. Stacks inside each expert. */
export function stackRows(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  const [columns, , experts = 1] = first.shape;
  for (const { name, type, shape } of tensors) {
    if (type !== first.type || shape[0] !== columns || (shape[2] ?? 1) !== experts)
      throw new RangeError(`${name} cannot be stacked on ${first.name}: type, columns or experts differ.`);
  }
  const rows = tensors.reduce((sum, { shape }) => sum + (shape[1] ?? 1), 0);
  const data = new Uint8Array(tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0));
  let end = 0;
  for (let expert = 0; expert < experts; expert++) {
    for (const tensor of tensors) {
      const bytes = tensor.data.byteLength / experts;
      data.set(tensor.data.subarray(expert * bytes, (expert + 1) * bytes), end);
      end += bytes;
    }
  }
  const shape = first.shape.length > 2 ? [columns, rows, experts] : [columns, rows];
  return { name: tensors.map(({ name }) => name).join('+'), type: first.type, shape, data };
}

/** Source and constants a kernel needs to read this matrix. Bind `buffer` as `weights: array<vec4<u32>>`. */
export function weightReader(weight: WeightMatrix): { sources: readonly string[]; constants: Record<string, number> } {
  const { block, sources } = FORMATS[weight.type];
  const constants: Record<string, number> = { COLUMNS: weight.columns };
  if (block > 1) constants.SCALES = firstScale(weight);
  return { sources, constants };
}

/**
 * The same, read in steps of a few vectors and without the sizes, which not all have as constants: the eight of a quantised block, else the most up to eight that divide a row.
 * For kernels without barriers, which load little at a time.
 */
export function stepReader(weight: WeightMatrix): { sources: readonly string[]; constants: Record<string, number> } {
  const { steps, block } = FORMATS[weight.type];
  const vectors = weight.columns / 4;
  const step = [8, 7, 6, 5, 4, 3, 2].find((count) => vectors % count === 0) ?? 1;
  return { sources: [...(block > 1 ? [scale] : []), fourWeights, steps], constants: { STEP: step } };
}

/** Where the scales of quantised weights begin, in chunks of 16 bytes: behind all values. */
export const firstScale = (weight: WeightMatrix): number =>
  (weight.columns * weight.rows * weight.experts) / chunkSize(weight);

export const isQuantised = ({ type }: WeightMatrix): boolean => FORMATS[type].block > 1;

/** Values in one 16-byte chunk of this matrix. */
export const chunkSize = (weight: WeightMatrix): number => FORMATS[weight.type].chunk;
