/** Every intervention on the WebGPU engine against the CPU engine (float64): prefill, decode, and in the middle of a text. */
import { afterAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Intervention, planRouting, withRunnerUp } from '../../src/engine/interventions.ts';
import { type Engine, NO_EXPERT, NOT_SAMPLED, type Sampling, type TraceBatch } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { loadModel } from '../../src/model/load.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';

// See webgpuEngine.test.ts.
const instance = createInstance();
const found = await findGpu(instance);
afterAll(() => found.gpu.device.destroy());
const SAMPLING: Sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 7 };
const IDS = Array.from({ length: 23 }, (_, i) => (i * 37 + 11) % 250);

/** 2 layers of 8 experts, 2 per token, on both engines; prefill's kernels from five tokens on. */
async function both(options: Parameters<typeof randomModel>[1] = {}, software = true): Promise<[Engine, Engine]> {
  const model = loadModel(randomModel('qwen3moe', options));
  const gpu = createGpu(found.gpu.device, software ? { software, tuning: { few: 4 } } : {});
  return [await createWebGpuEngine(model, { info: found.info, gpu }), createCpuEngine(model)];
}

async function collect(batches: AsyncIterable<TraceBatch>, each: (batch: TraceBatch) => void = () => {}) {
  const all: TraceBatch[] = [];
  for await (const batch of batches) {
    all.push(batch);
    each(batch);
  }
  return all;
}
const drawn = (batches: readonly TraceBatch[]) =>
  batches.flatMap(({ sampled }) => [...sampled].filter((id) => id !== NOT_SAMPLED));
/** Experts of every position and layer, unused slots left out. */
const routes = ({ count, slots, expertIds }: TraceBatch, layers = 2) =>
  Array.from({ length: count * layers }, (_, row) =>
    [...expertIds.subarray(row * slots, (row + 1) * slots)].filter((id) => id !== NO_EXPERT),
  );

function relativeRms(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(error / size);
}

const CASES: [string, Intervention[]][] = [
  ['off', [1, 4].map((expert) => ({ kind: 'off', layer: 1, expert }))],
  ['force', [{ kind: 'force', layer: 0, expert: 5 }]],
  ['force as many as k', [0, 7].map((expert) => ({ kind: 'force', layer: 1, expert }))],
  ['bias', [{ kind: 'bias', layer: 1, expert: 6, amount: 1.5 }]],
  ['k = 1', [{ kind: 'k', layer: null, k: 1 }]],
  ['k = 5 in one layer', [{ kind: 'k', layer: 1, k: 5 }]],
  ['k = E', [{ kind: 'k', layer: null, k: 8 }]],
  ['uniform', [{ kind: 'route', layer: null, rule: 'uniform', seed: 0 }]],
  ['random in one layer', [{ kind: 'route', layer: 0, rule: 'random', seed: 99 }]],
  [
    'all at once',
    [
      { kind: 'off', layer: 0, expert: 2 },
      { kind: 'force', layer: 0, expert: 3 },
      { kind: 'bias', layer: 0, expert: 4, amount: -3 },
      { kind: 'k', layer: 0, k: 4 },
      { kind: 'k', layer: 1, k: 1 },
      { kind: 'route', layer: 1, rule: 'random', seed: 5 },
    ],
  ],
];

