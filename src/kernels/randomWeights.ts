import hashSource from '../../shaders/lib/hash.wgsl?raw';
import source from '../../shaders/random_weights.wgsl?raw';
import { createBuffer, PASS_STATE } from '../gpu/buffers.ts';
import { run } from '../gpu/dispatch.ts';
import type { Gpu } from '../gpu/types.ts';
import { ceilDiv, planKernel, WORKGROUP, write } from './kernel.ts';
import type { WeightMatrix } from './weights.ts';

/** Blocks of 32 with an f16 scale, or halves: what random bits can be. */
export type RandomType = 'q4_0' | 'q8_0' | 'f16';

/** Spread of a quant of random bits, in steps of the scale; 1 for halves that are weights themselves. */
const QUANT_SPREAD: Readonly<Record<RandomType, number>> = { q4_0: 4.6, q8_0: 74, f16: 1 };
const QUANT_BYTES: Readonly<Record<RandomType, number>> = { q4_0: 0.5, q8_0: 1, f16: 0 };
const MOST_GROUPS = 65_535;

export interface RandomShape {
  readonly type: RandomType;
  readonly columns: number;
  readonly rows: number;
  readonly experts: number;
}

/** Bytes of [experts, rows, columns] weights on the GPU. */
export function weightBytes({ type, columns, rows, experts }: RandomShape): number {
  const count = columns * rows * experts;
  return type === 'f16' ? 2 * count : count * (QUANT_BYTES[type] + 2 / 32);
}

/**
 * Matrices of random weights, about 1/√columns in size so that products stay near 1, filled on the GPU. Out of memory shows
 * in the error scope that is open.
 */
export async function randomWeights(gpu: Gpu, shape: RandomShape, seed: number): Promise<WeightMatrix> {
  const { type, columns, rows, experts } = shape;
  const { device } = gpu;
  const bytes = weightBytes(shape);
  const buffer = createBuffer(device, 'random weights', bytes);
  const pass = createBuffer(device, 'pass', 16, PASS_STATE);
  const groups = ceilDiv(bytes / 16, WORKGROUP);
  const across = Math.min(groups, MOST_GROUPS);
  const dispatch = await planKernel(gpu, {
    name: 'random_weights',
    sources: [hashSource, source],
    constants: {
      SEED: seed,
      SCALES: (columns * rows * experts * QUANT_BYTES[type]) / 16,
      EXPONENT: 15 + Math.round(Math.log2(1 / Math.sqrt(columns) / QUANT_SPREAD[type]) - 0.5),
    },
    buffers: [write(buffer)],
    pass,
    grid: () => [across, ceilDiv(groups, across), 1],
  });
  run(device, [dispatch], 1);
  pass.destroy();
  return { type, columns, rows, experts, buffer };
}
