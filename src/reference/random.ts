/** Random inputs for checking kernels: the same on every machine. */

/** Deterministic numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values in [−1, 1) that f32 holds exactly, so that kernel and twin start from the same numbers. */
export const randomValues = (count: number, next: () => number): Float32Array =>
  Float32Array.from({ length: count }, () => 2 * next() - 1);
