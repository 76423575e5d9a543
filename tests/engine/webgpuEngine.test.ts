/** The WebGPU engine against the CPU engine (float64) on random models of every architecture and storage format. */

import { afterAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Intervention, planRouting } from '../../src/engine/interventions.ts';
import type { Engine, Sampling, TraceBatch } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import type { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { loadModel } from '../../src/model/load.ts';
import type { PlainType } from '../../src/model/randomTensor.ts';
import type { Architecture } from '../../src/model/types.ts';
import { createInstance } from '../dawn.ts';
import { type RandomModelOptions, randomModel } from '../model/randomModel.ts';

// Zeroing of workgroup memory takes most of a software adapter's compile time, and no kernel may rely on it.
const instance = createInstance();
const GREEDY: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };
const WARM: Sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 7 };
const IDS = Array.from({ length: 23 }, (_, i) => (i * 37 + 11) % 250);
/** One device for all: a software adapter compiles slowly, and pipelines are cached per device. */
const { gpu, info } = await findGpu(instance);
/** As a GPU would be driven, and as a software adapter is; both with prefill's kernels from five tokens on. */
const TUNED = {
  gpu: { info, gpu: createGpu(gpu.device) },
  software: { info, gpu: createGpu(gpu.device, { software: true, tuning: { few: 4 } }) },
};
type Tuned = keyof typeof TUNED;
afterAll(() => gpu.device.destroy());
const engines = new Map<string, Promise<[WebGpuEngine, Engine]>>();

/** Both engines over the same random model, with empty caches and free routers. */
async function both(
  architecture: Architecture,
  options: RandomModelOptions = {},
  tuned: Tuned = 'software',
): Promise<[WebGpuEngine, Engine]> {
  const key = JSON.stringify([architecture, options, tuned]);
  if (!engines.has(key)) {
    const model = loadModel(randomModel(architecture, options));
    engines.set(
      key,
      createWebGpuEngine(model, TUNED[tuned]).then((gpu) => [gpu, createCpuEngine(model)]),
    );
  }
  const pair = (await engines.get(key)) as [WebGpuEngine, Engine];
  for (const engine of pair) {
    engine.truncate(0);
    engine.setRouting(planRouting(engine.model.config, []));
  }
  return pair;
}

async function collect(
  batches: AsyncIterable<TraceBatch>,
): Promise<{ ids: number[]; drawn: number[]; batches: TraceBatch[] }> {
  const all: TraceBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return {
    ids: all.flatMap(({ tokens }) => [...tokens]),
    drawn: all.flatMap(({ sampled }) => [...sampled].filter((id) => id !== 0xffffffff)),
    batches: all,
  };
}

function relativeRms(actual: Float32Array, expected: Float32Array): number {
  let error = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(error / size);
}

describe.each<[Architecture, PlainType, Tuned]>([
  ['qwen3moe', 'f32', 'software'],
  ['qwen3moe', 'q8_0', 'gpu'],
  ['qwen3moe', 'q4_0', 'software'],
  ['qwen3moe', 'q4_0', 'gpu'],
  ['qwen3moe', 'f16', 'gpu'],
  ['olmoe', 'f32', 'gpu'],
  ['granitemoe', 'q8_0', 'gpu'],
  ['qwen3', 'q4_0', 'software'],
  ['qwen3', 'q4_0', 'gpu'],
])('%s in %s, tuned for %s', (architecture, type, tuned) => {
  it('has the f64 engine’s logits and routes, by prefill and by decode', async () => {
    const [gpu, cpu] = await both(architecture, { type }, tuned);
    const expected = await cpu.forward(IDS);
    const prefill = await gpu.forward(IDS);
    expect(relativeRms(prefill.logits, expected.logits)).toBeLessThan(1e-5);
    expect(prefill.trace.expertIds).toEqual(expected.trace.expertIds);
    expect(relativeRms(prefill.trace.gateWeights, expected.trace.gateWeights)).toBeLessThan(1e-5);
    expect(relativeRms(prefill.trace.probabilities, expected.trace.probabilities)).toBeLessThan(1e-5);
    gpu.truncate(0);
    const { vocabulary } = gpu.model.config;
    for (const [t, id] of IDS.entries()) {
      const { logits, trace } = await gpu.forward([id]);
      expect(relativeRms(logits, expected.logits.subarray(t * vocabulary, (t + 1) * vocabulary))).toBeLessThan(1e-5);
      expect(trace.position).toBe(t);
    }
    expect(gpu.length).toBe(IDS.length);
  });

  it('scores text like the f64 engine and leaves an empty cache', async () => {
    const [gpu, cpu] = await both(architecture, { type }, tuned);
    const expected = await cpu.score(IDS);
    const { losses, trace } = await gpu.score(IDS);
    expect(losses.length).toBe(IDS.length - 1);
    expect(relativeRms(losses, expected.losses)).toBeLessThan(1e-5);
    expect(trace.expertIds).toEqual(expected.trace.expertIds);
    expect(gpu.length).toBe(0);
  });
});

