/** Two jobs on one device: what is refused of one says nothing about the other. */
import { describe, expect, it } from 'vitest';
import { guarded } from '../../src/compare/candidates.ts';
import { createBuffer, uploadBuffer } from '../../src/gpu/buffers.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { shareDevice } from '../../src/gpu/share.ts';
import type { Gpu } from '../../src/gpu/types.ts';
import { toFault } from '../../src/worker/faults.ts';
import { createInstance } from '../dawn.ts';

const api = shareDevice(createInstance([]));

async function twoGpus(): Promise<[Gpu, Gpu]> {
  const share = async () => createGpu(await (await api.requestAdapter())!.requestDevice());
  return [await share(), await share()];
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Allocates in steps, as an engine does; the second buffer is beyond what any device gives. */
const job = (gpu: Gpu, bytes: number) =>
  guarded(gpu, async (owned, watched) => {
    for (const size of [16, bytes, 16]) {
      owned.push(createBuffer(watched.device, 'part', size));
      await moment();
    }
    return {};
  });

describe('two jobs on one device', () => {
  it('are refused each for itself, whatever they wait for', async () => {
    const [one, other] = await twoGpus();
    for (const bad of [0, 1, 2]) {
      const sizes = [0, 1, 2].map((at) => (at === bad ? 2 ** 45 : 64));
      const ends = await Promise.allSettled(sizes.map((bytes, at) => job(at === 1 ? other : one, bytes)));
      expect(ends.map(({ status }) => status)).toEqual(sizes.map((bytes) => (bytes > 64 ? 'rejected' : 'fulfilled')));
    }
  });

  it('leave no scope open behind them, also when they throw', async () => {
    const [one, other] = await twoGpus();
    const thrown = guarded(one, async () => {
      throw new Error('in the middle');
    });
    await expect(thrown).rejects.toThrow('in the middle');
    await expect(other.device.popErrorScope()).rejects.toThrow();
  });
});

describe('memory that cannot be had', () => {
  it('is one sentence with a way out, whoever says it', () => {
    const refusing = {
      createBuffer: () => {
        throw new RangeError('createBuffer failed, size is too large');
      },
    };
    const attempts = [
      () => uploadBuffer(refusing as unknown as GPUDevice, 'weights', new Uint8Array(3 << 20)),
      () => new Float32Array(2 ** 53 - 1),
      () => new ArrayBuffer(2 ** 53 - 1),
    ];
    for (const attempt of attempts) {
      let fault = null;
      try {
        attempt();
      } catch (error) {
        fault = toFault(error);
      }
      expect(fault?.code).toBe('out-of-memory');
      expect(fault?.message).toMatch(/^There is no(t enough)? (room|memory) .*\.$/);
      expect(fault?.hint).not.toBe('');
    }
    expect(toFault(new RangeError('no token 9 in a vocabulary of 4')).code).toBe('bad-input');
  });
});
