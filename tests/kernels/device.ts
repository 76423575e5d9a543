/** One WebGPU device for a test file, and the small tools the kernel tests share. */
import { afterAll } from 'vitest';
import { create, globals } from 'webgpu';
import { createBuffer, PASS_STATE, readBuffer, uploadBuffer } from '../../src/gpu/buffers.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { run } from '../../src/gpu/dispatch.ts';
import type { Dispatch, Gpu, Tuning } from '../../src/gpu/types.ts';
import type { Tensor, TensorType } from '../../src/model/types.ts';

Object.assign(globalThis, globals);
/** Exported so that it is never collected: it must outlive the device. */
export const instance = create([]);
const adapter = await instance.requestAdapter();
if (!adapter) {
  throw new Error(
    'No WebGPU adapter. Without a Vulkan driver, set the environment that vulkanEnvironment(true) in scripts/chromium.mjs returns.',
  );
}
export const device = await adapter.requestDevice();
const uncaptured: string[] = [];
device.addEventListener('uncapturederror', (event) => {
  uncaptured.push((event as GPUUncapturedErrorEvent).error.message);
});
afterAll(() => {
  device.destroy();
  if (uncaptured.length > 0) throw new Error(uncaptured.join('\n'));
});

/** Both ways of running every kernel; see Tuning. */
export const TUNINGS: [string, Gpu][] = (
  [
    { lanes: 1, tiled: false },
    { lanes: 16, tiled: true },
  ] satisfies Tuning[]
).map((tuning) => [tuning.tiled ? 'shared' : 'alone', createGpu(device, { tuning })]);

export const ALONE = TUNINGS[0][1];
export const LANES = TUNINGS[1][1];
export const TYPES: TensorType[] = ['f32', 'f16', 'q8_0', 'q4_0'];

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

/** Values in [−1, 1) that f32 holds exactly, so that twins start from the same numbers. */
export const randomValues = (count: number, next: () => number): Float32Array =>
  Float32Array.from({ length: count }, () => 2 * next() - 1);

/** A tensor of random bytes: any bit pattern of its type that is a finite number of moderate size. */
export function randomTensor(type: TensorType, shape: number[], next: () => number): Tensor {
  const count = shape.reduce((a, b) => a * b);
  const name = `random ${type}`;
  if (type === 'f32') return { name, type, shape, data: new Uint8Array(randomValues(count, next).buffer) };
  const byte = () => Math.floor(256 * next());
  const half = () => [byte(), (next() < 0.5 ? 0x80 : 0) | (0x20 + Math.floor(0x18 * next()))]; // 0.008 to 1.9
  const blocks = { f16: [1, 0], q8_0: [32, 32], q4_0: [32, 16] }[type];
  const bytes = Array.from({ length: count / blocks[0] }, () => [
    ...half(),
    ...Array.from({ length: blocks[1] }, byte),
  ]);
  return { name, type, shape, data: Uint8Array.from(bytes.flat()) };
}

export const f64 = (values: ArrayLike<number>): Float64Array => Float64Array.from(values);
export const upload = (data: ArrayBufferView): GPUBuffer => uploadBuffer(device, 'test', data);

/** A buffer full of NaN: whatever a kernel reads without having written shows. */
export const poisoned = (words: number): GPUBuffer => upload(new Uint32Array(words).fill(0x7fc00000));
export const empty = (words: number): GPUBuffer => createBuffer(device, 'test', 4 * words);

export const passState = (tokens: number, position = 0, step = 0): GPUBuffer =>
  uploadBuffer(device, 'pass', new Uint32Array([tokens, position, step, 0]), PASS_STATE);

/** Runs the dispatches once, in order. */
export const dispatch = (tokens: number, ...dispatches: Dispatch[]): void => run(device, dispatches, tokens);

export const readFloats = async (buffer: GPUBuffer, count: number): Promise<Float32Array> =>
  new Float32Array(await readBuffer(device, buffer, 0, 4 * count));
export const readWords = async (buffer: GPUBuffer, count: number): Promise<Uint32Array> =>
  new Uint32Array(await readBuffer(device, buffer, 0, 4 * count));

/** Largest error, relative to the largest value expected; NaN counts as infinitely wrong. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = actual.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  let largest = 1e-30;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    const distance = Math.abs(actual[i] - expected[i]);
    error = Math.max(error, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
  }
  return error / largest;
}