describe('a KV cache in half precision', () => {
  it.each<Tuned>(['software', 'gpu'])('takes half the memory and costs what 11 bits cost (%s)', async (tuned) => {
    const [full, cpu] = await both('qwen3moe', {}, tuned);
    const half = await createWebGpuEngine(full.model, TUNED[tuned], { cache: 'f16' });
    const { layers, contextLength, kvHeads, headDim, vocabulary } = half.model.config;
    const caches = [...half.activations.keys, ...half.activations.values];
    expect(caches.map(({ size }) => size)).toEqual(Array(2 * layers).fill(2 * contextLength * kvHeads * headDim));
    const expected = await cpu.forward(IDS);
    const prefill = await half.forward(IDS);
    const error = relativeRms(prefill.logits, expected.logits);
    expect(error).toBeLessThan(2e-3);
    expect(error).toBeGreaterThan(1e-5);
    half.truncate(IDS.length - 1);
    const last = await half.forward(IDS.slice(-1));
    expect(relativeRms(last.logits, expected.logits.slice(-vocabulary))).toBeLessThan(2e-3);
  });

  it('comes back bit for bit after a job aside', async () => {
    const [{ model }] = await both('qwen3moe', {}, 'software');
    const engine = await createWebGpuEngine(model, TUNED.software, { cache: 'f16' });
    await engine.forward(IDS);
    const undisturbed = await engine.forward([7]);
    engine.truncate(IDS.length);
    for (const from of [0, 5]) {
      await engine.aside(from, async () => {
        engine.truncate(from);
        await engine.forward(IDS.toReversed().slice(0, IDS.length - from));
      });
    }
    expect((await engine.forward([7])).logits).toEqual(undisturbed.logits);
  });
});

