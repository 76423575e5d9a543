/** The storage formats of ggml that stay as they are, and what to call the others. */
import type { TensorType } from './types.ts';

/** ggml's numbers of the formats read here. */
export const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
  [0, 'f32'],
  [1, 'f16'],
  [2, 'q4_0'],
  [8, 'q8_0'],
]);

/** Values and bytes of one block; shape[0] has to be a whole number of blocks. */
export const BLOCKS: Readonly<Record<TensorType, { readonly values: number; readonly bytes: number }>> = {
  f32: { values: 1, bytes: 4 },
  f16: { values: 1, bytes: 2 },
  q8_0: { values: 32, bytes: 34 },
  q4_0: { values: 32, bytes: 18 },
};

/** Bytes of a tensor, or null where the shape cannot be. */
export function byteLength(type: TensorType, shape: readonly number[]): number | null {
  const { values, bytes } = BLOCKS[type];
  if (shape[0] % values !== 0) return null;
  const size = shape.reduce((product, n) => product * n, bytes / values);
  return Number.isSafeInteger(size) ? size : null;
}

const NAMES: Readonly<Record<number, string>> = {
  ...{ 3: 'Q4_1', 6: 'Q5_0', 7: 'Q5_1', 9: 'Q8_1', 10: 'Q2_K', 11: 'Q3_K', 12: 'Q4_K', 13: 'Q5_K', 14: 'Q6_K' },
  ...{ 15: 'Q8_K', 16: 'IQ2_XXS', 17: 'IQ2_XS', 18: 'IQ3_XXS', 19: 'IQ1_S', 20: 'IQ4_NL', 21: 'IQ3_S', 22: 'IQ2_S' },
  ...{ 23: 'IQ4_XS', 24: 'I8', 25: 'I16', 26: 'I32', 27: 'I64', 28: 'F64', 29: 'IQ1_M', 30: 'BF16' },
  ...{ 34: 'TQ1_0', 35: 'TQ2_0', 39: 'MXFP4' },
};

/** ggml's name of a storage format that is not supported. */
export const typeName = (id: number): string => NAMES[id] ?? `format ${id}`;
