/** Weights that go from the file to the GPU in pieces: the same logits as of the file in memory, and little of it in between. */
import { afterAll, expect, it } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { loadModel, openModel } from '../../src/model/load.ts';
import type { ByteSource } from '../../src/model/source.ts';
import { instance } from '../kernels/device.ts';
import { randomModel } from '../model/randomModel.ts';

const { gpu, info } = await findGpu(instance);
const found = { info, gpu: createGpu(gpu.device, { software: true, tuning: { few: 4 } }) };
afterAll(() => gpu.device.destroy());
const IDS = [3, 141, 59, 26, 53, 58];

it.each([
  ['one format', { type: 'q8_0' as const, experts: 12, expertHidden: 96, layers: 2, seed: 5 }],
  // q, k and v of one format, the experts of another; rows of one block, so that two meet in a word.
  [
    'two formats',
    { type: 'f16' as const, expertType: 'q4_0' as const, width: 32, expertHidden: 33 * 32, experts: 5, seed: 6 },
  ],
])('%s', async (_, options) => {
  const bytes = randomModel('qwen3moe', { ...options, tied: false });
  let largest = 0;
  const source: ByteSource = {
    bytes: bytes.length,
    read: async (from, to) => {
      largest = Math.max(largest, to - from);
      return bytes.slice(from, to);
    },
  };
  const streamed = await openModel(source, 0);
  largest = 0;
  const engine = await createWebGpuEngine(streamed, found);
  expect(largest).toBeGreaterThan(0);
  expect(largest).toBeLessThanOrEqual(2 ** 23);
  const whole = await createWebGpuEngine(loadModel(bytes), found);
  expect((await engine.forward(IDS)).logits).toEqual((await whole.forward(IDS)).logits);
});
