/** Quality beside speed: what the plot shows is what the engines say, and the text on screen goes on as if nothing was. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Quality, QualityModel, QualityProgress } from '../../src/compare/contract.ts';
import { readQuality } from '../../src/compare/quality.ts';
import { Visibility } from '../../src/compare/visibility.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { planRouting } from '../../src/engine/interventions.ts';
import { loadModel } from '../../src/model/load.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';
import { pageEnd } from '../worker/pageEnd.ts';

const instance = createInstance();
const FILES = { moe: randomModel('qwen3moe'), dense: randomModel('qwen3') };
const json = (value: unknown) => URL.createObjectURL(new Blob([JSON.stringify(value)]));
const urls: Record<string, string> = {
  moe: URL.createObjectURL(new Blob([FILES.moe as Uint8Array<ArrayBuffer>])),
  dense: URL.createObjectURL(new Blob([FILES.dense as Uint8Array<ArrayBuffer>])),
};
const HELDOUT = {
  domains: [
    {
      name: 'a',
      title: 'A',
      ids: [
        [104, 101, 108, 108, 111, 32, 119],
        [97, 98, 99, 100],
      ],
    },
    { name: 'b', title: 'B', ids: [[120, 121, 122, 32, 33, 34]] },
  ],
};
const model = async (id: 'moe' | 'dense'): Promise<QualityModel> => ({
  id,
  title: id,
  role: id === 'moe' ? 'moe' : 'dense-active',
  url: urls[id],
  bytes: FILES[id].length,
  sha256: Buffer.from(await crypto.subtle.digest('SHA-256', FILES[id] as Uint8Array<ArrayBuffer>)).toString('hex'),
  tokensSeen: 7,
});

const onCpu = async (
  ks: number[],
  {
    text,
    rounds = 2,
    onProgress = () => {},
  }: { text?: string; rounds?: number; onProgress?: (progress: QualityProgress) => void } = {},
  { signal } = new AbortController(),
) =>
  readQuality({
    ...{ ks, text, heldout: HELDOUT, rounds, onProgress, signal },
    models: [await model('moe'), await model('dense')],
    open: async ({ id, bytes }, onBytes) => {
      onBytes(bytes / 2);
      onBytes(bytes);
      return createCpuEngine(loadModel(FILES[id as 'moe' | 'dense']));
    },
    visibility: new Visibility(),
  });

describe('quality', () => {
  it('is one point for each k of the MoE and one for the dense twin, with the losses the engine gives', async () => {
    const { points, tokensPerSample } = await onCpu([3, 1], { text: 'hello world' });
    expect(points.map(({ model: { id }, k, trained }) => [id, k, trained])).toEqual([
      ['moe', 1, false],
      ['moe', 2, true],
      ['moe', 3, false],
      ['dense', null, true],
    ]);
    expect(tokensPerSample).toBe(32);
    const engine = createCpuEngine(loadModel(FILES.moe));
    for (const [i, k] of [1, 2, 3].entries()) {
      engine.setRouting(planRouting(engine.model.config, [{ kind: 'k', layer: null, k }]));
      let nats = 0;
      for (const ids of HELDOUT.domains[0].ids) nats += (await engine.score(ids)).losses.reduce((a, b) => a + b);
      expect(points[i].domains[0].nats).toBeCloseTo(nats / 9, 9);
      expect(points[i].domains[0].bitsPerByte).toBeCloseTo(nats / Math.LN2 / 9, 9); // every token of A is one byte
    }
    for (const { heldout, domains, pasted, time } of points) {
      expect(heldout.tokens).toBe(14);
      const nats = domains.reduce((sum, domain) => sum + domain.nats * domain.tokens, 0);
      expect(heldout.nats).toBeCloseTo(nats / 14, 9);
      expect(pasted?.tokens).toBeGreaterThan(0);
      expect(time).toMatchObject({ samples: 2 });
      expect(time!.median).toBeGreaterThan(0);
    }
    engine.destroy();
  });

  it('counts FLOPs and bytes by hand: an expert more is three matrices more in every layer', async () => {
    const { points } = await onCpu([1], { rounds: 1 });
    const { config, weights, bytes } = loadModel(FILES.moe);
    const expert = 3 * config.width * config.expertHidden * config.layers;
    expect(points[1].flops).toBe(2 * config.parameters.active);
    expect(points[1].flops - points[0].flops).toBe(2 * expert);
    expect(points[1].bytesRead - points[0].bytesRead).toBeCloseTo(4 * expert, 6);
    expect(points[1].bytesRead).toBeLessThan(bytes);
    expect(points[2].bytesRead).toBeGreaterThan(weights.output.data.byteLength);
    expect(points[0].pasted).toBeNull();
  });

  it('refuses what cannot be read', async () => {
    await expect(onCpu([0])).rejects.toMatchObject({ code: 'bad-input' });
    await expect(onCpu([9])).rejects.toMatchObject({ code: 'bad-input' });
    await expect(onCpu([1], { text: '!' })).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('obeys a cancel while it reads and while it writes', async () => {
    for (const at of ['reading', 'timing'] as const) {
      const controller = new AbortController();
      const steps: string[] = [];
      const onProgress = ({ step }: QualityProgress) => {
        steps.push(step);
        if (step === at) controller.abort('enough');
      };
      await expect(onCpu([], { onProgress }, controller)).rejects.toBe('enough');
      expect(steps.filter((step) => step === at)).toHaveLength(1);
    }
  });

  it('tells how far it is: bytes of all models, then parts of the text, then samples', async () => {
    const told: QualityProgress[] = [];
    await onCpu([], { onProgress: (progress) => told.push(progress) });
    const [moe, dense] = [FILES.moe.length, FILES.dense.length];
    const of = (step: QualityProgress['step']) => told.filter((each) => each.step === step && !each.soFar);
    expect(of('fetching').map(({ done }) => done)).toEqual([moe / 2, moe, moe + dense / 2, moe + dense]);
    expect(of('reading').map(({ done, total }) => [done, total])).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
    expect(of('timing').map(({ done, total }) => [done, total])).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
    expect(told.map(({ done, total }) => done <= total)).not.toContain(false);
  });

  it('tells what it knows after every kind of text, and times from the third round on', async () => {
    const told: Quality[] = [];
    const all = await onCpu([], { rounds: 4, onProgress: ({ soFar }) => told.push(...(soFar ? [soFar] : [])) });
    const steps = told.map(({ points, reader }) => [points.length, reader?.domains.length ?? 0]);
    const reading = [1, 2, 0].map((domains) => [domains ? 0 : 1, domains]);
    expect(steps).toEqual([...reading, ...reading.map(([points, domains]) => [points + 1, domains]), [2, 0]]);
    for (const { points, reader } of told) {
      for (const [i, { domains }] of points.entries()) expect(domains).toEqual(all.points[i].domains);
      const whose = all.points[points.length];
      if (reader) expect(reader.domains).toEqual(whose.domains.slice(0, reader.domains.length));
    }
    const samples = told.map(({ points }) => points.map(({ time }) => time?.samples ?? null));
    expect(samples.slice(-2)).toEqual([
      [null, null],
      [3, 3],
    ]);
    expect(all.points.map(({ time }) => time?.samples)).toEqual([4, 4]);
    expect(all.reader).toBeNull();
  });

  it('reads a pasted text to the end of the context, and says how much is left out', async () => {
    const { contextLength } = loadModel(FILES.dense).config;
    const text = 'ab'.repeat(contextLength);
    const { points } = await onCpu([], { text, rounds: 1 });
    for (const { pasted, leftOut } of points) {
      expect(pasted?.tokens).toBe(contextLength - 1);
      expect(leftOut).toBeGreaterThan(0);
      // The random model's vocabulary is bytes.
      expect(leftOut + contextLength).toBe(text.length);
    }
    expect((await onCpu([], { text: 'abc', rounds: 1 })).points[0].leftOut).toBe(0);
  });
});

describe('in the worker', () => {
  const channel = new MessageChannel();
  const { port1, port2 } = channel;
  const messages: StreamMessage[] = [];
  const arrivals = pageEnd(channel, (message) => messages.push(message));
  afterAll(() => {
    port1.close();
    port2.close();
  });
  const drawn = async (run: number) => {
    await arrivals();
    return messages.flatMap((message) =>
      message.type === 'tokens' && message.run === run ? [...message.batch.tokens] : [],
    );
  };
  const request = { prompt: 'hello world', sampling: { temperature: 1, topK: 40, topP: 0.95, seed: 3 } };

  it('reads beside a text, which then goes on as if nothing had been, and can be cancelled', async () => {
    const service = new Service(instance);
    service.connect(port1);
    await service.open({ url: urls.moe, device: 'auto' }, () => {});
    await service.generate({ ...request, run: 1, maxTokens: 8 });
    await service.generate({ ...request, run: 2, maxTokens: 4 });
    await service.setInterventions([{ kind: 'k', layer: null, k: 2 }]);
    const asked = { models: [await model('moe')], ks: [], heldoutUrl: json(HELDOUT) };
    const progress: QualityProgress[] = [];
    const { points } = await service.readQuality(asked, (each) => progress.push(each));
    expect(points).toHaveLength(1);
    expect(points[0].info.kind).toBe('webgpu');
    expect([...new Set(progress.map(({ step }) => step))]).toEqual(['fetching', 'reading', 'timing']);
    expect(progress.at(-1)).toEqual({ step: 'timing', done: 5, total: 5 });
    await service.generate({ ...request, run: 3, prompt: null, maxTokens: 4 });
    expect([...(await drawn(2)), ...(await drawn(3))]).toEqual(await drawn(1));

    const cancelled = service.readQuality(asked, () => {});
    service.cancelMeasurement();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await service.open({ url: urls.dense, device: 'cpu' }, () => {});
  });
});
