/** Layers with a window or a convolution keep the last positions alone: held against a GPU that keeps all, and the CPU, which does. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import type { Engine } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { sightOf } from '../../src/model/layerKinds.ts';
import { loadModel } from '../../src/model/load.ts';
import { instance } from '../kernels/device.ts';
import { publishedFile } from '../model/published/file.ts';

const real = await vi.importActual<typeof import('../../src/engine/webgpu/rings.ts')>(
  '../../src/engine/webgpu/rings.ts',
);
/** Passes here are this short, so that a short text goes round. */
const PASS = 24;
/** Of the caches: for all positions, or no more than such a pass needs. */
const rows = vi.hoisted(() => ({ are: 'fewest' as 'all' | 'fewest' }));
vi.mock('../../src/engine/webgpu/rings.ts', async (original) => ({
  ...(await original<typeof import('../../src/engine/webgpu/rings.ts')>()),
  ringOf: (sight: number, context: number) => (rows.are === 'all' ? context : Math.min(context, sight - 1 + 24)),
}));

const { gpu, info } = await findGpu(instance);
const found = { info, gpu: createGpu(gpu.device, { software: true, tuning: { few: 2 } }) };
afterAll(() => gpu.device.destroy());

const CONTEXT = 160;
const IDS = Array.from({ length: CONTEXT }, (_, i) => (i * i * 31 + i * 37 + 65) % 256);
const SAMPLING = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };

const modelOf = (name: string, over: object) =>
  loadModel(publishedFile(name, { over: { ctx: CONTEXT, ...over } }).bytes);

function on(model: ReturnType<typeof modelOf>, are: typeof rows.are) {
  rows.are = are;
  return createWebGpuEngine(model, found);
}

function relativeRms(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(error / size);
}

async function passes(engine: Engine, ids: readonly number[]): Promise<number[]> {
  const logits: number[] = [];
  for (let from = 0; from < ids.length; from += PASS)
    logits.push(...(await engine.forward(ids.slice(from, from + PASS))).logits);
  return logits;
}

async function written(engine: Engine, ids: readonly number[], maxTokens: number): Promise<number[]> {
  const drawn: number[] = [];
  for await (const { tokens } of engine.generate({ ids, maxTokens, sampling: SAMPLING })) drawn.push(...tokens);
  return drawn;
}

/** What an engine makes of a text: over several passes, token by token, and of one that it writes. */
async function heard(engine: Engine): Promise<number[][]> {
  const whole = await passes(engine, IDS.slice(0, 91));
  const steps: number[] = [];
  for (const id of IDS.slice(91, 100)) steps.push(...(await engine.forward([id])).logits);
  const odd = await passes(engine, IDS.slice(100, 137));
  engine.truncate(0);
  await passes(engine, IDS.slice(0, 47));
  const text = await written(engine, IDS.slice(47, 60), 40);
  return [whole, steps, odd, text, await passes(engine, IDS.slice(0, 3))];
}

describe.each([
  ['gpt-oss', { L: 2, window: 1 }],
  ['afmoe', { window: 11 }],
  ['gemma4', { L: 2 }],
  ['lfm2moe', {}],
] as const)('%s %o', (name, over) => {
  const model = modelOf(name, over);
  const { config } = model;

  it('says the same with as few rows as a pass needs', async () => {
    const [few, all] = [await on(model, 'fewest'), await on(model, 'all')];
    const { keys } = few.activations;
    const kept = keys.map(({ size }, layer) => (CONTEXT * size) / all.activations.keys[layer].size);
    expect(kept).toEqual(keys.map((_, layer) => Math.min(CONTEXT, sightOf(config, layer) - 1 + PASS)));
    expect(Math.min(...kept)).toBeLessThan(CONTEXT / 2);
    const [ours, theirs] = [await heard(few), await heard(all)];
    expect(ours).toEqual(theirs);
    expect(ours[3].length).toBeGreaterThan(0);
    const cpu = createCpuEngine(model);
    expect(relativeRms(ours[0], (await cpu.forward(IDS.slice(0, 91))).logits)).toBeLessThan(1e-5);
  });
});

describe('a text that is taken back', async () => {
  const model = modelOf('gpt-oss', { L: 2, window: 6 });
  const kept = 6 - 1 + PASS;
  const [engine, all] = [await on(model, 'fewest'), await on(model, 'all')];
  const both = [engine, all];

  it('goes on from where its layers still hold what they see, and from nowhere else', async () => {
    for (const each of both) await passes(each, IDS.slice(0, 120));
    // A token there sees five positions before it: the first of them is the first that is there.
    const first = 120 - kept + 5;
    expect([120, 110, first, first - 1, 1, 0].map((at) => engine.holds(at))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(all.holds(1)).toBe(true);
    for (const at of [110, first]) {
      for (const each of both) each.truncate(at);
      expect(engine.length).toBe(at);
      expect(await passes(engine, IDS.slice(40, 49))).toEqual(await passes(all, IDS.slice(40, 49)));
    }
    // What was thrown away took the rows of others for good.
    expect(engine.holds(first - 1)).toBe(false);
    engine.truncate(first - 1);
    expect(engine.length).toBe(0);
    // A text from its beginning lacks nothing.
    all.truncate(0);
    expect(await passes(engine, IDS.slice(0, 9))).toEqual(await passes(all, IDS.slice(0, 9)));
    expect(engine.holds(2)).toBe(true);
  });

  it('counts the steps that ran past the end of a written text', async () => {
    engine.truncate(0);
    await passes(engine, IDS.slice(0, 70));
    await written(engine, IDS.slice(70, 75), 3);
    const first = engine.length + 16 - kept + 5;
    expect([first, first - 1].map((at) => engine.holds(at))).toEqual([true, false]);
  });

  it('is there again, bit for bit, after whatever ran aside', async () => {
    for (const length of [15, 70]) {
      for (const each of both) {
        each.truncate(0);
        await passes(each, IDS.slice(0, length));
      }
      const held = () => [...Array(length + 1).keys()].filter((at) => engine.holds(at));
      for (const from of [length, length - 9, 0]) {
        const before = held();
        await engine.aside(from, async () => {
          engine.truncate(from);
          await passes(engine, IDS.slice(100, 155));
        });
        expect([engine.length, held()]).toEqual([length, before]);
        const after = await engine.aside(length, () => passes(engine, IDS.slice(0, 4)));
        all.truncate(length);
        expect(after).toEqual(await passes(all, IDS.slice(0, 4)));
      }
    }
  });
});

it('keeps 512 positions beside the window, or as many as a pass has', () => {
  expect(real.ringOf(128, 4096, 256)).toBe(127 + 512);
  expect(real.ringOf(1, 4096, 256)).toBe(512);
  expect(real.ringOf(1024, 4096, 600)).toBe(1023 + 600);
  // All where the window is the context, or nearly.
  expect([4096, 4000, 9999].map((sight) => real.ringOf(sight, 4096, 256))).toEqual([4096, 4096, 4096]);
  expect(real.ringOf(4096, 160, 160)).toBe(160);
});
