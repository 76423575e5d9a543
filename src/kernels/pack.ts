/**
 * From ggml's blocks to sections that a GPU reads in aligned words: all values, then what else the blocks have, each for the
 * whole matrix. Every section is as long for one row as for another, so a matrix can be written in pieces.
 */
import { type BlockType, CODE_RULES, readCodes, signedScale, sixBits, valuesOf } from '../model/dequantiseBlocks.ts';
import { BLOCKS } from '../model/tensorTypes.ts';
import type { TensorType } from '../model/types.ts';

interface Section {
  /** So many values of a row take so many bytes. */
  readonly values: number;
  readonly bytes: number;
}

export interface Layout {
  /** What the shaders have a reader for. */
  readonly format: 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q4_0' | 'blocks';
  readonly sections: readonly Section[];
  /** As in shaders/lib/blocks.wgsl. */
  readonly constants: Readonly<Record<string, number>>;
}

/** How the factors of blocks are kept: numbers and sizes as in shaders/lib/blocks.wgsl. */
const FACTORS = {
  half: { id: 0, values: 32, bytes: 2 },
  brain: { id: 1, values: 32, bytes: 2 },
  pair: { id: 2, values: 32, bytes: 4 },
  six: { id: 3, values: 256, bytes: 20 },
  signed: { id: 4, values: 256, bytes: 20 },
  fours: { id: 5, values: 256, bytes: 20 },
} as const;

const KINDS: Readonly<Record<BlockType, { readonly high: 0 | 1 | 2; readonly factors: keyof typeof FACTORS }>> = {
  q4_1: { high: 0, factors: 'pair' },
  q5_0: { high: 1, factors: 'half' },
  q5_1: { high: 1, factors: 'pair' },
  q2_k: { high: 0, factors: 'fours' },
  q3_k: { high: 0, factors: 'signed' },
  q4_k: { high: 0, factors: 'six' },
  q5_k: { high: 1, factors: 'six' },
  q6_k: { high: 2, factors: 'signed' },
  iq4_nl: { high: 0, factors: 'half' },
  iq4_xs: { high: 0, factors: 'signed' },
  mxfp4: { high: 0, factors: 'brain' },
};

function blockLayout(type: BlockType): Layout {
  const { high, factors } = KINDS[type];
  const { zero, table } = CODE_RULES[type];
  const planes = high > 0 ? [{ values: 32, bytes: 4 * high }] : [];
  return {
    format: 'blocks',
    sections: [{ values: 32, bytes: 16 }, ...planes, FACTORS[factors]],
    constants: {
      HIGH_BITS: high,
      FACTORS: FACTORS[factors].id,
      TABLE: table === null ? 0 : table === 'iq4' ? 1 : 2,
      ZERO: zero,
    },
  };
}

const BLOCK_TYPES = Object.keys(KINDS) as BlockType[];
const plain = (format: 'f32' | 'f16' | 'bf16', bytes: number): Layout => ({
  format,
  sections: [{ values: 1, bytes }],
  constants: {},
});
const scaled = (format: 'q8_0' | 'q4_0', bytes: number): Layout => ({
  format,
  sections: [
    { values: 32, bytes },
    { values: 32, bytes: 2 },
  ],
  constants: {},
});

export const LAYOUTS: Readonly<Record<TensorType, Layout>> = {
  f32: plain('f32', 4),
  f16: plain('f16', 2),
  bf16: plain('bf16', 2),
  q8_0: scaled('q8_0', 32),
  q4_0: scaled('q4_0', 16),
  ...(Object.fromEntries(BLOCK_TYPES.map((type) => [type, blockLayout(type)])) as Record<BlockType, Layout>),
};

/** The sections of whole blocks, in the layout's order. */
export function pack(type: TensorType, data: Uint8Array): Uint8Array<ArrayBuffer>[] {
  if (type === 'f32' || type === 'f16' || type === 'bf16') return [data as Uint8Array<ArrayBuffer>];
  return type === 'q8_0' || type === 'q4_0' ? separateScales(data, BLOCKS[type].bytes) : packBlocks(type, data);
}

/** ggml's blocks are {f16 scale, quants}: 34 or 18 bytes, aligned to nothing. */
function separateScales(blocks: Uint8Array, blockBytes: number): Uint8Array<ArrayBuffer>[] {
  const count = blocks.byteLength / blockBytes;
  const quantBytes = blockBytes - 2;
  const quants = new Uint8Array(count * quantBytes);
  const scales = new Uint8Array(count * 2);
  for (let i = 0; i < count; i++) {
    const from = i * blockBytes;
    scales[2 * i] = blocks[from];
    scales[2 * i + 1] = blocks[from + 1];
    quants.set(blocks.subarray(from + 2, from + blockBytes), i * quantBytes);
  }
  return [quants, scales];
}

function packBlocks(type: BlockType, data: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const values = valuesOf(type);
  const { bytes } = BLOCKS[type];
  const { high, factors } = KINDS[type];
  const count = data.length / bytes;
  const blocks = (count * values) / 32;
  const low = new Uint8Array(16 * blocks);
  const planes = new Uint32Array(high * blocks);
  const shared = new Uint8Array(((count * values) / FACTORS[factors].values) * FACTORS[factors].bytes);
  const codes = new Uint8Array(values);
  for (let i = 0; i < count; i++) {
    readCodes(type, data, i * bytes, codes);
    for (let part = 0; part < values / 32; part++) {
      const block = (i * values) / 32 + part;
      const from = 32 * part;
      for (let j = 0; j < 16; j++) low[16 * block + j] = (codes[from + j] & 15) | ((codes[from + j + 16] & 15) << 4);
      for (let plane = 0; plane < high; plane++) {
        let word = 0;
        for (let j = 0; j < 32; j++) word |= ((codes[from + j] >> (4 + plane)) & 1) << j;
        planes[high * block + plane] = word;
      }
    }
    packFactors(type, data, i * bytes, shared.subarray((i * shared.length) / count));
  }
  return [low, ...(high > 0 ? [new Uint8Array(planes.buffer)] : []), shared];
}

/** The factors of the block at `at` to the front of `out`. */
function packFactors(type: BlockType, data: Uint8Array, at: number, out: Uint8Array): void {
  const { halves } = BLOCKS[type];
  if (type === 'mxfp4') {
    // 2^(e − 128) in bf16, whose smallest normal number is e = 2.
    const bits = data[at] >= 2 ? (data[at] - 1) << 7 : 0x20 << data[at];
    out[0] = bits & 255;
    out[1] = bits >> 8;
    return;
  }
  halves.forEach((offset, i) => {
    out[2 * i] = data[at + offset];
    out[2 * i + 1] = data[at + offset + 1];
  });
  for (let j = 0; j < 16; j++) {
    if (type === 'q4_k' || type === 'q5_k') out[4 + j] = sixBits(data, at + 4, j >> 1)[j & 1];
    else if (type === 'q2_k') out[4 + j] = data[at + j];
    else if (type === 'q3_k' || type === 'q6_k' || type === 'iq4_xs') out[4 + j] = signedScale(type, data, at, j);
  }
}
