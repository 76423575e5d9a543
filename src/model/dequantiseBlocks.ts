/**
 * ggml's formats of 2 to 6 bits: from a block of the file to codes and factors, which is also what the GPU's layout is made
 * of. value = scale · (code − zero) − minimum, a scale and a minimum to 16 values (ggml-quants.c, dequantize_row_*).
 */
import type { TensorType } from './types.ts';

export type BlockType = Exclude<TensorType, 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q4_0'>;

/** What a code stands for where that is no line: IQ4's values, and twice those of four-bit floats (e2m1). */
export const CODE_TABLES = {
  iq4: [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113],
  fp4: [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12],
} as const;

/** How the codes of a type are read. */
export interface CodeRule {
  /** Of a code, before its scale is applied. */
  readonly zero: number;
  readonly table: keyof typeof CODE_TABLES | null;
}

const line = (zero: number): CodeRule => ({ zero, table: null });

export const CODE_RULES: Readonly<Record<BlockType, CodeRule>> = {
  q4_1: line(0),
  q5_0: line(16),
  q5_1: line(0),
  q2_k: line(0),
  q3_k: line(4),
  q4_k: line(0),
  q5_k: line(0),
  q6_k: line(32),
  iq4_nl: { zero: 0, table: 'iq4' },
  iq4_xs: { zero: 0, table: 'iq4' },
  mxfp4: { zero: 0, table: 'fp4' },
};

/** Low nibbles are values 0 to 15 and high nibbles 16 to 31. */
function nibbles(data: Uint8Array, at: number, codes: Uint8Array): void {
  for (let i = 0; i < 16; i++) {
    codes[i] = data[at + i] & 15;
    codes[i + 16] = data[at + i] >> 4;
  }
}

function fifthBits(data: Uint8Array, at: number, codes: Uint8Array): void {
  for (let i = 0; i < 32; i++) codes[i] |= ((data[at + (i >> 3)] >> (i & 7)) & 1) << 4;
}

/** Q4_K's and Q5_K's: in 64 values, low nibbles are the first 32. */
function nibbles64(data: Uint8Array, at: number, codes: Uint8Array): void {
  for (let i = 0; i < 256; i++) {
    const byte = data[at + (i >> 6) * 32 + (i & 31)];
    codes[i] = i & 32 ? byte >> 4 : byte & 15;
  }
}

/** Two bits each, in 128 values 32 at a time. */
function pairs128(data: Uint8Array, at: number, codes: Uint8Array): void {
  for (let i = 0; i < 256; i++) codes[i] = (data[at + (i >> 7) * 32 + (i & 31)] >> (2 * ((i >> 5) & 3))) & 3;
}

/** The codes of the block at `at`: 32 of them, or 256 for the k types and IQ4_XS. */
export function readCodes(type: BlockType, data: Uint8Array, at: number, codes: Uint8Array): void {
  switch (type) {
    case 'q4_1':
      nibbles(data, at + 4, codes);
      break;
    case 'q5_0':
      nibbles(data, at + 6, codes);
      fifthBits(data, at + 2, codes);
      break;
    case 'q5_1':
      nibbles(data, at + 8, codes);
      fifthBits(data, at + 4, codes);
      break;
    case 'iq4_nl':
      nibbles(data, at + 2, codes);
      break;
    case 'mxfp4':
      nibbles(data, at + 1, codes);
      break;
    case 'iq4_xs':
      for (let j = 0; j < 8; j++) nibbles(data, at + 8 + 16 * j, codes.subarray(32 * j, 32 * j + 32));
      break;
    case 'q4_k':
      nibbles64(data, at + 16, codes);
      break;
    case 'q5_k':
      nibbles64(data, at + 48, codes);
      for (let i = 0; i < 256; i++) codes[i] |= ((data[at + 16 + (i & 31)] >> (i >> 5)) & 1) << 4;
      break;
    case 'q2_k':
      pairs128(data, at + 16, codes);
      break;
    case 'q3_k':
      pairs128(data, at + 32, codes);
      for (let i = 0; i < 256; i++) codes[i] |= ((data[at + (i & 31)] >> (i >> 5)) & 1) << 2;
      break;
    case 'q6_k':
      for (let i = 0; i < 256; i++) {
        const low = data[at + (i >> 7) * 64 + (i & 63)];
        const high = data[at + 128 + (i >> 7) * 32 + (i & 31)];
        codes[i] = (i & 64 ? low >> 4 : low & 15) | (((high >> (2 * ((i >> 5) & 3))) & 3) << 4);
      }
  }
}

