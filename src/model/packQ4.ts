/** Packs 4-bit codes as ggml's q4_0. */

/** The bits of a positive or negative number that half precision holds exactly as a normal number, or as 0; else null. */
function exactHalf(value: number): number | null {
  if (value === 0) return 0;
  const magnitude = Math.abs(value);
  const exponent = Math.floor(Math.log2(magnitude));
  const fraction = (magnitude / 2 ** exponent - 1) * 1024;
  if (exponent < -14 || exponent > 15 || !Number.isInteger(fraction)) return null;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

/**
 * q4_0 blocks of 32 codes 0 … 15 that stand for (code − 8) · scale; null where a scale is not exact in half precision.
 * codes: a multiple of 32, scales: one to 32 codes.
 */
export function packQ4(codes: Uint8Array, scales: Float32Array): Uint8Array | null {
  const data = new Uint8Array(scales.length * 18);
  for (let block = 0, at = 0; block < scales.length; block++, at += 18) {
    const half = exactHalf(scales[block]);
    if (half === null) return null;
    data[at] = half & 255;
    data[at + 1] = half >> 8;
    for (let j = 0; j < 16; j++) data[at + 2 + j] = codes[32 * block + j] | (codes[32 * block + j + 16] << 4);
  }
  return data;
}
