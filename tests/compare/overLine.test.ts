/** Both models over a line as slow as is said: what was here when the first token was, and what the GPU held. */
import { createHash } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { overLine } from '../../src/compare/overLine.ts';
import type { LineRun } from '../../src/compare/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { standIn } from '../../src/gpu/refusals.ts';
import { memorySource } from '../../src/model/source.ts';
import { throttled } from '../../src/model/throttled.ts';
import { instance } from '../kernels/device.ts';
import { randomModel } from '../model/randomModel.ts';

const { gpu: opened, info } = await findGpu(instance);
afterAll(() => opened.device.destroy());

/** The device, and how many of its buffers are there. */
let there = 0;
const device = standIn(opened.device, {
  createBuffer: (asked) => {
    const buffer = opened.device.createBuffer(asked);
    // Kernels share these for as long as there is a device.
    if (asked.label === 'constants') return buffer;
    const destroy = buffer.destroy.bind(buffer);
    there++;
    buffer.destroy = () => {
      there--;
      destroy();
    };
    return buffer;
  },
});
const found = { info, gpu: createGpu(device, { software: true, tuning: opened.tuning }) };

const FILES: Readonly<Record<string, Uint8Array>> = {
  moe: randomModel('qwen3moe', { experts: 32, expertsPerToken: 2, layers: 3, seed: 3 }),
  dense: randomModel('qwen3', { expertHidden: 32 * 32, layers: 3, seed: 4 }),
};
const models = Object.entries(FILES).map(([id, file]) => ({
  ...{ id, url: id, bytes: file.length },
  sha256: createHash('sha256').update(file).digest('hex'),
}));
const signal = new AbortController().signal;
const asked = { models, prompt: 'hello', found, fetchFile: async ({ url }: { url: string }) => FILES[url] };

it('lets the MoE write before its bytes are here, and the dense model after, each at the rate of the line', async () => {
  const bytesPerSecond = 4e5;
  const news: LineRun[][] = [];
  const runs = await overLine({
    ...{ ...asked, bytesPerSecond, entries: 4, signal },
    onProgress: (each) => news.push(structuredClone(each) as LineRun[]),
  });
  const [moe, dense] = runs;
  expect(runs.map(({ id }) => id)).toEqual(['moe', 'dense']);
  for (const { written, bytes, total } of runs) {
    expect(written[0].tokens).toBe(1);
    expect(bytes).toBeLessThanOrEqual(total);
    for (const point of written)
      expect(point.milliseconds).toBeGreaterThanOrEqual((1000 * point.bytes) / bytesPerSecond);
  }
  expect([moe.total, dense.total]).toEqual(models.map(({ bytes }) => bytes));
  expect(moe.written[0].bytes).toBeLessThan(0.7 * moe.total);
  // Whatever lies between tensors is read by nobody.
  expect(dense.written[0].bytes).toBeGreaterThan(0.97 * dense.total);
  expect([moe.entries, dense.entries]).toEqual([4, null]);
  expect(moe.held).toBeGreaterThan(0);
  expect(news.at(-1)).toEqual(runs);
  const early = news.filter(([first, ...others]) => others.length === 0 && first.written.length === 0);
  expect(early.length).toBeGreaterThan(2);
  // What both took of the GPU is given back, and the device is not.
  expect(there).toBe(0);
  // With room for all the GPU holds more, by 28 experts of three layers.
  const [roomy] = await overLine({
    ...{ ...asked, models: models.slice(0, 1), bytesPerSecond: 1e9, entries: 32, signal, onProgress: () => {} },
  });
  expect(roomy.held - moe.held).toBeGreaterThan(28 * 3 * 1000);
});

it('stops in the middle', async () => {
  const stop = new AbortController();
  const onProgress = (runs: readonly LineRun[]) => {
    if (runs[0].bytes > 20_000) stop.abort(new Error('enough'));
  };
  const running = overLine({ ...asked, bytesPerSecond: 1e5, entries: 4, onProgress, signal: stop.signal });
  await expect(running).rejects.toThrow('enough');
  expect(there).toBe(0);
});

it('takes as long as the line does, and nothing for what is here', async () => {
  const file = Uint8Array.from({ length: 300_000 }, (_, i) => i);
  let here = 0;
  const source = throttled(memorySource(file), 1e6, signal, (bytes) => (here = bytes));
  const timed = async (from: number, to: number) => {
    const began = performance.now();
    const part = await source.read(from, to);
    const milliseconds = performance.now() - began;
    expect(Buffer.compare(part, file.subarray(from, to))).toBe(0);
    return milliseconds;
  };
  expect(source.here!(0, 100_000)).toBe(false);
  const slow = await timed(0, 200_000);
  expect(slow).toBeGreaterThanOrEqual(199);
  expect(here).toBe(200_000);
  expect(source.here!(1, 199_999)).toBe(true);
  expect(await timed(50_000, 200_000)).toBeLessThan(slow / 2);
  await timed(150_000, 300_000);
  expect(here).toBe(300_000);
});