describe('generate', () => {
  it.each<Tuned>(['software', 'gpu'])('writes what the f64 engine writes, greedy and sampled (%s)', async (tuned) => {
    const [gpu, cpu] = await both('qwen3moe', {}, tuned);
    for (const sampling of [GREEDY, WARM]) {
      gpu.truncate(0);
      cpu.truncate(0);
      const options = { ids: IDS.slice(0, 9), maxTokens: 30, sampling };
      const here = await collect(gpu.generate(options));
      const there = await collect(cpu.generate(options));
      expect(here.drawn).toEqual(there.drawn);
      expect(here.ids).toEqual(there.ids);
      const routes = ({ batches }: typeof here) => batches.flatMap(({ expertIds }) => [...expertIds]);
      expect(routes(here)).toEqual(routes(there));
      const candidates = ({ batches }: typeof here) =>
        batches.slice(1).flatMap(({ candidateIds }) => [...candidateIds]);
      expect(candidates(here)).toEqual(candidates(there));
    }
  });

  it('has identical bits from run to run', async () => {
    const [gpu] = await both('qwen3moe', { type: 'q4_0' });
    const first = await gpu.forward(IDS);
    gpu.truncate(0);
    const second = await gpu.forward(IDS);
    expect(new Uint32Array(second.logits.buffer)).toEqual(new Uint32Array(first.logits.buffer));
    expect(new Uint32Array(second.trace.gateWeights.buffer)).toEqual(new Uint32Array(first.trace.gateWeights.buffer));
  });

  it('writes the same text in one go, token by token, and after a stop in the middle', async () => {
    const [gpu] = await both('qwen3moe');
    const ids = IDS.slice(0, 5);
    const whole = await collect(gpu.generate({ ids, maxTokens: 20, sampling: WARM }));
    gpu.truncate(0);
    const single: number[] = [];
    for (let next = ids; single.length < 20; next = [single[single.length - 1]]) {
      single.push(...(await collect(gpu.generate({ ids: next, maxTokens: 1, sampling: WARM }))).drawn);
    }
    expect(single).toEqual(whole.drawn);
    gpu.truncate(0);
    const abort = new AbortController();
    const stopped: number[] = [];
    for await (const batch of gpu.generate({ ids, maxTokens: 20, sampling: WARM, signal: abort.signal })) {
      stopped.push(...[...batch.sampled].filter((id) => id !== 0xffffffff));
      if (stopped.length >= 6) abort.abort();
    }
    expect(stopped.length).toBeLessThan(20);
    expect(gpu.length).toBe(ids.length + stopped.length - 1);
    const rest = await collect(
      gpu.generate({ ids: [stopped[stopped.length - 1]], maxTokens: 20 - stopped.length, sampling: WARM }),
    );
    expect([...stopped, ...rest.drawn]).toEqual(whole.drawn);
  });

  it('fills the context to its last position and then stops', async () => {
    const [gpu] = await both('qwen3moe', { contextLength: 24 });
    const { drawn } = await collect(gpu.generate({ ids: IDS.slice(0, 10), maxTokens: 1000, sampling: WARM }));
    expect(gpu.length).toBe(24);
    expect(drawn.length).toBe(15);
  });

  it('stops at any token that ends a text, in the middle of a flight too', async () => {
    const ids = IDS.slice(0, 10);
    const [free] = await both('qwen3moe');
    const { drawn } = await collect(free.generate({ ids, maxTokens: 12, sampling: WARM }));
    const end = drawn.find((id, i) => i > 4 && drawn.indexOf(id) === i)!;
    const [gpu] = await both('qwen3moe', { metadata: { 'tokenizer.ggml.eot_token_id': { u32: end } } });
    const stopped = await collect(gpu.generate({ ids, maxTokens: 12, sampling: WARM }));
    expect(stopped.drawn).toEqual(drawn.slice(0, drawn.indexOf(end) + 1));
    expect(gpu.length).toBe(ids.length + stopped.drawn.length - 1);
  });

  it('never runs a knocked-out expert, in prefill and decode, in the middle of a text', async () => {
    const [gpu, cpu] = await both('qwen3moe');
    const list: Intervention[] = [1, 4].map((expert) => ({ kind: 'off', layer: 1, expert }));
    list.push({ kind: 'bias', layer: 1, expert: 6, amount: 1.5 });
    for (const engine of [gpu, cpu]) engine.setRouting(planRouting(engine.model.config, list));
    const ids = IDS.slice(0, 12);
    const here = await collect(gpu.generate({ ids, maxTokens: 12, sampling: GREEDY }));
    const there = await collect(cpu.generate({ ids, maxTokens: 12, sampling: GREEDY }));
    expect(here.drawn).toEqual(there.drawn);
    for (const { count, expertIds, probabilities } of here.batches) {
      for (let t = 0; t < count; t++) {
        const row = t * 2 + 1;
        expect([1, 4]).not.toContain(expertIds[row * 2]);
        expect([1, 4]).not.toContain(expertIds[row * 2 + 1]);
        expect(probabilities[row * 8 + 1]).toBe(0);
        expect(probabilities[row * 8 + 4]).toBe(0);
      }
    }
  });

  it('says clearly what it cannot run', async () => {
    const [gpu] = await both('qwen3moe');
    await expect(collect(gpu.generate({ ids: [], maxTokens: 1, sampling: WARM }))).rejects.toThrow(
      'The prompt is empty.',
    );
    const long = new Array(65).fill(1);
    await expect(gpu.forward(long)).rejects.toMatchObject({ code: 'context' });
    const hot = { ...WARM, temperature: Number.NaN };
    await expect(collect(gpu.generate({ ids: [1], maxTokens: 1, sampling: hot }))).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(gpu.forward([1e6])).rejects.toMatchObject({ code: 'bad-input' });
  });

  // Last: it takes the device of all tests above, since another one would compile everything again.
  it('reports a lost device as such', async () => {
    const [engine] = await both('qwen3moe');
    const run = async () => {
      // At its first tokens, however quick the machine is.
      for await (const _ of engine.generate({ ids: [1, 2, 3], maxTokens: 60, sampling: WARM })) gpu.device.destroy();
    };
    await expect(run()).rejects.toMatchObject({ code: 'device-lost' });
  });
});
