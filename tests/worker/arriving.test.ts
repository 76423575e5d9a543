/** A text whose experts are still coming: a server that is gone for a while, a device that is lost, other room while it writes. */
import { afterAll, expect, it, vi } from 'vitest';
import type { Sampling } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { UserError } from '../../src/model/errors.ts';
import { httpSource } from '../../src/model/httpSource.ts';
import { openModel } from '../../src/model/load.ts';
import type { ByteSource } from '../../src/model/source.ts';
import { withoutAway } from '../../src/state/interventions/without.ts';
import { Rest, residencyOf } from '../../src/worker/arriving.ts';
import { CurrentText } from '../../src/worker/currentText.ts';
import { Generation } from '../../src/worker/generation.ts';
import { type KeptSource, keptSource } from '../../src/worker/kept.ts';
import type { Running } from '../../src/worker/opening.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { TokenStream } from '../../src/worker/stream.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';
import { Disk } from './disk.ts';
import { pageEnd } from './pageEnd.ts';

const instance = createInstance();
const FILE = randomModel('qwen3moe', { experts: 12, expertsPerToken: 2, layers: 3, seed: 3 });
const SAMPLING: Sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };
const REQUEST = { prompt: 'hello world', maxTokens: 40, sampling: SAMPLING };
const PATIENTLY = { timeout: 120_000, interval: 5 };
const file = new Blob([FILE as Uint8Array<ArrayBuffer>]);

const channel = new MessageChannel();
let messages: StreamMessage[] = [];
const arrivals = pageEnd(channel, (message) => messages.push(message));
const service = new Service(instance);
service.connect(channel.port1);
afterAll(() => service.close());
afterAll(() => {
  channel.port1.close();
  channel.port2.close();
});
const tokens = () => messages.flatMap((message) => (message.type === 'tokens' ? [...message.batch.tokens] : []));
const said = () => messages.flatMap((message) => (message.type === 'notice' ? [message.fault.code] : []));

const plain = (async () => {
  await service.open({ file, device: 'auto' }, () => {});
  const { generated } = await service.generate({ ...REQUEST, run: 1 });
  await arrivals();
  return { expected: tokens(), generated };
})();

it('other room while it writes: the text goes on, the same', async () => {
  const { expected, generated } = await plain;
  messages = [];
  let [room, ended] = [2, false];
  const changing = service.generate({ ...REQUEST, run: 2 }).finally(() => {
    ended = true;
  });
  const held: number[] = [];
  for (let i = 0; i < 3; i++) {
    const before = tokens().length;
    while (tokens().length === before && !ended) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(ended).toBe(false);
    await service.hold(room, i === 1);
    held.push((await service.residency())!.entries);
    room += 2;
  }
  expect(await changing).toMatchObject({ generated });
  await arrivals();
  expect(tokens()).toEqual(expected);
  expect(held).toEqual([2, 4, 6]);

  messages = [];
  await service.hold(null);
  expect(await service.residency()).toBeNull();
  await service.generate({ ...REQUEST, run: 3 });
  await arrivals();
  expect(tokens()).toEqual(expected);
});

it('keeps the room it was given where the device is lost', async () => {
  const { expected } = await plain;
  await service.hold(3);
  messages = [];
  const writing = service.generate({ ...REQUEST, run: 4 });
  service.loseDevice();
  await writing;
  await arrivals();
  expect(tokens()).toEqual(expected);
  expect((await service.residency())!.entries).toBe(3);
});

it('refuses room for fewer than an intervention asks for, and goes on', async () => {
  await service.hold(6);
  await service.setInterventions([{ kind: 'k', layer: 1, k: 5 }]);
  await expect(service.hold(3)).rejects.toMatchObject({ code: 'bad-input' });
  await service.setInterventions([]);
});

/** A text of a model whose experts come from this source. */
async function onDemand(source: ByteSource, kept: readonly KeptSource[] = []) {
  const engine = await createWebGpuEngine(await openModel(source, 0), await findGpu(instance), { onDemand: true });
  const rest = new Rest(kept, new AbortController());
  const desk = new CurrentText(() => engine);
  messages = [];
  const write = (run: number, patience: number, signal = new AbortController().signal) => {
    const generation = new Generation({
      running: { engine, rest } as unknown as Running,
      stream: new TokenStream(channel.port1),
      text: desk.text,
      rebuild: () => Promise.reject(new Error('lost')),
      told: () => {
        throw new Error('lost');
      },
      onText: (text) => desk.replace(text),
      restore: (text) => desk.restore(text),
      listAt: (revision) => desk.rules.listAt(revision),
      patience,
    });
    return { generation, ended: generation.run({ ...REQUEST, run }, signal) };
  };
  return { engine, rest, desk, write };
}

it('waits with a sentence for a server that is gone, and loses nothing', async () => {
  const { expected, generated } = await plain;
  let down = false;
  let asked = 0;
  const { engine, write } = await onDemand({
    bytes: FILE.length,
    here: () => false,
    read: async (from, to) => {
      if (down && ++asked < 12) throw new UserError('network', 'models.test did not answer.');
      return FILE.slice(from, to);
    },
  });
  down = true;
  // Who stops it need not wait.
  asked = Number.NEGATIVE_INFINITY;
  const stop = new AbortController();
  const stopped = write(5, 60_000, stop.signal).ended;
  await vi.waitUntil(() => said().length > 0, PATIENTLY);
  stop.abort(new UserError('cancelled', 'Cancelled.'));
  expect(await stopped).toMatchObject({ reason: 'cancelled', generated: 0 });

  asked = 0;
  messages = [];
  expect(await write(6, 5).ended).toMatchObject({ generated });
  await arrivals();
  expect(tokens()).toEqual(expected);
  expect(said()).toEqual(['experts-away', 'experts-here']);
  engine.destroy();
});

