/** Random weights and inputs, made quickly: a benchmark's matrices are larger than a test's. */
import { BLOCKS } from '../../model/tensorTypes.ts';
import type { Tensor, TensorType } from '../../model/types.ts';

/** xorshift: uniform 32-bit words. */
function words(seed: number): () => number {
  let state = (seed * 2654435761 + 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Values in [−1, 1). */
export function randomFloats(count: number, seed: number): Float32Array<ArrayBuffer> {
  const next = words(seed);
  return Float32Array.from({ length: count }, () => next() / 2 ** 31 - 1);
}

/** Rows of random weights whose products with rows of ±1 stay about as large: f32 or q4_0. */
export function randomWeights(type: TensorType & ('f32' | 'q4_0'), shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((a, b) => a * b);
  const scale = 1 / Math.sqrt(shape[0]);
  const name = `random ${type}`;
  if (type === 'f32') {
    const values = randomFloats(count, seed).map((value) => value * scale * Math.sqrt(3));
    return { name, type, shape, data: new Uint8Array(values.buffer) };
  }
  const next = words(seed);
  const { values, bytes } = BLOCKS.q4_0;
  const data = new Uint8Array((count / values) * bytes);
  // The codes' own deviation is 4.6; scales are half-precision numbers between one power of two and the next.
  const exponent = Math.floor(Math.log2(scale / 4.6 / Math.SQRT2)) + 15;
  for (let at = 0; at < data.length; at += bytes) {
    const half = (exponent << 10) | (next() & 1023);
    data[at] = half & 255;
    data[at + 1] = half >> 8;
    for (let j = 2; j < bytes; j += 4) {
      const word = next();
      data[at + j] = word;
      data[at + j + 1] = word >>> 8;
      data[at + j + 2] = word >>> 16;
      data[at + j + 3] = word >>> 24;
    }
  }
  return { name, type, shape, data };
}
