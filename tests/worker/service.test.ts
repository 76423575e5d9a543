/** The worker's service as the page uses it: over a port, with a file it is handed, on the GPU and on the CPU. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FEW_ROUNDS } from '../../src/compare/measureStep.ts';
import { ROUNDS } from '../../src/compare/sampler.ts';
import type { Intervention } from '../../src/engine/interventions.ts';
import type { Sampling } from '../../src/engine/types.ts';
import { standIn } from '../../src/gpu/refusals.ts';
import type { Progress, StreamMessage, StreamTokens } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { publishedFile } from '../model/published/file.ts';
import { randomModel } from '../model/randomModel.ts';
import { pageEnd } from './pageEnd.ts';

const dawn = createInstance();
/** What a machine can do is measured with buffers as large as its devices let a shader see: 4 MiB do here. */
const instance = standIn(dawn, {
  requestAdapter: async (...asked) => {
    const adapter = await dawn.requestAdapter(...asked);
    const requestDevice: GPUAdapter['requestDevice'] = async (wanted) => {
      const device = await adapter!.requestDevice(wanted);
      return standIn(device, { limits: standIn(device.limits, { maxStorageBufferBindingSize: 2 ** 22 }) });
    };
    return adapter && standIn(adapter, { requestDevice });
  },
});
const SAMPLING: Sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };
const file = new Blob([randomModel('qwen3moe') as Uint8Array<ArrayBuffer>]);

let channel: MessageChannel;
let messages: StreamMessage[];
let arrivals: () => Promise<void>;
beforeEach(() => {
  messages = [];
  channel = new MessageChannel();
  arrivals = pageEnd(channel, (message) => messages.push(message));
});
afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

function connected(api: GPU | undefined): Service {
  const service = new Service(api);
  service.connect(channel.port1);
  return service;
}

/** One that has the model, without text and interventions, for tests that need no new one to compile every kernel again. */
const services = new Map<GPU | undefined, Service>();
async function opened(api: GPU | undefined): Promise<Service> {
  const service = services.get(api) ?? connected(api);
  if (!services.has(api)) await service.open({ file, device: 'auto' }, () => {});
  services.set(api, service);
  service.connect(channel.port1);
  await service.reset();
  await service.setInterventions([]);
  return service;
}

const tokenMessages = (run: number) =>
  messages.filter((message): message is StreamTokens => message.type === 'tokens' && message.run === run);
const routed = (run: number) => tokenMessages(run).flatMap(({ batch }) => [...batch.tokens]);
const written = (run: number) => {
  const all = tokenMessages(run);
  return all.flatMap(({ texts }) => texts).join('') + (all.at(-1)?.pending ?? '');
};

describe.each([
  ['webgpu', instance],
  ['cpu', undefined],
])('on %s', (kind, api) => {
  it('opens with progress, says where it runs, and checks the kernels', async () => {
    const service = connected(api);
    const progress: Progress[] = [];
    const opened = await service.open({ file, device: 'auto' }, (step) => progress.push(step));
    expect(opened.info.kind).toBe(kind);
    expect(opened.model).toMatchObject({ experts: 8, expertsPerToken: 2, layers: 2 });
    if (kind === 'webgpu') {
      expect(opened.selfTest?.checks.every(({ ok }) => ok)).toBe(true);
      expect(opened.fallbackReason).toBeNull();
      expect(progress.map(({ stage }) => stage)).toContain('upload');
    } else {
      expect(opened.fallbackReason).toMatchObject({ code: 'no-webgpu' });
    }
  });

  it.runIf(kind === 'webgpu')('checks what only the model at hand uses, too', async () => {
    const bytes = publishedFile('lfm2moe').bytes as Uint8Array<ArrayBuffer>;
    const { selfTest } = await connected(api).open({ file: new Blob([bytes]), device: 'auto' }, () => {});
    const [own, all] = ['convolution', 'attention'].map((name) =>
      selfTest!.checks.find((each) => each.kernel === name),
    );
    expect([own?.ok, all?.ok]).toEqual([true, true]);
  });

  it('writes, stops, goes on, and writes the same again from the same seed', async () => {
    const service = await opened(api);
    const request = { prompt: 'hello world', maxTokens: 12, sampling: SAMPLING };
    const end = await service.generate({ ...request, run: 1 });
    expect(end).toMatchObject({ reason: 'length', generated: 12 });
    await service.generate({ ...request, run: 2, maxTokens: 5 });
    await service.generate({ run: 3, prompt: null, maxTokens: 7, sampling: SAMPLING });
    await arrivals();
    expect(routed(1).length).toBe(end.promptTokens + 11);
    expect([...routed(2), ...routed(3)]).toEqual(routed(1));
    expect(written(1).startsWith('hello world')).toBe(true);
    await service.reset();
    await expect(service.generate({ run: 4, prompt: null, maxTokens: 1, sampling: SAMPLING })).rejects.toMatchObject({
      code: 'bad-input',
    });
  });

  it('keeps what runs when a bad file is opened, and refuses nonsense in one sentence', async () => {
    const service = await opened(api);
    const broken = file.slice(0, 3000);
    await expect(service.open({ file: broken, device: 'auto' }, () => {})).rejects.toMatchObject({ code: 'bad-file' });
    await expect(service.generate({ run: 1, prompt: '', maxTokens: 4, sampling: SAMPLING })).rejects.toMatchObject({
      code: 'bad-input',
    });
    const long = 'hello '.repeat(100);
    await expect(service.generate({ run: 2, prompt: long, maxTokens: 4, sampling: SAMPLING })).rejects.toMatchObject({
      code: 'context',
    });
    const end = await service.generate({ run: 3, prompt: 'hello', maxTokens: 4, sampling: SAMPLING });
    expect(end.generated).toBe(4);
  });
});

