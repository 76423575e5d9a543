/** A GPU that is lost again and again: when it is tried, and what is said. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type Engine, UserError } from '../../src/engine/types.ts';
import { Losses } from '../../src/worker/losses.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';
import { pageEnd } from './pageEnd.ts';

describe('lost devices', () => {
  it('are replaced at once, then after a wait that doubles, up to five minutes', () => {
    let now = 1000;
    const losses = new Losses(() => now);
    expect(losses.note()).toBe(true);
    losses.away = true;
    const waits = Array.from({ length: 8 }, () => {
      expect(losses.note()).toBe(false);
      const { wait } = losses;
      now += wait - 1;
      expect(losses.due).toBe(false);
      now += 1;
      expect(losses.due).toBe(true);
      return wait / 1000;
    });
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
    now += 3_600_000;
    expect(losses.note()).toBe(true);
  });

  it('are told as they are', () => {
    const losses = new Losses();
    const lost = new UserError('device-lost', 'The graphics device was lost.');
    const on = (kind: 'webgpu' | 'cpu') => losses.told(lost, { info: { kind } } as Engine).hint;
    losses.note();
    expect(on('webgpu')).toContain('restarted');
    losses.note();
    expect(on('cpu')).toBe('The CPU continues the text. The GPU is tried again after 10 seconds.');
  });
});

describe('a text on a GPU that is lost twice', () => {
  const channel = new MessageChannel();
  afterAll(() => {
    vi.restoreAllMocks();
    channel.port1.close();
    channel.port2.close();
  });

  it('goes on on the CPU, and on the GPU again after a while, as if nothing had happened', async () => {
    const heard: StreamMessage[] = [];
    const arrivals = pageEnd(channel, (message) => heard.push(message));
    const service = new Service(createInstance());
    service.connect(channel.port1);
    const file = new Blob([randomModel('qwen3moe') as Uint8Array<ArrayBuffer>]);
    await service.open({ file, device: 'auto' }, () => {});
    const sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };
    const write = async (run: number, prompt: string | null) => {
      await service.generate({ run, prompt, maxTokens: 4, sampling });
      await arrivals();
      return heard.flatMap((message) => (message.type === 'notice' && message.run === run ? [message] : []));
    };
    expect(await write(1, 'hello')).toEqual([]);
    service.loseDevice();
    expect(await write(2, null)).toMatchObject([
      { info: { kind: 'webgpu' }, fault: { hint: expect.stringContaining('restarted') } },
    ]);
    service.loseDevice();
    expect(await write(3, null)).toMatchObject([
      { info: { kind: 'cpu' }, fault: { hint: expect.stringMatching(/^The CPU continues the text/) } },
    ]);
    expect(await write(4, null)).toEqual([]);
    const clock = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + 10_001);
    expect(await write(5, null)).toMatchObject([{ info: { kind: 'webgpu' }, fault: { code: 'device-back' } }]);
    await service.close();
  });
});
