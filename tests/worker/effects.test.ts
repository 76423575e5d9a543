/** What interventions change, through the service: on the GPU and on the CPU, and against the CPU engine by hand. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { klDivergence } from '../../src/compare/divergence.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Intervention, planRouting, withRunnerUp } from '../../src/engine/interventions.ts';
import { NO_EXPERT, NOT_SAMPLED, type Sampling } from '../../src/engine/types.ts';
import { loadModel } from '../../src/model/load.ts';
import type { StreamTokens } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';
import { pageEnd } from './pageEnd.ts';

const instance = createInstance();
const SAMPLING: Sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };
const bytes = randomModel('qwen3moe') as Uint8Array<ArrayBuffer>;
const file = new Blob([bytes]);
const model = loadModel(bytes);
const { config, tokenizer } = model;
const OFF: Intervention[] = [{ kind: 'off', layer: 1, expert: 3 }];
const MANY: Intervention[] = [
  { kind: 'k', layer: null, k: 5 },
  { kind: 'bias', layer: 0, expert: 1, amount: 2 },
];
const quiet = () => {};

let channel: MessageChannel;
let messages: StreamTokens[];
let arrivals: () => Promise<void>;
beforeEach(() => {
  messages = [];
  channel = new MessageChannel();
  arrivals = pageEnd(channel, (message) => {
    if (message.type === 'tokens') messages.push(message);
  });
});
afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

/** One for all tests, without text and interventions: a new one would compile every kernel again. */
const services = new Map<GPU | undefined, Service>();
async function opened(api: GPU | undefined): Promise<Service> {
  let service = services.get(api);
  if (!service) {
    service = new Service(api);
    await service.open({ file, device: 'auto' }, quiet);
    services.set(api, service);
  }
  service.connect(channel.port1);
  await service.reset();
  await service.setInterventions([]);
  return service;
}
const of = (run: number) => messages.filter((message) => message.run === run);
const routed = (run: number) => of(run).flatMap(({ batch }) => [...batch.tokens]);
const write = (service: Service, run: number, prompt: string | null, maxTokens: number) =>
  service.generate({ run, prompt, maxTokens, sampling: SAMPLING });

/** An engine in float64 that holds the text so far as it was written: parts under their own interventions. */
async function byHand(parts: readonly [readonly number[], readonly Intervention[]][]) {
  const engine = createCpuEngine(model);
  for (const [ids, list] of parts) {
    engine.setRouting(planRouting(config, list));
    if (ids.length) await engine.read(ids);
  }
  return engine;
}

