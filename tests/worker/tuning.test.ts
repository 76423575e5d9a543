/** The search as the page asks for it: in the middle of a text, remembered, forgotten. */
import { afterAll, describe, expect, it } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { candidates, candidatesKey, defaultTuning, FAMILIES, knownTuning } from '../../src/gpu/tuning.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { tunedBy, tuningKey } from '../../src/worker/tuned.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';
import { pageEnd } from './pageEnd.ts';

const instance = createInstance();
const file = new Blob([randomModel('qwen3moe') as Uint8Array<ArrayBuffer>]);
const channel = new MessageChannel();
const messages: StreamMessage[] = [];
const arrivals = pageEnd(channel, (message) => messages.push(message));
afterAll(() => {
  channel.port1.close();
  channel.port2.close();
});

const routed = async (run: number) => {
  await arrivals();
  return messages.flatMap((message) =>
    message.type === 'tokens' && message.run === run ? [...message.batch.tokens] : [],
  );
};

describe('the search in the worker', () => {
  const service = new Service(instance);
  service.connect(channel.port1);
  const request = { prompt: 'hello world', sampling: { temperature: 1, topK: 40, topP: 0.95, seed: 3 } };

  it('goes on with the text on what it found, and after it is forgotten', async () => {
    const { tuningKey: key, info } = await service.open({ file, device: 'auto' }, () => {});
    expect(key).toContain(candidatesKey(new Set(info.features)));
    await service.generate({ ...request, run: 1, maxTokens: 12 });
    await service.generate({ ...request, run: 2, maxTokens: 4 });
    const steps: number[] = [];
    const search = await service.searchTuning((done) => steps.push(done));
    expect(search.families.map(({ family }) => family)).toEqual(['gemv', 'gemm', 'attention']);
    for (const { candidates, chosen } of search.families) {
      expect(candidates.find(({ name }) => name === chosen)?.time).not.toBeNull();
      for (const { error } of candidates) expect(error).toBeLessThan(1e-4);
    }
    expect(steps.at(-1)).toBe(3);
    await service.generate({ ...request, run: 3, prompt: null, maxTokens: 4 });
    await service.forgetTuning();
    await service.generate({ ...request, run: 4, prompt: null, maxTokens: 4 });
    expect([...(await routed(2)), ...(await routed(3)), ...(await routed(4))]).toEqual(await routed(1));
  }, 180_000); // compiles every candidate

  it('can be cancelled, and refuses to time a CPU', async () => {
    const search = service.searchTuning(() => service.cancelMeasurement());
    await expect(search).rejects.toMatchObject({ code: 'cancelled' });
    await service.open({ file, device: 'cpu' }, () => {});
    await expect(service.searchTuning(() => {})).rejects.toMatchObject({ code: 'no-webgpu' });
    await service.forgetTuning();
  });
});

describe('a remembered tuning', () => {
  it('is taken on the adapter it was found on, and on no other', async () => {
    const other = { lanes: 16, share: 'memory', gemm: 'staged', attention: 'shared' } as const;
    const first = await findGpu(instance);
    const key = tuningKey(first);
    const again = await findGpu(instance, tunedBy({ [key]: other }));
    expect(again.gpu.tuning).toEqual({ ...defaultTuning(true, first.gpu.device.features), ...other });
    const foreign = await findGpu(instance, tunedBy({ [`${key}x`]: other }));
    expect(foreign.gpu.tuning).toEqual(defaultTuning(true, first.gpu.device.features));
    for (const { gpu } of [first, again, foreign]) gpu.device.destroy();
  });

  it('never brings the small workgroups of a software adapter to a GPU, whatever wins', () => {
    for (const features of [new Set<string>(), new Set(['subgroups'])])
      for (const family of FAMILIES)
        for (const { tuning } of candidates(family, features))
          expect({ ...defaultTuning(false, features), ...tuning }).toMatchObject({ workgroups: 'full', few: 4 });
  });

  it('is passed over where it is damaged, family by family', () => {
    const none = new Set<string>();
    for (const damaged of [
      undefined,
      null,
      7,
      'lanes',
      [],
      { lanes: 16 },
      { lanes: 7, share: 'memory' },
      { gemm: 1 },
    ]) {
      expect(knownTuning(damaged, none)).toEqual({});
    }
    const lanes = { lanes: 16, share: 'memory' } as const;
    expect(knownTuning({ ...lanes, gemm: 'yes', few: 9999 }, none)).toEqual(lanes);
    // A device without subgroups adds up in workgroup memory.
    expect(knownTuning({ lanes: 32, share: 'subgroup', attention: 'alone' }, none)).toEqual({ attention: 'alone' });
  });
});
