/** What the painter learns from: the description of a place, and the pixels of a step; the same on CPU and GPU. */
import type { Floats, Make } from '../block/weights.ts';
import { hash } from '../hash.ts';
import { axisWidth, type PainterLayout, type PainterShape, placeWidth } from './shape.ts';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly data: Uint8ClampedArray;
}

/** Pixels that are learned from, or painted, at once. */
export interface Batch {
  readonly count: number;
  /** [N, features], [N, place], [N, 4]; targets from -1 to 1. */
  readonly features: Floats;
  readonly place: Floats;
  readonly target: Floats;
}

/** For every column (or row) of a picture: its coordinate in [-1, 1], then sin and cos of each octave. [size, 1 + 2·octaves] */
export function axisFeatures(size: number, octaves: number, make: Make): Floats {
  const columns = axisWidth(octaves);
  const table = make(size * columns);
  for (let i = 0; i < size; i++) {
    const place = size === 1 ? 0 : -1 + (2 * i) / (size - 1);
    table[i * columns] = place;
    for (let octave = 0; octave < octaves; octave++) {
      const phase = place * 2 ** octave * (Math.PI / 2);
      table[i * columns + 1 + 2 * octave] = Math.sin(phase);
      table[i * columns + 2 + 2 * octave] = Math.cos(phase);
    }
  }
  return table;
}

/** The pixel that place n of a step's batch gets. */
export const drawnPixel = (seed: number, step: number, n: number, pixels: number): number =>
  hash((hash((seed ^ Math.imul(step, 0x9e3779b9)) >>> 0) ^ n) >>> 0) % pixels;

/** @param pixelOf the pixel at each place of the batch. */
export function gather(
  shape: PainterShape,
  layout: PainterLayout,
  picture: Pixels,
  axes: readonly [x: Floats, y: Floats],
  count: number,
  pixelOf: (n: number) => number,
  make: Make,
): Batch {
  const { features: wide, place: narrow } = layout;
  const batch = { count, features: make(count * wide), place: make(count * narrow), target: make(count * 4) };
  const [columns, low] = [axisWidth(shape.octaves), placeWidth(shape)];
  for (let n = 0; n < count; n++) {
    const pixel = pixelOf(n);
    const at = [pixel % picture.width, Math.floor(pixel / picture.width)];
    for (let axis = 0; axis < 2; axis++) {
      for (let i = 0; i < columns; i++) {
        const value = axes[axis][at[axis] * columns + i];
        batch.features[n * wide + axis * columns + i] = value;
        if (i < low) batch.place[n * narrow + axis * low + i] = value;
      }
    }
    for (let channel = 0; channel < 3; channel++)
      batch.target[4 * n + channel] = 2 * (picture.data[4 * pixel + channel] / 255 - 0.5);
  }
  return batch;
}