describe.each([
  ['webgpu', instance],
  ['cpu', undefined],
])('on %s', (_, api) => {
  /** Twelve tokens alone, eight under MANY. */
  async function twoParts(service: Service) {
    await write(service, 1, 'hello world', 8);
    await service.setInterventions(MANY);
    await write(service, 2, null, 8);
    await arrivals();
    return [routed(1), routed(2)] as const;
  }

  it('says where other interventions came into force', async () => {
    const service = await opened(api);
    const [first] = await twoParts(service);
    await service.setInterventions([]);
    await write(service, 3, null, 2);
    await arrivals();
    const changes = messages.flatMap(({ changes }) => changes).filter(({ position }) => position > 0);
    expect(changes).toEqual([
      { position: first.length, interventions: MANY },
      { position: first.length + 8, interventions: [] },
    ]);
    for (const { batch } of of(2)) expect(batch.slots).toBe(5);
  });

  it('inspects a position as it was run, whatever is in force now', async () => {
    const service = await opened(api);
    const [first, second] = await twoParts(service);
    for (const at of [2, first.length + 3]) {
      const late = at >= first.length;
      const hand = await byHand([
        [first.slice(0, at), []],
        [late ? second.slice(0, at - first.length) : [], late ? MANY : []],
      ]);
      const expected = await hand.inspect([...first, ...second][at]);
      const found = await service.inspect(at);
      expect(found.position).toBe(at);
      expect([...found.expertIds]).toEqual([...expected.expertIds]);
      for (const field of ['logits', 'outputNorms', 'sumNorms', 'residualNorms', 'gateWeights'] as const) {
        for (const [i, value] of found[field].entries()) expect(value).toBeCloseTo(expected[field][i], 3);
      }
      expect(found.biases[1]).toBe(late ? 2 : 0);
    }
    await expect(service.inspect(99)).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('swaps in the runner-up at one position, in one layer or in all', async () => {
    const service = await opened(api);
    const [first] = await twoParts(service);
    const at = 4;
    for (const layer of [0, null]) {
      const { base, swapped, kl } = await service.runnerUp(at, layer);
      const hand = await byHand([[first.slice(0, at), []]]);
      const plan = planRouting(config, []);
      const before = (await hand.forward([first[at]])).logits;
      hand.truncate(at);
      hand.setRouting(withRunnerUp(plan, layer));
      const after = (await hand.forward([first[at]])).logits;
      expect(kl).toBeCloseTo(klDivergence(before, after), 4);
      expect(kl).toBeGreaterThan(0);
      const best = (logits: Float32Array) => tokenizer.decode([logits.indexOf(Math.max(...logits))]);
      expect([base[0].text, swapped[0].text]).toEqual([best(before), best(after)]);
      expect(base.length).toBe(8);
    }
    await service.setInterventions([{ kind: 'k', layer: 1, k: 8 }]);
    await write(service, 3, null, 2);
    await expect(service.runnerUp(first.length + 8, 1)).rejects.toMatchObject({ message: /no runner-up/ });
    await expect(service.runnerUp(1, 7)).rejects.toMatchObject({ message: /no layer 7/ });
  });

  it('tells the effect on the text so far, position by position', async () => {
    const service = await opened(api);
    const [first, second] = await twoParts(service);
    const ids = [...first, ...second];
    const seen: number[] = [];
    const { kl, mean, last } = await service.effectOnText(MANY, (done) => seen.push(done));
    const [without, withThem] = [await byHand([[[], []]]), await byHand([[[], MANY]])];
    expect(Math.min(...kl)).toBeGreaterThan(0);
    const [p, q] = [(await without.forward(ids)).logits, (await withThem.forward(ids)).logits];
    const V = config.vocabulary;
    const row = (logits: Float32Array, t: number) => logits.subarray(t * V, (t + 1) * V);
    for (const t of ids.keys()) expect(kl[t]).toBeCloseTo(klDivergence(row(p, t), row(q, t)), 4);
    expect(mean).toBeCloseTo(kl.reduce((a, b) => a + b) / ids.length, 6);
    expect(last.base[0].probability).not.toBe(last.changed[0].probability);
    expect(seen.at(-1)).toBe(2 * ids.length);
    expect((await service.effectOnText([], quiet)).mean).toBe(0);
  });

  it('writes another text from the same beginning or prompt, the same again without interventions', async () => {
    const service = await opened(api);
    await write(service, 1, 'hello world', 12);
    await arrivals();
    const request = { interventions: [], prompt: null, maxTokens: 12, sampling: SAMPLING };
    const same = await service.rewrite(request, quiet);
    expect([...same.batch.tokens]).toEqual(routed(1));
    expect(same.texts.join('').startsWith('hello world')).toBe(true);
    expect(same.texts.length).toBe(same.batch.count);
    const off = await service.rewrite({ ...request, interventions: OFF }, quiet);
    expect([...off.batch.tokens.slice(0, off.promptTokens)]).toEqual(routed(1).slice(0, off.promptTokens));
    for (let t = 0; t < off.batch.count; t++) {
      const at = (2 * t + 1) * off.batch.slots;
      expect([...off.batch.expertIds.subarray(at, at + off.batch.slots)]).not.toContain(3);
    }
    const other = await service.rewrite({ ...request, prompt: 'another' }, quiet);
    expect(other.texts.join('').startsWith('another')).toBe(true);
    // Frozen: the text as it stands is the previous run, so its own routing gives its own text.
    const frozen = await service.rewrite({ ...request, interventions: [{ kind: 'frozen' }] }, quiet);
    expect([...frozen.batch.expertIds]).toEqual([...same.batch.expertIds]);
    await expect(service.rewrite({ ...request, prompt: '' }, quiet)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(
      service.rewrite({ ...request, maxTokens: 40 }, () => service.cancelMeasurement()),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('goes on with a text that was looked into, measured and written anew as if nothing had been', async () => {
    const service = await opened(api);
    await write(service, 1, 'hello world', 8);
    await service.setInterventions(MANY);
    await write(service, 2, null, 24);
    await service.setInterventions([]);

    await write(service, 3, 'hello world', 8);
    await service.setInterventions(MANY);
    for (let round = 4; round < 16; round++) {
      if (round % 4 === 0) await service.inspect(round);
      if (round % 4 === 1) await service.runnerUp(round, null);
      if (round % 4 === 2) await service.effectOnText(OFF, quiet);
      if (round % 4 === 3)
        await service.rewrite({ interventions: OFF, prompt: 'x', maxTokens: 9, sampling: SAMPLING }, quiet);
      await write(service, round, null, 2);
    }
    await arrivals();
    const measured = [...Array.from({ length: 13 }, (_, i) => i + 3)].flatMap(routed);
    expect(measured).toEqual([...routed(1), ...routed(2)]);
  });

  it('freezes the routing of the previous run: another text takes its experts', async () => {
    const service = await opened(api);
    await write(service, 1, 'hello world', 12);
    await service.setInterventions([{ kind: 'frozen' }]);
    await write(service, 2, 'hello', 30);
    await arrivals();
    const ids = (run: number) => of(run).flatMap(({ batch }) => [...batch.expertIds]);
    expect(ids(2).slice(0, ids(1).length)).toEqual(ids(1));
    expect(ids(2).length).toBeGreaterThan(ids(1).length);
    await expect(service.runnerUp(0, 0)).rejects.toMatchObject({ message: /frozen/ });
    await expect(service.effectOnLoss('data:,', [{ kind: 'frozen' }], null, quiet)).rejects.toMatchObject({
      message: /Frozen routing belongs/,
    });
  });
});

it('a rebuilt device reads the text again as it was written, part by part', async () => {
  const service = await opened(instance);
  await write(service, 1, 'hello world', 8);
  await service.setInterventions(MANY);
  await write(service, 2, null, 8);
  await service.setInterventions(OFF);
  await arrivals();
  const before = await service.inspect(routed(1).length + 4);
  service.loseDevice();
  const after = await service.inspect(routed(1).length + 4);
  expect([...after.expertIds]).toEqual([...before.expertIds]);
  for (const [i, value] of after.sumNorms.entries()) expect(value).toBeCloseTo(before.sumNorms[i], 4);
  await write(service, 3, null, 4);
  await arrivals();
  expect(messages.at(-1)!.batch.sampled.at(-1)).not.toBe(NOT_SAMPLED);
  const layer1 = of(3).flatMap(({ batch }) =>
    Array.from({ length: batch.count }, (_, t) => [
      ...batch.expertIds.subarray((2 * t + 1) * batch.slots, (2 * t + 2) * batch.slots),
    ]),
  );
  expect(layer1.flat()).not.toContain(3);
  expect(layer1.flat()).not.toContain(NO_EXPERT);
});
