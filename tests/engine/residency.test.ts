/** Some experts of a layer on the GPU, the others fetched when the router asks: the same bits as with all of them there. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { simulateAll } from '../../src/compare/expertCache.ts';
import { concatBatches } from '../../src/engine/batch.ts';
import { type Intervention, planRouting } from '../../src/engine/interventions.ts';
import { type TraceBatch, UserError } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import type { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { expertBytes } from '../../src/engine/webgpu/expertEntries.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { standIn } from '../../src/gpu/refusals.ts';
import type { Tuning } from '../../src/gpu/types.ts';
import { loadModel, openModel } from '../../src/model/load.ts';
import type { Model } from '../../src/model/types.ts';
import { instance } from '../kernels/device.ts';
import { publishedFile } from '../model/published/file.ts';
import { randomModel } from '../model/randomModel.ts';

const { gpu, info } = await findGpu(instance);
afterAll(() => gpu.device.destroy());
/** Few tokens for decode's kernels, so that a short prompt takes prefill's. */
const tuned = (tuning: Partial<Tuning>, software = true) => ({
  info,
  gpu: createGpu(gpu.device, { software, tuning: { few: 2, ...tuning } }),
});
/** Staged tiles compile in a quarter of the time of the others, which are tried below. */
const found = tuned({ gemm: 'staged' });
const SAMPLING = { temperature: 1, topK: 40, topP: 0.95, seed: 7 };
const IDS = Array.from({ length: 21 }, (_, i) => (i * 37 + 11) % 250);

/** A model whose bytes stay in the file, as of a server: `read` is asked for each part of them. */
async function stored(bytes: Uint8Array, read: (from: number, to: number) => void = () => {}): Promise<Model> {
  const source = async (from: number, to: number) => {
    read(from, to);
    return bytes.slice(from, to);
  };
  return openModel({ bytes: bytes.length, read: source }, 0);
}

