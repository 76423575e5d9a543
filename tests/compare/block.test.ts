/** The block comparison on a device without a clock of its own: what Safari and locked-down browsers give. */
import { afterAll, expect, it } from 'vitest';
import { compareBlock } from '../../src/compare/block.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { loadModel } from '../../src/model/load.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';

const instance = createInstance();
const adapter = await instance.requestAdapter();
if (!adapter) throw new Error('These tests need a WebGPU adapter.');
const device = await adapter.requestDevice();
afterAll(() => {
  device.destroy();
  // Named here so that it is not collected before: it must outlive the device.
  void instance;
});
const info = { kind: 'webgpu', name: 'test', fallback: true, features: [] } as const;

it('falls back to the wall clock and takes the cost of a submit out', async () => {
  const model = loadModel(randomModel('qwen3moe', { expertType: 'q4_0' }));
  const engine = await createWebGpuEngine(model, { gpu: createGpu(device, { software: true }), info });
  const { rows, method } = await compareBlock(engine, 1);
  expect(method.clock).toBe('wall');
  expect(rows.map(({ kind }) => kind)).toEqual(['moe', 'same-active', 'same-total', 'all-on']);
  for (const { time } of rows) expect(time.median).toBeGreaterThan(0);
});

it('leaves out what has no twin in a dense model', async () => {
  const model = loadModel(randomModel('qwen3'));
  const engine = await createWebGpuEngine(model, { gpu: createGpu(device, { software: true }), info });
  const { rows } = await compareBlock(engine, 3);
  expect(rows.map(({ kind }) => kind)).toEqual(['same-total']);
});
