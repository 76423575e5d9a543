/** What the machine can do: kernels whose results are known to the bit, and the arithmetic of the roofline. */
import { afterAll, describe, expect, it } from 'vitest';
import { limitSizes, measureLimits, shareOfRoofline } from '../../src/compare/limits.ts';
import { createStopwatch } from '../../src/compare/sampler.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { standIn } from '../../src/gpu/refusals.ts';
import { fmaTwin, LIMIT_BYTES, readTwin } from '../../src/kernels/limits.ts';
import { createInstance } from '../dawn.ts';

const instance = createInstance();
const adapter = await instance.requestAdapter();
if (!adapter) throw new Error('These tests need a WebGPU adapter.');
const device = await adapter.requestDevice();
afterAll(() => {
  device.destroy();
  // Named here so that it is not collected before: it must outlive the device.
  void instance;
});

describe('the limits of the machine', () => {
  it('are measured by kernels that are right to the last bit', async () => {
    const watch = createStopwatch(device);
    const sizes = { bytes: 3 * LIMIT_BYTES, workgroups: 2 };
    const { read, copy, fma, bytes } = await measureLimits(createGpu(device), watch, sizes, { rounds: 3 });
    expect(bytes).toBe(sizes.bytes);
    for (const { rate, samples } of [read, copy, fma]) {
      expect(rate).toBeGreaterThan(0);
      expect(samples).toBe(3);
    }
  });

  it('have no more than 16 MiB on their way to the GPU at a time', async () => {
    let [way, most] = [0, 0];
    const queue = standIn(device.queue, {
      writeBuffer: (buffer: GPUBuffer, offset: number, data: GPUAllowSharedBufferSource) => {
        way += data.byteLength;
        most = Math.max(most, way);
        device.queue.writeBuffer(buffer, offset, data);
      },
      onSubmittedWorkDone: async () => {
        await device.queue.onSubmittedWorkDone();
        way = 0;
      },
    } as Partial<GPUQueue>);
    const gpu = createGpu(standIn(device, { queue }));
    await measureLimits(gpu, createStopwatch(device), { bytes: 2 ** 25, workgroups: 1 }, { rounds: 1 });
    expect(most).toBeGreaterThan(2 ** 22);
    expect(most).toBeLessThan(2 ** 24 + 2 ** 12);
  });

  it('are not taken from a kernel that is wrong', async () => {
    const wrong = createGpu(device);
    const pipeline = (kernel: Parameters<typeof wrong.pipeline>[0]) =>
      wrong.pipeline({ ...kernel, code: kernel.code.replace('(c + d)', '(c - d)') });
    const watch = createStopwatch(device);
    const sizes = { bytes: LIMIT_BYTES, workgroups: 1 };
    await expect(measureLimits({ ...wrong, pipeline }, watch, sizes)).rejects.toMatchObject({ code: 'wrong-results' });
  });

  it('have twins that add up one by one', () => {
    const words = Uint32Array.from({ length: LIMIT_BYTES / 2 }, (_, i) => Math.imul(i, 2654435761));
    const sums = new Uint32Array(512);
    words.forEach((word, i) => {
      const group = Math.floor((4 * i) / LIMIT_BYTES);
      sums[group * 256 + (Math.floor(i / 4) % 256)] += word;
    });
    expect(readTwin(2 * LIMIT_BYTES, 2654435761)).toEqual(sums);
    let chains = [0, 1, 2, 3, 4, 5, 6, 7];
    for (let step = 0; step < 512; step++) chains = chains.map((value) => value * 1 + 3 * 5);
    expect(fmaTwin(1, 3)[13]).toBe(4 * chains.reduce((a, b) => a + b));
  });

  it('choose whole workgroups within what a shader may see', () => {
    const limits = { maxStorageBufferBindingSize: 2 ** 27 + 1000, maxBufferSize: 2 ** 28 };
    expect(limitSizes({ limits } as GPUDevice, false).bytes).toBe(2 ** 27);
    expect(limitSizes({ limits: { ...limits, maxBufferSize: 2 ** 20 - 1 } } as GPUDevice, true).bytes).toBe(
      2 ** 20 - LIMIT_BYTES,
    );
    expect(limitSizes({ limits } as GPUDevice, false, true).bytes).toBe(2 ** 26);
  });

  it('bound a time from below', () => {
    const limit = (rate: number) => ({ rate, spread: 0, samples: 1 });
    const limits = { bytes: 1, read: limit(1e9), copy: limit(1e9), fma: limit(1e10) };
    expect(shareOfRoofline({ flops: 1e7, bytes: 4e6 }, 8, limits)).toEqual({ least: 4, share: 0.5, bound: 'reading' });
    expect(shareOfRoofline({ flops: 1e8, bytes: 4e6 }, 8, limits)).toMatchObject({ least: 10, bound: 'arithmetic' });
  });
});
