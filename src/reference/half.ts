/** The half-precision number nearest to a value (ties to even), at most 65504 in size: what a cache in f16 keeps of it. */
export function nearestHalf(value: number): number {
  const magnitude = Math.min(Math.abs(value), 65504);
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(magnitude))) - 10);
  // What f64 cannot hold beside a number this large is rounded off, ties to even.
  const large = 1.5 * 2 ** 52 * step;
  return Math.sign(value) * (magnitude + large - large);
}
