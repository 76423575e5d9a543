/** The storage formats of ggml that stay as they are, and what to call the others. */
import type { TensorType } from './types.ts';

/** ggml's numbers of the formats read here. */
export const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
  [0, 'f32'],
  [1, 'f16'],
  [2, 'q4_0'],
  [3, 'q4_1'],
  [6, 'q5_0'],
  [7, 'q5_1'],
  [8, 'q8_0'],
  [10, 'q2_k'],
  [11, 'q3_k'],
  [12, 'q4_k'],
  [13, 'q5_k'],
  [14, 'q6_k'],
  [20, 'iq4_nl'],
  [23, 'iq4_xs'],
  [30, 'bf16'],
  [39, 'mxfp4'],
]);

interface BlockLayout {
  readonly values: number;
  readonly bytes: number;
  /** Where in a block its half-precision factors stand. */
  readonly halves: readonly number[];
}

const block = (values: number, bytes: number, ...halves: number[]): BlockLayout => ({ values, bytes, halves });

/** Values and bytes of one block; shape[0] has to be a whole number of blocks. */
export const BLOCKS: Readonly<Record<TensorType, BlockLayout>> = {
  f32: block(1, 4),
  f16: block(1, 2, 0),
  bf16: block(1, 2),
  q8_0: block(32, 34, 0),
  q4_0: block(32, 18, 0),
  q4_1: block(32, 20, 0, 2),
  q5_0: block(32, 22, 0),
  q5_1: block(32, 24, 0, 2),
  q2_k: block(256, 84, 80, 82),
  q3_k: block(256, 110, 108),
  q4_k: block(256, 144, 0, 2),
  q5_k: block(256, 176, 0, 2),
  q6_k: block(256, 210, 208),
  iq4_nl: block(32, 18, 0),
  iq4_xs: block(256, 136, 0),
  mxfp4: block(32, 17),
};

/** Bytes of a tensor, or null where the shape cannot be. */
export function byteLength(type: TensorType, shape: readonly number[]): number | null {
  const { values, bytes } = BLOCKS[type];
  if (shape[0] % values !== 0) return null;
  const size = shape.reduce((product, n) => product * n, bytes / values);
  return Number.isSafeInteger(size) ? size : null;
}

const NAMES: Readonly<Record<number, string>> = {
  ...{ 9: 'Q8_1', 15: 'Q8_K', 16: 'IQ2_XXS', 17: 'IQ2_XS', 18: 'IQ3_XXS', 19: 'IQ1_S', 21: 'IQ3_S', 22: 'IQ2_S' },
  ...{ 24: 'I8', 25: 'I16', 26: 'I32', 27: 'I64', 28: 'F64', 29: 'IQ1_M', 34: 'TQ1_0', 35: 'TQ2_0' },
};

/** ggml's name of a storage format that is not supported. */
export const typeName = (id: number): string => NAMES[id] ?? `format ${id}`;
