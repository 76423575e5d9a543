/** What the dialog of other models asks of the GPU, in the middle of what runs on it. */
import { expect, it } from 'vitest';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';
import { pageEnd } from './pageEnd.ts';

const file = new Blob([randomModel('qwen3moe') as Uint8Array<ArrayBuffer>]);

it('tries memory without an end to what is measured, and between two tokens of a text', async () => {
  const channel = new MessageChannel();
  pageEnd(channel, () => {});
  const service = new Service(createInstance());
  service.connect(channel.port1);
  await service.open({ file, device: 'auto' }, () => {});

  const done: string[] = [];
  const noted = async <T>(name: string, job: Promise<T>) => {
    const result = await job;
    done.push(name);
    return result;
  };
  const measured = noted(
    'measured',
    service.sweep({ tokens: [1] }, () => {}),
  );
  const memory = noted('memory', service.tryMemory(1000));
  const limits = await noted('limits', service.tryMemory(0));
  expect(limits.largestBuffer).toBeGreaterThan(0);
  expect((await measured).points).toHaveLength(1);
  expect((await memory).given).toBe(true);
  expect(done).toEqual(['limits', 'measured', 'memory']);

  const sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };
  const run = noted('text', service.generate({ run: 1, prompt: 'abc', maxTokens: 200, sampling }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await noted('memory', service.tryMemory(1000));
  expect(done.at(-1)).toBe('memory');
  await run;
  await service.close();
  channel.port1.close();
  channel.port2.close();
});
