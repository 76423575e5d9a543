/** What a network starts from: the weights of a seed, the same on CPU and GPU. */
import { hash } from '../hash.ts';
import { random } from '../random.ts';
import type { Layout } from './layout.ts';

/** Float64 where it is the oracle, float32 where it is to be quick. */
export type Floats = Float64Array | Float32Array;
export type Make = (length: number) => Floats;

/** Normal deviates, as each tensor wants them. */
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