async function collect(batches: AsyncIterable<TraceBatch>): Promise<TraceBatch[]> {
  const all: TraceBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

/** All that comes back of a text: logits and routing of its prompt by prefill's kernels, then what is drawn. */
async function written(engine: WebGpuEngine, list: readonly Intervention[] = [], ids = IDS) {
  engine.setRouting(planRouting(engine.model.config, list));
  engine.truncate(0);
  const { logits, trace } = await engine.forward(ids);
  engine.truncate(0);
  const batches = await collect(engine.generate({ ids, maxTokens: 12, sampling: SAMPLING }));
  const flat = (field: 'sampled' | 'expertIds' | 'gateWeights' | 'probabilities') =>
    batches.flatMap((batch) => [...batch[field]]);
  const [sampled, expertIds, gateWeights] = [flat('sampled'), flat('expertIds'), flat('gateWeights')];
  return { logits, trace, sampled, expertIds, gateWeights, probabilities: flat('probabilities') };
}

const FULL = process.env.MOESCOPE_FULL === '1';
const SHARES = [0.5, 0.25, ...(FULL ? [0.125] : [])];

const budgets = ({ config: { experts, expertsPerToken } }: Model) =>
  [...new Set(SHARES.map((share) => Math.max(expertsPerToken, Math.round(share * experts))))].filter(
    (entries) => entries < experts,
  );

const drawnFrom = (engine: WebGpuEngine, ids: readonly number[], maxTokens = 12) =>
  collect(engine.generate({ ids, maxTokens, sampling: SAMPLING }));

const random = (options: Parameters<typeof randomModel>[1]) => randomModel('qwen3moe', { ...options, seed: 3 });
/** A shared expert with a gate; biases and groups; experts with biases of their own. MOESCOPE_FULL=1 takes the others, whose kernels are the same. */
const RULES = ['qwen2moe', 'bailingmoe2', 'gpt-oss'];
const OTHERS = ['granitemoe-shared', 'deepseek', 'ernie4_5-moe', 'lfm2moe', 'smallthinker', 'phimoe', 'afmoe'];
const MODELS: readonly (readonly [string, () => Uint8Array])[] = [
  ['12 experts, 2 per token', () => random({ experts: 12, expertsPerToken: 2 })],
  ['11 of an odd width, 3 per token, q4_0', () => random({ experts: 11, expertsPerToken: 3, expertType: 'q4_0' })],
  ['q8_0', () => randomModel('olmoe', { experts: 8, expertsPerToken: 2, type: 'q8_0', seed: 4 })],
  ...[...RULES, ...(FULL ? OTHERS : [])].map((name) => [name, () => publishedFile(name).bytes] as const),
  // 48, 24 and 12 of its 96 experts.
  ...(FULL ? [['the shipped MoE', () => new Uint8Array(readFileSync('public/models/moe.gguf'))] as const] : []),
];

describe.each(MODELS)('%s', (_, bytes) => {
  const model = loadModel(bytes());
  const all = createWebGpuEngine(model, found).then((engine) => written(engine));

  it.each(budgets(model))('%i entries: the same bits', async (entries) => {
    const engine = await createWebGpuEngine(model, found, { expertsOnGpu: entries });
    expect(await written(engine)).toEqual(await all);
    const { misses, bytesMoved } = engine.residency!.counts;
    expect(misses).toBeGreaterThan(entries);
    expect(bytesMoved).toBe(misses * expertBytes(model.weights.layers.at(-1)!));
  });
});

const SMALL = random({ experts: 12, expertsPerToken: 2, layers: 3 });
const small = loadModel(SMALL);

const VARIANTS = [
  ['lanes in workgroup memory', tuned({}, false)],
  ['quads', tuned({})],
  ['alone', tuned({ share: 'memory', gemm: 'alone' })],
] as const;

it.each(VARIANTS.slice(0, FULL ? 3 : 2))('by the other kernels: %s', async (_, variant) => {
  const engine = await createWebGpuEngine(small, variant, { expertsOnGpu: 3 });
  expect(await written(engine)).toEqual(await written(await createWebGpuEngine(small, variant)));
});

describe('interventions', () => {
  const whole = createWebGpuEngine(small, found);

  it.each<[string, Intervention[]]>([
    [
      'forced, biased',
      [
        { kind: 'force', layer: 0, expert: 5 },
        { kind: 'bias', layer: 2, expert: 1, amount: 2 },
      ],
    ],
    ['k = 4 of 5 that have room', [{ kind: 'k', layer: 1, k: 4 }]],
    ['by lot', [{ kind: 'route', layer: null, rule: 'random', seed: 3 }]],
  ])('%s', async (_, list) => {
    const engine = await createWebGpuEngine(small, found, { expertsOnGpu: 5 });
    expect(await written(engine, list)).toEqual(await written(await whole, list));
  });

  it('frozen: another text by the routing of the first', async () => {
    const engine = await createWebGpuEngine(small, found, { expertsOnGpu: 3 });
    const run = async (each: WebGpuEngine) => {
      each.setRouting(planRouting(small.config, []));
      each.truncate(0);
      const previous = await each.read(IDS);
      each.setRouting(planRouting(small.config, [{ kind: 'frozen' }], { previous }));
      each.truncate(0);
      return each.forward([...IDS].reverse());
    };
    expect(await run(engine)).toEqual(await run(await whole));
  });

  it('in the middle of a text', async () => {
    const run = async (each: WebGpuEngine) => {
      each.setRouting(planRouting(small.config, []));
      each.truncate(0);
      const drawn = [];
      // One token at a time, so that the change comes at the same place.
      for (let i = 0, ids = IDS; i < 6; i++) {
        if (i === 3) each.setRouting(planRouting(small.config, [{ kind: 'off', layer: 1, expert: 4 }]));
        const [{ sampled, expertIds, count }] = (await drawnFrom(each, ids, 1)).slice(-1);
        drawn.push(sampled[count - 1], [...expertIds]);
        ids = [sampled[count - 1]];
      }
      return drawn;
    };
    expect(await run(await createWebGpuEngine(small, found, { expertsOnGpu: 3 }))).toEqual(await run(await whole));
  });

  it('an expert that is off is never fetched', async () => {
    const { weights } = small;
    const off = [0, 3, 7, 8].map((expert) => ({ kind: 'off' as const, layer: 1, expert }));
    // Its place in the file: the tensor's bytes in memory are a view of them.
    const parts = off.flatMap(({ expert }) =>
      [weights.layers[1].gate, weights.layers[1].up, weights.layers[1].down].map(({ data }) => {
        const size = data.byteLength / small.config.experts;
        return [data.byteOffset + expert * size, data.byteOffset + (expert + 1) * size];
      }),
    );
    expect(SMALL.slice(...parts[0])).toEqual(weights.layers[1].gate.data.slice(0, parts[0][1] - parts[0][0]));
    const read: [number, number][] = [];
    const model = await stored(SMALL, (from, to) => read.push([from, to]));
    read.length = 0; // the header has been read
    const engine = await createWebGpuEngine(model, found, { expertsOnGpu: 4 });
    expect(await written(engine, off)).toEqual(await written(await whole, off));
    expect(read.filter(([from, to]) => parts.some(([start, end]) => from < end && to > start))).toEqual([]);
    expect(engine.residency!.held(1)).toHaveLength(4);
  });

  it('more experts than have room are refused with a sentence', async () => {
    const engine = await createWebGpuEngine(small, found, { expertsOnGpu: 3 });
    engine.setRouting(planRouting(small.config, [{ kind: 'k', layer: 2, k: 5 }]));
    await expect(engine.forward(IDS)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/5 experts.*3 have room/),
    });
    await expect(createWebGpuEngine(small, found, { expertsOnGpu: 1 })).rejects.toMatchObject({ code: 'bad-input' });
    engine.setRouting(planRouting(small.config, []));
    expect((await engine.forward(IDS)).logits).toEqual((await fresh(whole)).logits);
  });

  async function fresh(of: Promise<WebGpuEngine>) {
    const engine = await of;
    engine.setRouting(planRouting(small.config, []));
    engine.truncate(0);
    return engine.forward(IDS);
  }
});

