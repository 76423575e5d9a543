/** Kernels that measure the machine itself: every timing can then be set against what was possible. */
import copySource from '../../shaders/limit_copy.wgsl?raw';
import fmaSource from '../../shaders/limit_fma.wgsl?raw';
import readSource from '../../shaders/limit_read.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';

/** Invocations of a workgroup, as in shaders/limit_*.wgsl. */
const INVOCATIONS = 256;
/** Steps of 256 · 16 bytes that a workgroup walks: 64 KiB, so that even 2 GiB are no more workgroups than may be launched. */
const STEPS = 16;
const FMA_STEPS = 512;

/** Buffers to read or copy hold a whole number of these bytes. */
export const LIMIT_BYTES = INVOCATIONS * STEPS * 16;
/** FLOPs of one of limitFma's workgroups, a multiply-add counted as two. */
export const LIMIT_FLOPS = INVOCATIONS * FMA_STEPS * 64;

/** sums[i] = what invocation i found in `data`, modulo 2³². data: `bytes`, sums: u32 [sumCount(bytes)]. */
export function limitRead(
  gpu: Gpu,
  bytes: number,
  { data, sums, pass }: { data: Binding; sums: Binding; pass: Binding },
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'limit_read',
    sources: [readSource],
    constants: { STEPS },
    buffers: [read(data), write(sums)],
    pass,
    grid: () => [bytes / LIMIT_BYTES, 1, 1],
  });
}

/** copied = data, `bytes` of them. */
export function limitCopy(
  gpu: Gpu,
  bytes: number,
  { data, copied, pass }: { data: Binding; copied: Binding; pass: Binding },
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'limit_copy',
    sources: [copySource],
    constants: { STEPS },
    buffers: [read(data), write(copied)],
    pass,
    grid: () => [bytes / LIMIT_BYTES, 1, 1],
  });
}

/** factors: {1, 1, 1, 1} and {n, n, n, n}; results: f32 [fmaCount(workgroups)], see fmaTwin(). */
export function limitFma(
  gpu: Gpu,
  workgroups: number,
  { factors, results, pass }: { factors: Binding; results: Binding; pass: Binding },
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'limit_fma',
    sources: [fmaSource],
    constants: { STEPS: FMA_STEPS },
    buffers: [read(factors), write(results)],
    pass,
    grid: () => [workgroups, 1, 1],
  });
}

export const sumCount = (bytes: number): number => bytes / (STEPS * 16);
export const fmaCount = (workgroups: number): number => workgroups * INVOCATIONS;

/** What limitRead finds where word i of the data is i · step modulo 2³²: an arithmetic series, summed in closed form. */
export function readTwin(bytes: number, step: number): Uint32Array {
  return Uint32Array.from({ length: sumCount(bytes) }, (_, i) => {
    const first = 4 * (Math.floor(i / INVOCATIONS) * STEPS * INVOCATIONS + (i % INVOCATIONS));
    // Four words at each of STEPS places, 4 · INVOCATIONS words apart.
    const indices = 4 * STEPS * first + 6 * STEPS + 16 * INVOCATIONS * ((STEPS * (STEPS - 1)) / 2);
    return Number((BigInt(indices) * BigInt(step)) & 0xffffffffn);
  });
}

/** What limitFma computes: eight chains of four that start at 0 … 7 and grow by n · (i mod 8) in every step. */
export function fmaTwin(workgroups: number, n: number): Float32Array {
  return Float32Array.from({ length: fmaCount(workgroups) }, (_, i) => 4 * 28 + 32 * FMA_STEPS * n * (i % 8));
}
