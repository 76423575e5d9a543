/** Weights on the GPU: still quantised, re-packed so that every load is 16 aligned bytes. Values stay the file's. */

import blocks from '../../shaders/lib/blocks.wgsl?raw';
import fourWeights from '../../shaders/lib/four_weights.wgsl?raw';
import quants from '../../shaders/lib/quants.wgsl?raw';
import scale from '../../shaders/lib/scale.wgsl?raw';
import stepsBf16 from '../../shaders/lib/steps_bf16.wgsl?raw';
import stepsBlocks from '../../shaders/lib/steps_blocks.wgsl?raw';
import stepsF16 from '../../shaders/lib/steps_f16.wgsl?raw';
import stepsF32 from '../../shaders/lib/steps_f32.wgsl?raw';
import stepsQ4 from '../../shaders/lib/steps_q4_0.wgsl?raw';
import stepsQ8 from '../../shaders/lib/steps_q8_0.wgsl?raw';
import bf16 from '../../shaders/lib/weights_bf16.wgsl?raw';
import readBlocks from '../../shaders/lib/weights_blocks.wgsl?raw';
import f16 from '../../shaders/lib/weights_f16.wgsl?raw';
import f32 from '../../shaders/lib/weights_f32.wgsl?raw';
import q4_0 from '../../shaders/lib/weights_q4_0.wgsl?raw';
import q8_0 from '../../shaders/lib/weights_q8_0.wgsl?raw';
import { createBuffer, uploadBuffer } from '../gpu/buffers.ts';
import type { Gpu } from '../gpu/types.ts';
import { byteLength } from '../model/tensorTypes.ts';
import type { Tensor, TensorType } from '../model/types.ts';
import { LAYOUTS, type Layout, pack } from './pack.ts';

/** A matrix, or a stack of `experts` matrices of the same shape. */
export interface WeightMatrix {
  readonly type: TensorType;
  readonly columns: number;
  readonly rows: number;
  readonly experts: number;
  /** [experts, rows, columns] in 16-byte chunks; for quantised types what else their blocks have follows. */
  readonly buffer: GPUBuffer;
}

/** Some rows of a matrix, and where among all of them they begin. */
export interface RowPart {
  readonly weight: WeightMatrix;
  readonly first: number;
}

interface Format {
  /** Values in the 16-byte chunk that kernels load; a row is a whole number of them. */
  readonly chunk: number;
  /** What gives kernels load_chunk() and chunk_vector(). */
  readonly sources: readonly string[];
  /** What gives kernels four_rows(), step_scales() and four_vectors(). */
  readonly steps: readonly string[];
}

const FORMATS: Record<Layout['format'], Format> = {
  f32: { chunk: 4, sources: [f32], steps: [fourWeights, stepsF32] },
  f16: { chunk: 8, sources: [f16], steps: [fourWeights, stepsF16] },
  bf16: { chunk: 8, sources: [bf16], steps: [fourWeights, stepsBf16] },
  q8_0: { chunk: 16, sources: [scale, q8_0], steps: [scale, fourWeights, quants, stepsQ8] },
  q4_0: { chunk: 32, sources: [scale, q4_0], steps: [scale, fourWeights, quants, stepsQ4] },
  blocks: { chunk: 32, sources: [scale, blocks, readBlocks], steps: [scale, blocks, stepsBlocks] },
};

const formatOf = (type: TensorType): Format => FORMATS[LAYOUTS[type].format];

/** Bytes that a tensor of this shape takes on the GPU. */
export const packedBytes = (type: TensorType, [columns, rows = 1, experts = 1]: readonly number[]): number =>
  rows * experts * rowBytes({ type, columns });

/** Bytes of a row on the GPU, all its sections together. */
const rowBytes = ({ type, columns }: Pick<WeightMatrix, 'type' | 'columns'>): number =>
  LAYOUTS[type].sections.reduce((sum, section) => sum + (columns / section.values) * section.bytes, 0);

function checkShape({ name, type, shape: [columns] }: Pick<Tensor, 'name' | 'type' | 'shape'>): void {
  if (columns % formatOf(type).chunk !== 0 || byteLength(type, [columns]) === null)
    throw new RangeError(`${name}: rows of ${columns} values do not fill whole chunks of ${type}.`);
}