/** Q4_K's and Q5_K's eight scales and eight minima of six bits, in twelve bytes. */
export function sixBits(data: Uint8Array, at: number, j: number): [scale: number, minimum: number] {
  if (j < 4) return [data[at + j] & 63, data[at + j + 4] & 63];
  return [
    (data[at + j + 4] & 15) | ((data[at + j - 4] >> 6) << 4),
    (data[at + j + 4] >> 4) | ((data[at + j] >> 6) << 4),
  ];
}

/** Q3_K's sixteen scales of six bits, less 32. */
function q3Scale(data: Uint8Array, at: number, j: number): number {
  const low = j < 8 ? data[at + j] & 15 : data[at + j - 8] >> 4;
  return (low | (((data[at + 8 + (j & 3)] >> (2 * (j >> 2))) & 3) << 4)) - 32;
}

const signed = (byte: number) => (byte << 24) >> 24;

/** The whole-numbered scale of each 16 values of a block of 256 that has scales with signs. */
export function signedScale(type: 'q3_k' | 'q6_k' | 'iq4_xs', data: Uint8Array, at: number, j: number): number {
  if (type === 'q6_k') return signed(data[at + 192 + j]);
  if (type === 'q3_k') return q3Scale(data, at + 96, j);
  const of32 = j >> 1;
  const high = (data[at + 2] | (data[at + 3] << 8)) >> (2 * of32);
  return (((data[at + 4 + (of32 >> 1)] >> (4 * (of32 & 1))) & 15) | ((high & 3) << 4)) - 32;
}

/** Scale and minimum of the 16 values with number j in the block at `at`. */
function factorsOf(type: BlockType, data: Uint8Array, at: number, j: number, halves: Float32Array): [number, number] {
  const half = (offset: number) => halves[data[at + offset] | (data[at + offset + 1] << 8)];
  switch (type) {
    case 'q4_1':
    case 'q5_1':
      return [half(0), -half(2)];
    case 'q5_0':
    case 'iq4_nl':
      return [half(0), 0];
    case 'mxfp4':
      return [2 ** (data[at] - 128), 0];
    case 'q4_k':
    case 'q5_k': {
      const [scale, minimum] = sixBits(data, at + 4, j >> 1);
      return [half(0) * scale, half(2) * minimum];
    }
    case 'q2_k':
      return [half(80) * (data[at + j] & 15), half(82) * (data[at + j] >> 4)];
    case 'q3_k':
      return [half(108) * signedScale(type, data, at, j), 0];
    case 'q6_k':
      return [half(208) * signedScale(type, data, at, j), 0];
    case 'iq4_xs':
      return [half(0) * signedScale(type, data, at, j), 0];
  }
}

/** Fills `out` with the values of whole blocks. halves: all half-precision numbers by their bits. */
export function fillBlocks(type: BlockType, data: Uint8Array, halves: Float32Array, out: Float32Array): void {
  const size = out.length === 0 ? 32 : valuesOf(type);
  const bytes = data.length / (out.length / size);
  const { zero, table } = CODE_RULES[type];
  const codes = new Uint8Array(size);
  const meaning = Float64Array.from({ length: 64 }, (_, code) =>
    table ? (CODE_TABLES[table][code] ?? 0) : code - zero,
  );
  for (let at = 0, i = 0; i < out.length; at += bytes) {
    readCodes(type, data, at, codes);
    for (let j = 0; j < size / 16; j++) {
      const [scale, minimum] = factorsOf(type, data, at, j, halves);
      for (let n = 16 * j; n < 16 * j + 16; n++) out[i++] = scale * meaning[codes[n]] - minimum;
    }
  }
}

/** Values of one block. */
export const valuesOf = (type: BlockType): 32 | 256 => (type.endsWith('_k') || type === 'iq4_xs' ? 256 : 32);
