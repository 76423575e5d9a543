/** Tensors of random blocks with the values they stand for, for checking kernels: the same on every machine. */
import { randomValues } from '../reference/random.ts';
import type { Tensor, TensorType } from './types.ts';

/** A half-precision number of magnitude 2⁻⁷ to 2: its two bytes, and what it stands for. */
function randomHalf(next: () => number): { bytes: [number, number]; value: number } {
  const fraction = Math.floor(1024 * next());
  const exponent = 8 + Math.floor(8 * next());
  const sign = next() < 0.5 ? 1 : 0;
  const bits = (sign << 15) | (exponent << 10) | fraction;
  return { bytes: [bits & 255, bits >> 8], value: (sign ? -1 : 1) * (1 + fraction / 1024) * 2 ** (exponent - 15) };
}

/** The formats that kernels are tried with before a model runs. */
export type PlainType = Extract<TensorType, 'f32' | 'f16' | 'q8_0' | 'q4_0'>;

/** One block of ggml's: its bytes, and its values. */
const BLOCKS: Record<PlainType, (next: () => number) => { bytes: ArrayLike<number>; values: ArrayLike<number> }> = {
  f32: (next) => {
    const values = randomValues(1, next);
    return { bytes: new Uint8Array(values.buffer), values };
  },
  f16: (next) => {
    const { bytes, value } = randomHalf(next);
    return { bytes, values: [value] };
  },
  q8_0: (next) => {
    const scale = randomHalf(next);
    const quants = Int8Array.from({ length: 32 }, () => Math.floor(256 * next()) - 128);
    const bytes = [...scale.bytes, ...new Uint8Array(quants.buffer)];
    return { bytes, values: Array.from(quants, (quant) => scale.value * quant) };
  },
  q4_0: (next) => {
    const scale = randomHalf(next);
    const quants = Uint8Array.from({ length: 16 }, () => Math.floor(256 * next()));
    const nibbles = [...quants.map((byte) => byte & 15), ...quants.map((byte) => byte >> 4)];
    return { bytes: [...scale.bytes, ...quants], values: nibbles.map((nibble) => scale.value * (nibble - 8)) };
  },
};

/** A tensor of random blocks, and the values it stands for. */
export function randomTensor(
  type: PlainType,
  shape: readonly number[],
  next: () => number,
): { tensor: Tensor; values: Float64Array } {
  const count = shape.reduce((a, b) => a * b);
  const bytes: number[] = [];
  const values: number[] = [];
  while (values.length < count) {
    const block = BLOCKS[type](next);
    bytes.push(...Array.from(block.bytes));
    values.push(...Array.from(block.values));
  }
  return {
    tensor: { name: `random ${type}`, type, shape, data: Uint8Array.from(bytes) },
    values: Float64Array.from(values),
  };
}