describe('both engines', async () => {
  const [gpu, cpu] = await both();
  const start = (list: readonly Intervention[]) => {
    for (const engine of [gpu, cpu]) {
      engine.truncate(0);
      engine.setRouting(planRouting(engine.model.config, list));
    }
  };

  it.each(CASES)('%s: the same logits and routes, by prefill and by decode', async (_, list) => {
    start(list);
    const expected = await cpu.forward(IDS);
    const prefill = await gpu.forward(IDS);
    expect(relativeRms(prefill.logits, expected.logits)).toBeLessThan(1e-5);
    expect(prefill.trace.slots).toBe(expected.trace.slots);
    expect(prefill.trace.expertIds).toEqual(expected.trace.expertIds);
    expect(relativeRms(prefill.trace.gateWeights, expected.trace.gateWeights)).toBeLessThan(1e-5);
    expect(relativeRms(prefill.trace.probabilities, expected.trace.probabilities)).toBeLessThan(1e-5);
    gpu.truncate(0);
    const { vocabulary } = gpu.model.config;
    for (const [t, id] of IDS.entries()) {
      const { logits } = await gpu.forward([id]);
      expect(relativeRms(logits, expected.logits.subarray(t * vocabulary, (t + 1) * vocabulary))).toBeLessThan(1e-5);
    }
  });

  it.each(CASES)('%s: the same text, written', async (_, list) => {
    start(list);
    const options = { ids: IDS.slice(0, 9), maxTokens: 20, sampling: SAMPLING };
    const here = await collect(gpu.generate(options));
    const there = await collect(cpu.generate(options));
    expect(drawn(here)).toEqual(drawn(there));
    expect(here.flatMap((batch) => routes(batch))).toEqual(there.flatMap((batch) => routes(batch)));
  });

  it.each(CASES)('%s: set in the middle of a text and taken back, the text is not lost', async (_, list) => {
    const write = async (engine: Engine) => {
      const { config } = engine.model;
      engine.truncate(0);
      engine.setRouting(planRouting(config, [], { revision: 1 }));
      const before = await collect(engine.generate({ ids: IDS.slice(0, 9), maxTokens: 6, sampling: SAMPLING }));
      engine.setRouting(planRouting(config, list, { revision: 2 }));
      const during = await collect(engine.generate({ ids: drawn(before).slice(-1), maxTokens: 6, sampling: SAMPLING }));
      engine.setRouting(planRouting(config, [], { revision: 3 }));
      const after = await collect(engine.generate({ ids: drawn(during).slice(-1), maxTokens: 6, sampling: SAMPLING }));
      return [...before, ...during, ...after];
    };
    const [here, there] = [await write(gpu), await write(cpu)];
    expect(drawn(here)).toEqual(drawn(there));
    expect(here.flatMap((batch) => routes(batch))).toEqual(there.flatMap((batch) => routes(batch)));
    const revisions = here.flatMap((batch) => [...batch.revisions]);
    expect(revisions).toEqual([...new Array(14).fill(1), ...new Array(6).fill(2), ...new Array(6).fill(3)]);
  });

  it('takes hold while a run goes on, wide from narrow and back, and every batch says what ruled it', async () => {
    start([]);
    const { config } = gpu.model;
    const lists: Intervention[][] = [[], [{ kind: 'k', layer: null, k: 7 }], [{ kind: 'off', layer: 0, expert: 1 }]];
    let seen = 0;
    const batches = await collect(
      gpu.generate({ ids: IDS.slice(0, 5), maxTokens: 55, sampling: SAMPLING }),
      ({ position }) => {
        // Early enough that tokens are left, however many are encoded ahead.
        const wanted = position > 22 ? 2 : position > 6 ? 1 : 0;
        if (wanted === seen) return;
        seen = wanted;
        gpu.setRouting(planRouting(config, lists[wanted], { revision: wanted }));
      },
    );
    expect(drawn(batches).length).toBe(55);
    const revisions = batches.flatMap((batch) => [...batch.revisions]);
    expect([...new Set(revisions)]).toEqual([0, 1, 2]);
    const rows = batches.flatMap((batch) => routes(batch));
    revisions.forEach((revision, t) => {
      for (const row of rows.slice(2 * t, 2 * t + 2)) expect(row.length).toBe(revision === 1 ? 7 : 2);
      if (revision === 2) expect(rows[2 * t]).not.toContain(1);
    });
    // What was written is what a run over the same tokens, with the same changes at the same places, would have written.
    cpu.truncate(0);
    const ids = batches.flatMap((batch) => [...batch.tokens]);
    const replayed: number[][] = [];
    for (const revision of [0, 1, 2]) {
      cpu.setRouting(planRouting(config, lists[revision]));
      const part = ids.filter((_, t) => revisions[t] === revision);
      replayed.push(...routes((await cpu.forward(part)).trace));
    }
    expect(rows).toEqual(replayed);
  });

  it('frozen: another text by the routing of the first, then by its own; what is off stays off', async () => {
    start([{ kind: 'k', layer: 1, k: 3 }]);
    const { trace: previous } = await cpu.forward(IDS.slice(0, 12));
    const other = IDS.map((id) => (id + 100) % 250);
    const list: Intervention[] = [{ kind: 'frozen' }, { kind: 'off', layer: 0, expert: previous.expertIds[0] }];
    for (const engine of [gpu, cpu]) {
      engine.truncate(0);
      engine.setRouting(planRouting(engine.model.config, list, { previous }));
    }
    const [here, there] = [await gpu.forward(other), await cpu.forward(other)];
    expect(relativeRms(here.logits, there.logits)).toBeLessThan(1e-5);
    expect(routes(here.trace)).toEqual(routes(there.trace));
    const kept = routes(previous).map((row, at) => (at % 2 ? row : row.filter((id) => id !== previous.expertIds[0])));
    expect(routes(here.trace).slice(0, 24)).toEqual(kept);
    const first = here.trace.gateWeights.subarray(0, 2);
    expect(first[0]).toBeCloseTo(1, 6);
    expect(
      routes(here.trace)
        .slice(24)
        .every((row) => row.length === 2),
    ).toBe(true);
  });

  it('the runner-up: ranks k and k + 1 swapped in one layer; none where all are taken', async () => {
    start([]);
    const { config } = gpu.model;
    const plan = planRouting(config, []);
    const wide = planRouting(config, [{ kind: 'k', layer: 0, k: 3 }]);
    cpu.setRouting(wide);
    const ranked = routes((await cpu.forward(IDS)).trace);
    start([]);
    for (const engine of [gpu, cpu]) engine.setRouting(withRunnerUp(plan, 0));
    const [here, there] = [await gpu.forward(IDS), await cpu.forward(IDS)];
    expect(relativeRms(here.logits, there.logits)).toBeLessThan(1e-5);
    routes(here.trace).forEach((row, at) => {
      if (at % 2 === 0) expect(row).toEqual([ranked[at][0], ranked[at][2]]);
    });
    expect(() => withRunnerUp(planRouting(config, [{ kind: 'k', layer: 1, k: 8 }]), 1)).toThrow(/no runner-up/);
    const forced: Intervention[] = [0, 1].map((expert) => ({ kind: 'force', layer: 1, expert }));
    expect(() => withRunnerUp(planRouting(config, forced), null)).toThrow(/no runner-up/);
  });
});

