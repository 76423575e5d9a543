/** What the painter starts from: weights, the description of a place, and the pixels of a step; the same on CPU and GPU. */
import { hash } from '../hash.ts';
import { random } from '../random.ts';
import { axisWidth, type Layout, type PainterShape, placeWidth } from './shape.ts';

/** Float64 where it is the oracle, float32 where it is to be quick. */
export type Floats = Float64Array | Float32Array;
export type Make = (length: number) => Floats;

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

/** Weights of a seed: normal deviates, as each tensor wants them. */
export function initialWeights(layout: Layout, seed: number, make: Make): Floats {
  const weights = make(layout.size);
  for (const [number, { offset, experts, rows, columns, used, deviation }] of layout.tensors.entries()) {
    const normal = normalDeviates(hash(seed ^ hash(number + 1)));
    for (let row = 0; row < experts * rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (row % rows >= used[0] || column >= used[1]) continue;
        weights[offset + row * columns + column] = deviation === null ? 1 : Math.fround(deviation * normal());
      }
    }
  }
  return weights;
}

/** Box and Muller's. */
function normalDeviates(seed: number): () => number {
  const next = random(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
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
  layout: Layout,
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
