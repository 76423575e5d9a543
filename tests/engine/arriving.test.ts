/** A model that writes while its experts are still coming, and whose room for experts changes: the same bits as ever. */
import { afterAll, expect, it } from 'vitest';
import { planRouting } from '../../src/engine/interventions.ts';
import { type TraceBatch, UserError } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { arrive } from '../../src/engine/webgpu/arrival.ts';
import type { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { coalesced } from '../../src/model/coalesce.ts';
import { loadModel, openModel } from '../../src/model/load.ts';
import { covered, joined, lengthOf, type Ranges } from '../../src/model/ranges.ts';
import type { ByteSource } from '../../src/model/source.ts';
import { instance } from '../kernels/device.ts';
import { randomModel } from '../model/randomModel.ts';

const { gpu, info } = await findGpu(instance);
afterAll(() => gpu.device.destroy());
const found = { info, gpu: createGpu(gpu.device, { software: true, tuning: { few: 2 } }) };
const SAMPLING = { temperature: 1, topK: 40, topP: 0.95, seed: 7 };
const IDS = Array.from({ length: 21 }, (_, i) => (i * 37 + 11) % 250);
const FILE = randomModel('qwen3moe', { experts: 12, expertsPerToken: 2, layers: 3, seed: 3 });
const small = loadModel(FILE);
const whole = createWebGpuEngine(small, found);
const SOON = { timeout: 60_000, interval: 5 };

/** A server and a copy of what it sent; `down`: it does not answer. */
class Served implements ByteSource {
  readonly bytes = FILE.length;
  have: Ranges = [];
  asked: [number, number][] = [];
  down = false;
  /** How often it was asked in vain. */
  refused = 0;
  kept = true;

  here = (from: number, to: number) => covered(this.have, from, to);

  async read(from: number, to: number) {
    if (!this.here(from, to)) {
      if (this.down) {
        this.refused++;
        throw new UserError('network', 'The server is gone.');
      }
      this.asked.push([from, to]);
      if (this.kept) this.have = joined(this.have, from, to);
    }
    return FILE.slice(from, to);
  }
}

async function arriving(options: { expertsOnGpu?: number } = {}) {
  const served = new Served();
  const model = await openModel(coalesced(served), 0);
  // The header's first read is larger than this file.
  served.have = [];
  served.asked = [];
  const engine = await createWebGpuEngine(model, found, { onDemand: true, ...options });
  return { served, engine };
}

async function drawn(engine: WebGpuEngine, ids: readonly number[], maxTokens = 10, signal?: AbortSignal) {
  const batches: TraceBatch[] = [];
  for await (const batch of engine.generate({ ids, maxTokens, sampling: SAMPLING, signal })) batches.push(batch);
  const flat = (field: 'sampled' | 'expertIds' | 'gateWeights' | 'probabilities') =>
    batches.flatMap((batch) => [...batch[field]]);
  return { sampled: flat('sampled'), ids: flat('expertIds'), weights: flat('gateWeights'), all: flat('probabilities') };
}

async function text(engine: WebGpuEngine, ids: readonly number[] = IDS) {
  engine.truncate(0);
  return drawn(engine, ids);
}
const none = new AbortController().signal;

it('writes with what its routers asked for, then all comes by itself and nothing is looked up any more', async () => {
  const { served, engine } = await arriving();
  const before = lengthOf(served.have);
  expect(before).toBeLessThan(0.5 * FILE.length);
  expect(await text(engine, [17])).toEqual(await text(await whole, [17]));
  const { misses, hits } = engine.residency!.counts;
  expect(misses).toBeLessThan(36);
  expect(hits).toBeGreaterThan(0);
  expect(engine.residency!.away(1)).toHaveLength(12 - engine.residency!.held(1).length);
  expect(await arrive(engine.residency!, { signal: none })).toBe(true);
  expect(engine.residency!.away(1)).toEqual([]);
  expect(await text(engine)).toEqual(await text(await whole));
  expect(engine.residency).toBeNull();
  engine.setRouting(planRouting(small.config, [{ kind: 'k', layer: 0, k: 5 }]));
  (await whole).setRouting(planRouting(small.config, [{ kind: 'k', layer: 0, k: 5 }]));
  expect(await text(engine)).toEqual(await text(await whole));
  (await whole).setRouting(planRouting(small.config, []));
  // No byte was asked for twice.
  expect(lengthOf(served.have)).toBe(served.asked.reduce((sum, [from, to]) => sum + to - from, 0));
});

it('experts that come while it writes change nothing', async () => {
  const { engine } = await arriving();
  const [written] = await Promise.all([text(engine), arrive(engine.residency!, { signal: none })]);
  expect(written).toEqual(await text(await whole));
});

it('with room for few, what nobody asked for comes onto this machine alone', async () => {
  const { served, engine } = await arriving({ expertsOnGpu: 3 });
  const [written] = await Promise.all([text(engine), arrive(engine.residency!, { signal: none })]);
  expect(written).toEqual(await text(await whole));
  for (let layer = 0; layer < 3; layer++) {
    expect(engine.residency!.held(layer)).toHaveLength(3);
    expect(engine.residency!.away(layer)).toEqual([]);
  }
  served.down = true;
  expect(await text(engine)).toEqual(await text(await whole));
});

it('whom the routers gave most comes first', async () => {
  const { engine } = await arriving();
  const { all } = await text(engine, [17]);
  const { lacking } = engine.residency!;
  const given = (layer: number, expert: number) => {
    let sum = 0;
    for (let at = layer * 12 + expert; at < all.length; at += 36) sum += all[at];
    return sum;
  };
  const sums = lacking.map(({ layer, expert }) => given(layer, expert));
  expect(sums.length).toBeGreaterThan(5);
  for (let i = 1; i < sums.length; i++) expect(sums[i]).toBeLessThanOrEqual(sums[i - 1] + 1e-9);
});

it('where nothing can be kept it does not fetch in vain', async () => {
  const { served, engine } = await arriving({ expertsOnGpu: 3 });
  served.kept = false;
  served.asked = [];
  expect(await arrive(engine.residency!, { signal: none })).toBe(false);
  expect(served.asked).toHaveLength(3);
});

it('a server that is gone for a while loses nothing, neither to the text nor to what comes by itself', async () => {
  const { served, engine } = await arriving();
  served.down = true;
  await expect(text(engine)).rejects.toMatchObject({ code: 'network' });
  const before = served.refused;
  const coming = arrive(engine.residency!, { signal: none, pause: 5 });
  // It asks again by itself.
  await expect.poll(() => served.refused, SOON).toBeGreaterThan(before + 1);
  served.down = false;
  expect(await coming).toBe(true);
  expect(await text(engine)).toEqual(await text(await whole));
});

it('who stops a text that waits for an expert need not wait', async () => {
  const { served, engine } = await arriving();
  const stop = new AbortController();
  const reason = new Error('stopped');
  served.read = () => {
    setImmediate(() => stop.abort(reason));
    return new Promise(() => {});
  };
  expect((await drawn(engine, [17], 10, stop.signal)).sampled).toEqual([]);
  expect(engine.length).toBe(0);
});

it('other room in the middle of a text', async () => {
  const engine = await createWebGpuEngine(small, found);
  const run = async (each: WebGpuEngine, rooms: readonly number[]) => {
    each.truncate(0);
    const parts: unknown[] = [];
    let ids: readonly number[] = IDS;
    for (const room of rooms) {
      if (each === engine) await each.placement.hold(room, room === 4);
      const part = await drawn(each, ids, 3);
      parts.push(part);
      ids = part.sampled.slice(-1);
      if (each === engine && room < 12) expect(each.residency!.held(0).length).toBeLessThanOrEqual(room);
    }
    return parts;
  };
  const rooms = [3, 12, 4, 2, 12];
  expect(await run(engine, rooms)).toEqual(await run(await whole, rooms));
  // All of it is at hand: nothing has to be waited for.
  expect(engine.residency).toBeNull();
  await expect(engine.placement.hold(1, false)).rejects.toMatchObject({ code: 'bad-input' });
  expect(await text(engine)).toEqual(await text(await whole));
});

it('reads that touch are one, and none is asked for while it is on its way', async () => {
  const served = new Served();
  const source = coalesced(served);
  const parts = await Promise.all([source.read(10, 20), source.read(30, 40), source.read(20, 30), source.read(12, 15)]);
  expect(parts).toEqual([FILE.slice(10, 20), FILE.slice(30, 40), FILE.slice(20, 30), FILE.slice(12, 15)]);
  expect(served.asked).toEqual([[10, 40]]);
  let answer = () => {};
  let asked = 0;
  const counting = coalesced({
    bytes: 100,
    read: (from, to) => {
      asked++;
      return new Promise((resolve) => {
        answer = () => resolve(FILE.slice(from, to));
      });
    },
  });
  const first = counting.read(0, 50);
  await expect.poll(() => asked, SOON).toBe(1);
  const within = counting.read(10, 20);
  // As long as a read that would be asked for takes to be.
  await new Promise(setImmediate);
  answer();
  expect(await within).toEqual(FILE.slice(10, 20));
  expect(asked).toBe(1);
  expect(await first).toEqual(FILE.slice(0, 50));
  served.down = true;
  const both = await Promise.allSettled([source.read(50, 60), source.read(60, 70)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