export function uploadWeights(gpu: Gpu, tensor: Tensor): WeightMatrix {
  const [columns, rows = 1, experts = 1] = tensor.shape;
  checkShape(tensor);
  const bytes = byteLength(tensor.type, tensor.shape);
  if (tensor.data.byteLength !== bytes)
    throw new RangeError(`${tensor.name}: ${bytes} bytes expected, ${tensor.data.byteLength} given.`);
  const sections = pack(tensor.type, tensor.data);
  const packed = sections.length === 1 ? sections[0] : concat(sections);
  return { type: tensor.type, columns, rows, experts, buffer: uploadBuffer(gpu.device, tensor.name, packed) };
}

/** A matrix whose values are still to come. */
export function emptyWeights(gpu: Gpu, tensor: Pick<Tensor, 'name' | 'type' | 'shape'>): WeightMatrix {
  const [columns, rows = 1, experts = 1] = tensor.shape;
  checkShape(tensor);
  const { type, name } = tensor;
  const buffer = createBuffer(gpu.device, name, rows * experts * rowBytes({ type, columns }));
  return { type, columns, rows, experts, buffer };
}

/** Writes rows of a file into the matrix, counted over all its experts. Rows may come in any order. */
export type RowWriter = (firstRow: number, data: Uint8Array) => void;

export function rowWriter({ device }: Gpu, { type, columns, rows, experts, buffer }: WeightMatrix): RowWriter {
  const { sections } = LAYOUTS[type];
  // Words of which only one half has come, by their place: two rows may meet in the middle of one.
  const halves = new Map<number, number>();
  return (firstRow, data) => {
    const parts = pack(type, data);
    let start = 0;
    sections.forEach(({ values, bytes }, i) => {
      const ofRow = (columns / values) * bytes;
      write(start + firstRow * ofRow, parts[i]);
      start += rows * experts * ofRow;
    });
  };

  function write(at: number, part: Uint8Array<ArrayBuffer>): void {
    const lead = at % 4;
    const words = new Uint8Array(Math.ceil((lead + part.length) / 4) * 4);
    words.set(part, lead);
    if (lead > 0) join(at - lead, words.subarray(0, 4));
    if ((lead + part.length) % 4 > 0) join(at - lead + words.length - 4, words.subarray(words.length - 4));
    device.queue.writeBuffer(buffer, at - lead, words);
  }

  function join(at: number, word: Uint8Array): void {
    const view = new DataView(word.buffer, word.byteOffset, 4);
    const all = view.getUint32(0, true) | (halves.get(at) ?? 0);
    view.setUint32(0, all, true);
    if (!halves.delete(at)) halves.set(at, all);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
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
  const { constants } = LAYOUTS[weight.type];
  const scales: Record<string, number> = isQuantised(weight) ? { SCALES: firstScale(weight) } : {};
  return { sources: formatOf(weight.type).sources, constants: { COLUMNS: weight.columns, ...scales, ...constants } };
}

/**
 * The same, read in steps of a few vectors and without the sizes, which not all have as constants: the eight of a quantised block, else the most up to eight that divide a row.
 * For kernels without barriers, which load little at a time.
 */
export function stepReader(weight: WeightMatrix): { sources: readonly string[]; constants: Record<string, number> } {
  const vectors = weight.columns / 4;
  const step = [8, 7, 6, 5, 4, 3, 2].find((count) => vectors % count === 0) ?? 1;
  return { sources: formatOf(weight.type).steps, constants: { STEP: step, ...LAYOUTS[weight.type].constants } };
}

/** Where the scales of quantised weights begin, in chunks of 16 bytes: behind all values. */
export const firstScale = (weight: WeightMatrix): number =>
  (weight.columns * weight.rows * weight.experts) / chunkSize(weight);

export const isQuantised = ({ type }: WeightMatrix): boolean => LAYOUTS[type].sections.length > 1;

/** Whether a dot product may leave a block's scale for last: the formats with one scale and one zero to a block. */
export const dotsBlocks = ({ type }: WeightMatrix): boolean => type === 'q8_0' || type === 'q4_0';

/** Values in one 16-byte chunk of this matrix. */
export const chunkSize = (weight: WeightMatrix): number => formatOf(weight.type).chunk;