it.each([true, false])(
  'k = E with more tokens than the wide lane takes in one pass (software %s)',
  async (software) => {
    const [gpu, cpu] = await both({ contextLength: 64, experts: 16 }, software);
    for (const engine of [gpu, cpu]) {
      engine.setRouting(planRouting(engine.model.config, [{ kind: 'k', layer: null, k: 16 }]));
    }
    const ids = Array.from({ length: 50 }, (_, i) => (i * 31 + 7) % 250);
    const [here, there] = [await gpu.forward(ids), await cpu.forward(ids)];
    expect(relativeRms(here.logits, there.logits)).toBeLessThan(1e-5);
    expect((await gpu.score(ids)).losses.length).toBe(49);
  },
);

it.each([true, false])(
  'an expert that is off, and an unused slot, are never computed: their weights may be anything (software %s)',
  async (software) => {
    const off: Intervention[] = [0, 1].map((layer) => ({ kind: 'off', layer, expert: 3 }));
    const model = loadModel(randomModel('qwen3moe', { type: 'f32' }));
    const poisoned = loadModel(randomModel('qwen3moe', { type: 'f32' }));
    for (const layer of poisoned.weights.layers) {
      for (const tensor of [layer.gate, layer.up, layer.down]) {
        const size = tensor.data.byteLength / 8;
        new Float32Array(tensor.data.buffer, tensor.data.byteOffset + 3 * size, size / 4).fill(Number.NaN);
      }
    }
    for (const list of [off, [...off, { kind: 'k', layer: null, k: 5 } as const]]) {
      const outputs: Float32Array[] = [];
      for (const each of [model, poisoned]) {
        const gpu = createGpu(found.gpu.device, software ? { software, tuning: { few: 4 } } : {});
        const engine = await createWebGpuEngine(each, { info: found.info, gpu });
        engine.setRouting(planRouting(each.config, list));
        const prefill = await engine.forward(IDS);
        engine.truncate(5);
        const decode = await engine.forward([IDS[5]]);
        const cpu = createCpuEngine(each);
        cpu.setRouting(planRouting(each.config, list));
        outputs.push(prefill.logits, decode.logits, (await cpu.forward(IDS)).logits);
        if (each === poisoned) {
          engine.setRouting(planRouting(each.config, []));
          engine.truncate(0);
          expect((await engine.forward(IDS)).logits.some(Number.isNaN)).toBe(true);
        }
      }
      for (let i = 0; i < 3; i++) expect(outputs[i + 3]).toEqual(outputs[i]);
      expect(outputs[0].every(Number.isFinite)).toBe(true);
    }
  },
);

