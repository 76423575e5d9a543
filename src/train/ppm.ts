/** Pictures as binary PPM (P6), which every tool for pictures writes and reads. */
import type { Pixels } from '../reference/painter/inputs.ts';

/** Null where it is no such picture. */
export function readPpm(bytes: Uint8Array): Pixels | null {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const found = /^P6\s+(?:#.*\s+)*(\d{1,4})\s+(\d{1,4})\s+255\s/.exec(head);
  if (!found) return null;
  const [width, height] = [Number(found[1]), Number(found[2])];
  const colours = bytes.subarray(found[0].length);
  if (width * height === 0 || colours.length < 3 * width * height) return null;
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) data.set(colours.subarray(3 * i, 3 * i + 3), 4 * i);
  return { width, height, data };
}

export function writePpm({ width, height, data }: Pixels): Uint8Array {
  const head = new TextEncoder().encode(`P6\n${width} ${height}\n255\n`);
  const bytes = new Uint8Array(head.length + 3 * width * height);
  bytes.set(head);
  for (let i = 0; i < width * height; i++) bytes.set(data.subarray(4 * i, 4 * i + 3), head.length + 3 * i);
  return bytes;
}