it.each([
  ['the whole file', 200],
  ['that there is no such part', 416],
])('waits for a server that answers %s to a range in the middle, and loses nothing', async (_, status) => {
  const { expected, generated } = await plain;
  let left = Number.POSITIVE_INFINITY;
  let refused = 0;
  const fetch = async (_url: unknown, { headers }: RequestInit = {}) => {
    const [from, last] = (headers as Record<string, string>).range.match(/\d+/g)!.map(Number);
    const to = Math.min(last + 1, FILE.length);
    // A few parts come, then none for a while.
    if (left-- <= 0 && ++refused < 8) return new Response(status === 200 ? FILE.slice() : null, { status });
    const range = `bytes ${from}-${to - 1}/${FILE.length}`;
    return new Response(FILE.slice(from, to), { status: 206, headers: { 'content-range': range } });
  };
  const server = (await httpSource('http://models.test/model.gguf', {
    fetch: fetch as typeof globalThis.fetch,
    pause: 1,
  }))!;
  const { engine, write } = await onDemand({
    bytes: server.bytes,
    here: () => false,
    read: (...part) => server.read(...part),
  });
  left = 5;
  expect(await write(7, 5).ended).toMatchObject({ generated });
  await arrivals();
  expect(refused).toBeGreaterThan(7);
  expect(tokens()).toEqual(expected);
  expect(said()).toEqual(['experts-away', 'experts-here']);
  const [notice] = messages.filter(({ type }) => type === 'notice');
  expect(notice).toMatchObject({
    fault: { message: expect.stringMatching(/The text waits .+ models\.test (sends no parts|does not give a part)/) },
  });
  engine.destroy();
});

it('goes on with the experts that are here as soon as that is asked for, and says no more of the others', async () => {
  let down = false;
  const { engine, desk, write } = await onDemand({
    bytes: FILE.length,
    here: () => false,
    read: async (from, to) => {
      if (down) throw new UserError('network', 'models.test did not answer.');
      return FILE.slice(from, to);
    },
  });
  const { residency, model } = engine;
  for (let layer = 0; layer < 3; layer++) await residency!.bring(layer, [1, 4, 6, 9].slice(0, 4 - layer));
  down = true;
  const { generation, ended } = write(8, 60_000);
  await vi.waitUntil(() => said().length > 0, PATIENTLY);
  const shape = { layers: 3, experts: 12, expertsPerToken: 2 };
  const { away, expertBytes } = residencyOf({ engine, rest: new Rest([], new AbortController()) })!;
  const left = withoutAway({ away, expertBytes }, shape, []);
  if (typeof left === 'number') throw new Error(`layer ${left} has none`);
  expect(left).toHaveLength(8 + 9 + 10);
  desk.rules.set(engine, left);
  generation.changed();
  expect(await ended).toMatchObject({ reason: expect.stringMatching(/length|eos/) });
  await arrivals();
  expect(said()).toEqual(['experts-away']);
  const batches = messages.flatMap((message) => (message.type === 'tokens' ? [message.batch] : []));
  const used = batches.flatMap(({ expertIds }) => [...expertIds]);
  expect(used.length).toBeGreaterThan(0);
  expect(used.every((expert) => [1, 4, 6, 9].includes(expert))).toBe(true);
  // Taken back as one, and the server back: the same text as ever.
  const { expected } = await plain;
  down = false;
  desk.rules.set(engine, []);
  messages = [];
  await write(9, 5).ended;
  await arrivals();
  expect(tokens()).toEqual(expected);
  expect(model.config.experts).toBe(12);
  engine.destroy();
});

it('goes on where the disk is full, and says that nothing more is kept', async () => {
  const { expected, generated } = await plain;
  const disk = new Disk();
  const remote = async () => ({
    bytes: FILE.length,
    tag: null,
    read: async (from: number, to: number) => FILE.slice(from, to),
  });
  const kept = (await keptSource('https://models.test/model.gguf', { storage: disk.storage, remote }))!;
  const { engine, rest, write } = await onDemand(kept, [kept]);
  expect(residencyOf({ engine, rest })!.warning).toBeNull();
  // Something of it is on the disk, and from here on no more goes there.
  disk.room = Math.max(...[...disk.files.values()].map(({ length }) => length));
  expect(disk.room).toBeGreaterThan(1000);
  expect(disk.room).toBeLessThan(FILE.length);
  expect(await write(10, 5).ended).toMatchObject({ generated });
  await arrivals();
  expect(tokens()).toEqual(expected);
  expect(said()).toEqual([]);
  expect(residencyOf({ engine, rest })!.warning).toBe('There was no room left to keep the file.');
  rest.bring(engine);
  await vi.waitUntil(() => engine.residency!.whole, PATIENTLY);
  rest.close();
  engine.destroy();
});