it('held-out losses, inspection, and reading by the kernels that decode', async () => {
  const run = async (expertsOnGpu?: number) => {
    const engine = await createWebGpuEngine(small, found, { expertsOnGpu });
    const { losses } = await engine.score(IDS);
    const read = await engine.read(IDS.slice(0, 9), true);
    return { losses, read, inspected: await engine.inspect(5), kept: await engine.aside(4, () => engine.inspect(6)) };
  };
  expect(await run(3)).toEqual(await run());
});

it('counts what the simulated cache counts', async () => {
  const entries = 5;
  const engine = await createWebGpuEngine(small, found, { expertsOnGpu: entries });
  const batches = await drawnFrom(engine, [17], 30);
  const { layers, expertsPerToken: k } = small.config;
  const choices = Array.from({ length: layers }, (_, layer) =>
    batches.flatMap(({ count, expertIds }) =>
      Array.from({ length: count }, (_, t) => [...expertIds.subarray((t * layers + layer) * k).subarray(0, k)]),
    ),
  );
  const { asked, hits } = simulateAll(choices, entries, 'lru');
  expect(asked).toBeGreaterThan(100);
  expect(engine.residency!.counts).toMatchObject({ entries, hits, misses: asked - hits });
  const held = engine.residency!.held(0);
  expect(held).toHaveLength(entries);
  expect(held).toEqual(expect.arrayContaining(choices[0].at(-1)!));
});

it('guesses a layer ahead: the same bits, more hits, and nothing that is off', async () => {
  const off = [2, 9].map((expert) => ({ kind: 'off' as const, layer: 2, expert }));
  const runs = [false, true].map(async (prefetch) => {
    const engine = await createWebGpuEngine(small, found, { expertsOnGpu: 4, prefetch });
    const text = await written(engine, off);
    return { text, ...engine.residency!.counts, held: engine.residency!.held(2) };
  });
  const [plain, ahead] = await Promise.all(runs);
  expect(ahead.text).toEqual(plain.text);
  expect(ahead.hits + ahead.misses).toBe(plain.hits + plain.misses);
  expect([plain.guessed, plain.guessedRight]).toEqual([0, 0]);
  // Of two out of ten by chance two in ten would be right.
  expect(ahead.guessedRight / ahead.guessed).toBeGreaterThan(0.3);
  expect(ahead.misses).toBeLessThan(plain.misses);
  expect(ahead.held).not.toEqual(expect.arrayContaining([2]));
  expect(ahead.held).not.toEqual(expect.arrayContaining([9]));
});

