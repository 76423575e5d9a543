/** One WebGPU device for a test file, and the small tools the kernel tests share. */
import { afterAll } from 'vitest';
import { createBuffer, PASS_STATE, readBuffer, uploadBuffer } from '../../src/gpu/buffers.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { run } from '../../src/gpu/dispatch.ts';
import { watchFaults } from '../../src/gpu/faults.ts';
import type { Dispatch, Gpu, Tuning } from '../../src/gpu/types.ts';
import { type PlainType, randomTensor as randomTensorAndValues } from '../../src/model/randomTensor.ts';
import type { Tensor } from '../../src/model/types.ts';
import { random, randomValues } from '../../src/reference/random.ts';
import { createInstance } from '../dawn.ts';

export const instance = createInstance();
const adapter = await instance.requestAdapter();
if (!adapter) {
  throw new Error(
    'No WebGPU adapter. Without a Vulkan driver, set the environment that vulkanEnvironment(true) in scripts/chromium.mjs returns.',
  );
}
export const device = await adapter.requestDevice({
  requiredFeatures: (['subgroups'] as const).filter((feature) => adapter.features.has(feature)),
});
let fault = '';
watchFaults(device, {
  lost: (message) => (fault = `The device was lost: ${message}`),
  error: ({ message }) => (fault = message),
});
afterAll(() => {
  device.destroy();
  if (fault) throw new Error(fault);
});

/** Firefox has none; a kernel that uses them does not compile there, and none is chosen. */
export const SUBGROUPS = device.features.has('subgroups');

/** The ways of running every kernel; see Tuning. */
export const TUNINGS: [string, Gpu][] = (
  [
    { lanes: 1, share: 'memory', gemm: 'alone', attention: 'alone', workgroups: 'small' },
    { lanes: 16, share: 'memory', gemm: 'staged', attention: 'shared', workgroups: 'full' },
    { lanes: 1, share: 'subgroup', gemm: 'quads', attention: 'alone', workgroups: 'small' },
  ] satisfies Partial<Tuning>[]
)
  .filter(({ share }) => SUBGROUPS || share !== 'subgroup')
  .map((tuning) => [tuning.gemm, createGpu(device, { tuning })]);

export const [ALONE, STAGED] = TUNINGS.map(([, gpu]) => gpu);
/** As ALONE, but lanes add up (in their subgroup, where there are any): another way of running decode's kernels, and no other. */
export const LANES_TOGETHER = createGpu(device, {
  tuning: { ...ALONE.tuning, lanes: 16, share: SUBGROUPS ? 'subgroup' : 'memory', workgroups: 'full' },
});
export const TYPES: PlainType[] = ['f32', 'f16', 'q8_0', 'q4_0'];

export { random, randomValues };

/** A tensor of random bytes: what it stands for is for model/dequantise.ts to say. */
export const randomTensor = (type: PlainType, shape: number[], next: () => number): Tensor =>
  randomTensorAndValues(type, shape, next).tensor;

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
