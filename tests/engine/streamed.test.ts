/** Weights that go from the file to the GPU in pieces: the same logits as of the file in memory, and little of it in between. */
import { afterAll, expect, it } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { standIn } from '../../src/gpu/refusals.ts';
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

it('says what is no number in weights that are only now read', async () => {
  const bytes = randomModel('qwen3moe', { layers: 1, seed: 7 });
  loadModel(bytes).weights.layers[0].down.data.set([0, 0, 0xc0, 0x7f]);
  const source: ByteSource = { bytes: bytes.length, read: async (from, to) => bytes.slice(from, to) };
  const model = await openModel(source, 0);
  expect(model.warnings).toEqual([]);
  const { warning } = await createWebGpuEngine(model, found);
  expect(warning).toMatch(/^One weight of this file is NaN or infinite \(the first in "blk.0.ffn_down_exps/);
});

it('refuses experts of which no kernel may see as many as a token takes before they are read', async () => {
  const bytes = randomModel('qwen3moe', { layers: 1, experts: 8, expertHidden: 128 });
  let read = 0;
  const source: ByteSource = {
    bytes: bytes.length,
    read: async (from, to) => {
      read += to - from;
      return bytes.slice(from, to);
    },
  };
  const model = await openModel(source, 0);
  read = 0;
  const limits = { maxStorageBufferBindingSize: 100_000, maxBufferSize: 2 ** 28 } as GPUSupportedLimits;
  const small = { ...found, gpu: { ...found.gpu, device: standIn(gpu.device, { limits }) } };
  await expect(createWebGpuEngine(model, small)).rejects.toMatchObject({
    code: 'out-of-memory',
    message:
      'The matrices “blk.0.ffn_gate_exps.weight” and “blk.0.ffn_up_exps.weight” take 1 MiB; this GPU lets a kernel see 1 MiB at a time.',
  });
  expect(read).toBe(0);
});
