/** ggml's block formats, turned into exactly the numbers they stand for (ggml-quants.c, dequantize_row_*). */
import { type BlockType, fillBlocks } from './dequantiseBlocks.ts';
import { BLOCKS } from './tensorTypes.ts';
import type { Tensor } from './types.ts';

const bits = new Uint32Array(1);
const real = new Float32Array(bits.buffer);

/** The number an IEEE half-precision bit pattern stands for; exact. */
export function halfToFloat(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return (sign ? -fraction : fraction) * 2 ** -24;
  bits[0] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  return real[0];
}

/** All 65,536 half-precision numbers, made when first needed. */
let halves: Float32Array | null = null;
const halfTable = () => (halves ??= Float32Array.from({ length: 65536 }, (_, half) => halfToFloat(half)));

function fromF32(data: Uint8Array): Float32Array {
  // Not data.slice(): a Node Buffer's slice is a view.
  return new Float32Array(new Uint8Array(data).buffer);
}

function fromF16(data: Uint8Array): Float32Array {
  const table = halfTable();
  const out = new Float32Array(data.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = table[data[2 * i] | (data[2 * i + 1] << 8)];
  return out;
}

/** Blocks of 34 bytes: f16 scale, 32 signed bytes. value = scale · byte, exact in f32 (11 + 8 bits). */
function fromQ8(data: Uint8Array): Float32Array {
  const table = halfTable();
  const out = new Float32Array((data.length / 34) * 32);
  for (let at = 0, i = 0; at < data.length; at += 34) {
    const scale = table[data[at] | (data[at + 1] << 8)];
    for (let j = 2; j < 34; j++) out[i++] = scale * ((data[at + j] << 24) >> 24);
  }
  return out;
}

/** Blocks of 18 bytes: f16 scale, 16 bytes whose low nibbles are values 0–15 and high nibbles 16–31; value = scale · (nibble − 8). */
function fromQ4(data: Uint8Array): Float32Array {
  const table = halfTable();
  const out = new Float32Array((data.length / 18) * 32);
  for (let at = 0, i = 0; at < data.length; at += 18, i += 32) {
    const scale = table[data[at] | (data[at + 1] << 8)];
    for (let j = 0; j < 16; j++) {
      const byte = data[at + 2 + j];
      out[i + j] = scale * ((byte & 15) - 8);
      out[i + j + 16] = scale * ((byte >> 4) - 8);
    }
  }
  return out;
}

/** A tensor's values, shape[0] contiguous; a fresh array. Exact, but that a scale and a minimum together are rounded once. */
export function dequantise(tensor: Pick<Tensor, 'type' | 'data'>): Float32Array {
  switch (tensor.type) {
    case 'f32':
      return fromF32(tensor.data);
    case 'f16':
      return fromF16(tensor.data);
    case 'q8_0':
      return fromQ8(tensor.data);
    case 'q4_0':
      return fromQ4(tensor.data);
    case 'bf16':
      return fromBf16(tensor.data);
    default:
      return fromBlocks(tensor.type, tensor.data);
  }
}

/** The upper halves of f32 numbers. */
function fromBf16(data: Uint8Array): Float32Array {
  const out = new Uint32Array(data.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = (data[2 * i] << 16) | (data[2 * i + 1] << 24);
  return new Float32Array(out.buffer);
}

function fromBlocks(type: BlockType, data: Uint8Array): Float32Array {
  const { values, bytes } = BLOCKS[type];
  const out = new Float32Array((data.length / bytes) * values);
  fillBlocks(type, data, halfTable(), out);
  return out;
}