describe('looking into one position', async () => {
  it.each([...CASES, ['nothing', []] as [string, Intervention[]]])(
    '%s: norms, logits and weights of both engines',
    async (_, list) => {
      const [gpu, cpu] = await both();
      const ids = IDS.slice(0, 12);
      for (const engine of [gpu, cpu]) {
        engine.setRouting(planRouting(engine.model.config, list));
        await engine.read(ids);
      }
      const [here, there] = [await gpu.inspect(IDS[12]), await cpu.inspect(IDS[12])];
      expect(here.position).toBe(12);
      expect(here.expertIds).toEqual(there.expertIds);
      for (const field of [
        'logits',
        'probabilities',
        'gateWeights',
        'outputNorms',
        'sumNorms',
        'residualNorms',
      ] as const) {
        expect(relativeRms(here[field], there[field])).toBeLessThan(1e-5);
      }
      // The softmax of the logits with their biases is what the router reported.
      const { layers, experts } = gpu.model.config;
      for (let layer = 0; layer < layers; layer++) {
        const { bias } = planRouting(gpu.model.config, list).controls[layer];
        const masses = Array.from({ length: experts }, (_, e) => Math.exp(here.logits[layer * experts + e] + bias[e]));
        const sum = masses.reduce((a, b) => a + b);
        const row = here.probabilities.subarray(layer * experts, (layer + 1) * experts);
        expect(
          relativeRms(
            row,
            masses.map((mass) => mass / sum),
          ),
        ).toBeLessThan(1e-5);
        const { sumNorms, outputNorms, gateWeights, slots } = here;
        const most = Array.from(
          { length: slots },
          (_, j) => outputNorms[layer * slots + j] * gateWeights[layer * slots + j],
        );
        expect(sumNorms[layer]).toBeLessThanOrEqual(most.reduce((a, b) => a + b) * 1.0001);
        expect(sumNorms[layer]).toBeGreaterThan(0);
      }
    },
  );

  it('refuses a dense model', async () => {
    const model = loadModel(randomModel('qwen3'));
    const gpu = await createWebGpuEngine(model, { info: found.info, gpu: createGpu(found.gpu.device) });
    for (const engine of [gpu, createCpuEngine(model)]) await expect(engine.inspect(1)).rejects.toThrow(/dense/);
  });
});

it('a job aside leaves the text as it was, bit for bit, whatever it ran', async () => {
  for (const engine of await both()) {
    const { config } = engine.model;
    const begin = () => {
      engine.truncate(0);
      engine.setRouting(planRouting(config, []));
      return collect(engine.generate({ ids: IDS.slice(0, 9), maxTokens: 8, sampling: SAMPLING }));
    };
    const whole = await begin();
    const [last] = drawn(whole).slice(-1);
    const undisturbed = await engine.forward([last]);
    await begin();
    for (const from of [0, 5, 16]) {
      await engine.aside(from, async () => {
        engine.truncate(from);
        engine.setRouting(planRouting(config, [{ kind: 'k', layer: null, k: 6 }]));
        await engine.forward(IDS.slice(0, 20));
        if (from === 0) await engine.score(IDS);
      });
      expect(engine.length).toBe(16);
    }
    await expect(
      engine.aside(0, async () => {
        engine.truncate(0);
        await engine.read([3, 4]);
        throw new Error('stumbled');
      }),
    ).rejects.toThrow('stumbled');
    engine.setRouting(planRouting(config, []));
    const disturbed = await engine.forward([last]);
    expect(disturbed.logits).toEqual(undisturbed.logits);
    expect(disturbed.trace).toEqual(undisturbed.trace);
  }
});
