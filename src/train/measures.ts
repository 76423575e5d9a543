/** What is said of a painting and of a step's loads. */
import type { Pixels } from '../reference/painter/inputs.ts';

/** Peak signal-to-noise ratio in dB, over the pixels that `counts` lets through. */
export function psnr(
  painted: Uint8ClampedArray,
  { data }: Pixels,
  counts: (pixel: number) => boolean = () => true,
): number {
  let [sum, n] = [0, 0];
  for (let pixel = 0; pixel < data.length / 4; pixel++) {
    if (!counts(pixel)) continue;
    for (let channel = 0; channel < 3; channel++)
      sum += (painted[4 * pixel + channel] - data[4 * pixel + channel]) ** 2;
    n += 3;
  }
  return 10 * Math.log10((255 * 255 * n) / Math.max(sum, 1e-9));
}

/** Share of the picture that each expert paints. */
export function shares(territory: Uint8Array, experts: number): number[] {
  const counts = new Array<number>(experts).fill(0);
  for (const expert of territory) counts[expert]++;
  return counts.map((count) => count / territory.length);
}

/** Less than this share of the pixels, and an expert counts as dead. */
export const DEAD = 0.01;

export const deadOf = (share: readonly number[]): number => share.filter((each) => each < DEAD).length;
