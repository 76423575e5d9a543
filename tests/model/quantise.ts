/** Float32 values into ggml's formats, for tests only (ggml-quants.c, quantize_row_*_ref). */
import { halfToFloat } from '../../src/model/dequantise.ts';
import type { PlainType } from '../../src/model/randomTensor.ts';

/** The nearest half-precision bit pattern (ties to even). */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const steps = magnitude / 2 ** (exponent - 10);
  let whole = Math.floor(steps);
  const rest = steps - whole;
  if (rest > 0.5 || (rest === 0.5 && whole % 2 === 1)) whole++;
  return sign | (whole + (exponent + 14) * 1024);
}

function toF16(values: Float32Array): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, floatToHalf).buffer);
}

function toQ8(values: Float32Array): Uint8Array {
  const out = new Uint8Array((values.length / 32) * 34);
  for (let i = 0, at = 0; i < values.length; i += 32, at += 34) {
    const block = values.subarray(i, i + 32);
    const half = floatToHalf(Math.max(...block.map(Math.abs)) / 127);
    const scale = halfToFloat(half);
    out[at] = half & 255;
    out[at + 1] = half >> 8;
    for (let j = 0; j < 32; j++)
      out[at + 2 + j] = scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(block[j] / scale)));
  }
  return out;
}

function toQ4(values: Float32Array): Uint8Array {
  const out = new Uint8Array((values.length / 32) * 18);
  for (let i = 0, at = 0; i < values.length; i += 32, at += 18) {
    const block = values.subarray(i, i + 32);
    const largest = block.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
    const half = floatToHalf(largest / -8);
    const scale = halfToFloat(half);
    const nibble = (x: number) => (scale === 0 ? 8 : Math.max(0, Math.min(15, Math.round(x / scale) + 8)));
    out[at] = half & 255;
    out[at + 1] = half >> 8;
    for (let j = 0; j < 16; j++) out[at + 2 + j] = nibble(block[j]) | (nibble(block[j + 16]) << 4);
  }
  return out;
}

/** Little-endian bytes of `values` in a format. Block formats need a multiple of 32 values a row. */
export function quantise(type: PlainType, values: Float32Array): Uint8Array {
  if (type === 'f32') return new Uint8Array(values.slice().buffer);
  return { f16: toF16, q8_0: toQ8, q4_0: toQ4 }[type](values);
}