it('a fetch that fails loses nothing: the same text the next time', async () => {
  let broken = false;
  let reads = 0;
  const model = await stored(SMALL, () => {
    if (broken && ++reads % 5 === 0) throw new UserError('network', 'The server is gone.');
  });
  const engine = await createWebGpuEngine(model, found, { expertsOnGpu: 3 });
  const whole = await drawnFrom(await createWebGpuEngine(small, found), IDS);
  broken = true;
  await expect(drawnFrom(engine, IDS)).rejects.toMatchObject({ code: 'network' });
  broken = false;
  engine.truncate(0);
  const again = await drawnFrom(engine, IDS);
  expect(concatBatches(small.config, again)).toEqual(concatBatches(small.config, whole));
});

/** Watches what a device is asked for. */
function watched() {
  const seen = { bytes: 0, dispatches: 0, submits: 0 };
  const { device } = gpu;
  const createBuffer: GPUDevice['createBuffer'] = (asked) => {
    seen.bytes += asked.size;
    return device.createBuffer(asked);
  };
  const createCommandEncoder: GPUDevice['createCommandEncoder'] = (asked) => {
    const encoder = device.createCommandEncoder(asked);
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (options) => {
      const pass = begin(options);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (...grid) => {
        seen.dispatches++;
        dispatch(...grid);
      };
      return pass;
    };
    return encoder;
  };
  const submit: GPUQueue['submit'] = (buffers) => {
    seen.submits++;
    device.queue.submit(buffers);
  };
  const queue = standIn(device.queue, { submit });
  const software = { software: true, tuning: found.gpu.tuning };
  return {
    seen,
    found: { info, gpu: createGpu(standIn(device, { createBuffer, createCommandEncoder, queue }), software) },
  };
}

it('costs no dispatch and no submit where nothing is missing', async () => {
  const off = Array.from({ length: 3 }, (_, layer) =>
    [1, 6].map((expert) => ({ kind: 'off' as const, layer, expert })),
  );
  const run = async (expertsOnGpu?: number) => {
    const { seen, found } = watched();
    const engine = await createWebGpuEngine(small, found, { expertsOnGpu });
    // The same text again: by now the ten experts that are on have been asked for, or will not be.
    await written(engine, off.flat());
    const before = { ...seen };
    const misses = engine.residency?.counts.misses;
    await written(engine, off.flat());
    expect(engine.residency?.counts.misses).toBe(misses);
    return { dispatches: seen.dispatches - before.dispatches, submits: seen.submits - before.submits };
  };
  const [all, ten] = [await run(), await run(10)];
  expect(ten.dispatches).toBe(all.dispatches);
  // A flight takes as many steps as time allows; each is one submit.
  expect(ten.submits).toBeLessThanOrEqual(2 + 1 + 12 + 2);
});

it('takes the memory that the formula says', async () => {
  const taken = await Promise.all(
    [undefined, 7, 2].map(async (expertsOnGpu) => {
      const { seen, found } = watched();
      const engine = await createWebGpuEngine(small, found, { expertsOnGpu });
      const made = seen.bytes;
      await written(engine);
      return { made, written: seen.bytes };
    }),
  );
  const each = small.weights.layers.reduce((sum, layer) => sum + expertBytes(layer), 0);
  expect(taken[0].made - taken[1].made).toBe((12 - 7) * each);
  expect(taken[0].made - taken[2].made).toBe((12 - 2) * each);
  // Fetching makes nothing that stays.
  expect(taken[2].written - taken[2].made).toBe(taken[0].written - taken[0].made);
});

it('runs a model whose experts together are more than a kernel may see', async () => {
  const limits = { maxStorageBufferBindingSize: 100_000, maxBufferSize: 2 ** 28 } as GPUSupportedLimits;
  const tight = { ...found, gpu: { ...found.gpu, device: standIn(gpu.device, { limits }) } };
  const engine = await createWebGpuEngine(small, tight);
  // 100,000 bytes for matrices of 64 × 2 · 32 values.
  expect(engine.residency!.entries).toBe(6);
  expect((await engine.forward(IDS)).logits).toEqual(
    (await (await createWebGpuEngine(small, found)).forward(IDS)).logits,
  );
});