describe('on a GPU that goes away', () => {
  it('is rebuilt once in the middle of a text, which goes on as if nothing had happened', async () => {
    const service = await opened(instance);
    const request = { prompt: 'hello world', maxTokens: 40, sampling: SAMPLING };
    await service.generate({ ...request, run: 1 });
    let lost = false;
    // As they arrive: a quick machine would be through before anybody who only looks now and then.
    channel.port2.addEventListener('message', () => {
      if (lost || routed(2).length < 8) return;
      lost = true;
      service.loseDevice();
    });
    const end = await service.generate({ ...request, run: 2 });
    await arrivals();
    expect(end).toMatchObject({ reason: 'length', generated: 40 });
    expect(routed(2)).toEqual(routed(1));
    const notices = messages.filter(({ type }) => type === 'notice');
    expect(notices).toMatchObject([{ run: 2, fault: { code: 'device-lost' }, info: { kind: 'webgpu' } }]);
  });

  it('holds as many experts as were asked for, and writes the same', async () => {
    const request = { prompt: 'hello world', maxTokens: 20, sampling: SAMPLING };
    const all = await opened(instance);
    await all.generate({ ...request, run: 1 });
    expect(await all.residency()).toBeNull();
    const service = connected(instance);
    await service.open({ file, device: 'auto', expertsOnGpu: 3 }, () => {});
    expect(await service.residency()).toMatchObject({ entries: 3, misses: 0, held: [[], []] });
    await service.generate({ ...request, run: 2 });
    await arrivals();
    expect(routed(2)).toEqual(routed(1));
    const { held, misses, bytesMoved } = (await service.residency())!;
    expect(held.map(({ length }) => length)).toEqual([3, 3]);
    expect(bytesMoved).toBe(misses * 3 * 64 * 32 * 4);
    const wide: Intervention[] = [{ kind: 'k', layer: 0, k: 4 }];
    await expect(service.setInterventions(wide)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(service.sweep({ tokens: [1] }, () => {})).rejects.toMatchObject({ code: 'bad-input' });
    await service.close();
  });

  it('moves to the CPU when no adapter is left', async () => {
    let adapters = 1;
    const fickle = { requestAdapter: async () => (adapters-- > 0 ? instance.requestAdapter() : null) };
    const service = connected(fickle as unknown as GPU);
    await service.open({ file, device: 'auto' }, () => {});
    service.loseDevice();
    const end = await service.generate({ run: 1, prompt: 'hello', maxTokens: 6, sampling: SAMPLING });
    await arrivals();
    expect(end.generated).toBe(6);
    expect(messages.filter(({ type }) => type === 'notice')).toMatchObject([{ info: { kind: 'cpu' } }]);
  });
});

const HELDOUT = {
  domains: [
    {
      name: 'a',
      title: 'A',
      ids: [
        [5, 17, 80, 200, 33, 7, 19, 60],
        [9, 8, 7, 6, 5],
      ],
    },
    { name: 'b', title: 'B', ids: [[250, 249, 1, 2, 3, 4, 90, 91, 92]] },
  ],
};
const heldoutUrl = `data:application/json,${encodeURIComponent(JSON.stringify(HELDOUT))}`;
const routesOfLayer = (run: number, layer: number) =>
  tokenMessages(run).flatMap(({ batch }) =>
    Array.from({ length: batch.count }, (_, t) => [
      ...batch.expertIds.subarray((t * 2 + layer) * 2, (t * 2 + layer) * 2 + 2),
    ]),
  );

describe('interventions and readings', () => {
  it('take hold at once, stay through a measurement, and do not colour it', async () => {
    const service = await opened(instance);
    const clean = await service.domainLoads(heldoutUrl, () => {});
    expect(clean.map(({ domain }) => domain)).toEqual(['a', 'b']);
    for (const { load } of clean) for (const layer of load) expect(layer.reduce((a, b) => a + b)).toBeCloseTo(1, 9);

    await service.setInterventions([{ kind: 'off', layer: 1, expert: 3 }]);
    const off: Intervention[] = [{ kind: 'off', layer: 0, expert: 1 }];
    const losses = await service.effectOnLoss(heldoutUrl, off, null, () => {});
    const none = await service.effectOnLoss(heldoutUrl, [], null, () => {});
    const one = await service.effectOnLoss(heldoutUrl, off, 'b', () => {});
    expect(one).toEqual(losses.slice(1));
    await expect(service.effectOnLoss(heldoutUrl, off, 'c', () => {})).rejects.toMatchObject({ code: 'bad-input' });
    expect(none.map(({ after }) => after)).toEqual(none.map(({ before }) => before));
    expect(losses.map(({ before }) => before)).toEqual(none.map(({ before }) => before));
    expect(losses.some(({ before, after }) => before !== after)).toBe(true);
    expect(losses.map(({ tokens }) => tokens)).toEqual([11, 8]);

    await service.generate({ run: 1, prompt: 'hello world', maxTokens: 20, sampling: SAMPLING });
    await arrivals();
    expect(routesOfLayer(1, 1).flat()).not.toContain(3);
    expect(routesOfLayer(1, 0).flat()).toContain(1);
    await expect(service.setInterventions([{ kind: 'off', layer: 9, expert: 0 }])).rejects.toMatchObject({
      code: 'bad-input',
    });
  });

  it('are not disturbed by a click while the text is read', async () => {
    const service = await opened(instance);
    const quiet = await service.domainLoads(heldoutUrl, () => {});
    // Opened again, it has no reading to hand out.
    await service.open({ file, device: 'auto' }, () => {});
    const clicked = await service.domainLoads(heldoutUrl, () => {
      void service.setInterventions([0, 1, 2, 3].map((expert) => ({ kind: 'off', layer: 0, expert })));
    });
    expect(clicked).toEqual(quiet);
    await service.generate({ run: 1, prompt: 'hello world', maxTokens: 8, sampling: SAMPLING });
    await arrivals();
    expect(Math.min(...routesOfLayer(1, 0).flat())).toBeGreaterThan(3);
  });

  it('outlive the device, and go on with the text afterwards', async () => {
    const service = await opened(instance);
    const request = { prompt: 'hello world', maxTokens: 10, sampling: SAMPLING };
    await service.generate({ ...request, run: 1 });
    await service.generate({ ...request, run: 2, maxTokens: 4 });
    const quiet = await service.domainLoads(heldoutUrl, () => {});
    // Opened again, it has no reading to hand out.
    await service.open({ file, device: 'auto' }, () => {});
    await service.generate({ ...request, run: 3, maxTokens: 4 });
    let lost = false;
    const loads = await service.domainLoads(heldoutUrl, () => {
      if (!lost) service.loseDevice();
      lost = true;
    });
    expect(lost).toBe(true);
    expect(loads).toEqual(quiet);
    await service.generate({ run: 4, prompt: null, maxTokens: 6, sampling: SAMPLING });
    await arrivals();
    expect([...routed(3), ...routed(4)]).toEqual(routed(1));
  });
});

describe('the comparison', () => {
  it('times four blocks and can be cancelled', async () => {
    const service = await opened(instance);
    const { points, method } = await service.sweep({ tokens: [1] }, () => {});
    const [{ rows, tokens }] = points;
    expect(tokens).toBe(1);
    expect(rows.map(({ kind }) => kind)).toEqual(['moe', 'same-active', 'same-total', 'all-on']);
    // A slow machine takes fewer turns; all take as many.
    expect([ROUNDS, FEW_ROUNDS]).toContain(rows[0].time.samples);
    for (const { time } of rows) {
      expect(time.samples).toBe(rows[0].time.samples);
      expect(time.median).toBeGreaterThan(0);
    }
    expect(method.clock).toBe('timestamps');
    const cancelled = service.sweep({ tokens: [1] }, () => service.cancelMeasurement());
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is not begun again on the next device when it lost one, and costs the text nothing', async () => {
    const service = await opened(instance);
    let asked = 0;
    const swept = service.sweep({ tokens: [1] }, () => {
      if (asked++ === 0) service.loseDevice();
    });
    await expect(swept).rejects.toMatchObject({ code: 'device-lost' });
    const before = asked;
    await service.generate({ run: 1, prompt: 'hello world', maxTokens: 2, sampling: SAMPLING });
    await arrivals();
    expect(asked).toBe(before);
    expect(messages).toContainEqual(
      expect.objectContaining({ type: 'notice', info: expect.objectContaining({ kind: 'webgpu' }) }),
    );
  });

  it('needs a GPU', async () => {
    const service = connected(undefined);
    await service.open({ file, device: 'auto' }, () => {});
    await expect(service.sweep({ tokens: [1] }, () => {})).rejects.toMatchObject({ code: 'no-webgpu' });
  });
});

describe('a wish that was overtaken', () => {
  it('does not win, whether it was cancelled or another came', async () => {
    const service = connected(instance);
    const first = service.open({ file, device: 'auto' }, ({ stage }) => {
      if (stage === 'upload') service.cancelOpen();
    });
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    const slow = service.open({ file, device: 'auto' }, () => {});
    const quick = service.open({ file, device: 'cpu' }, () => {});
    await expect(slow).rejects.toMatchObject({ code: 'cancelled' });
    expect((await quick).info.kind).toBe('cpu');
    const end = await service.generate({ run: 1, prompt: 'hello', maxTokens: 3, sampling: SAMPLING });
    expect(end.generated).toBe(3);
  });
});
