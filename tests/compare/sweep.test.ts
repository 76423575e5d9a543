/** The sweep over batch sizes: what is measured adds up, what is computed is what the formulas say, nothing is invented. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BlockSize, createBlockBuffers } from '../../src/compare/blockBuffers.ts';
import { type Path, planBlock } from '../../src/compare/blockPlan.ts';
import { loadBlock } from '../../src/compare/candidates.ts';
import type { SweepPoint } from '../../src/compare/contract.ts';
import { blockCost } from '../../src/compare/costModel.ts';
import { crossings } from '../../src/compare/crossings.ts';
import { FEW_ROUNDS, roundsFor } from '../../src/compare/measureStep.ts';
import { createStopwatch } from '../../src/compare/sampler.ts';
import { sweep } from '../../src/compare/sweep.ts';
import { type SteadyTime, steady } from '../../src/compare/timing.ts';
import { routesOf, touchedBy } from '../../src/compare/touched.ts';
import { Visibility, watched } from '../../src/compare/visibility.ts';
import type { UserError } from '../../src/engine/types.ts';
import type { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { readBuffer, uploadBuffer } from '../../src/gpu/buffers.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { run } from '../../src/gpu/dispatch.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import { loadModel } from '../../src/model/load.ts';
import * as experts from '../../src/reference/experts.ts';
import { rmsNorm } from '../../src/reference/linear.ts';
import { random, randomValues } from '../../src/reference/random.ts';
import { freeRouter, route } from '../../src/reference/route.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';

const instance = createInstance();
const adapter = await instance.requestAdapter();
if (!adapter) throw new Error('These tests need a WebGPU adapter.');
const device = await adapter.requestDevice({ requiredFeatures: ['timestamp-query'] });
const info = { kind: 'webgpu', name: 'test', fallback: true, features: [] } as const;
let engine: WebGpuEngine;
beforeAll(async () => {
  const model = loadModel(randomModel('qwen3moe', { expertType: 'q4_0' }));
  engine = await createWebGpuEngine(model, { gpu: createGpu(device, { software: true }), info });
});
afterAll(() => {
  device.destroy();
  // Named here so that it is not collected before: it must outlive the device.
  void instance;
});

const limit = (rate: number) => ({ rate, spread: 0, samples: 1 });
const LIMITS = { bytes: 1, read: limit(1e10), copy: limit(1e10), fma: limit(1e10) };
const HELDOUT = {
  domains: [
    {
      name: 'a',
      title: 'A',
      ids: [
        [1, 2, 3, 4, 5, 6, 7],
        [9, 8, 7, 6, 5],
      ],
    },
  ],
};

const FULL = process.env.MOESCOPE_FULL === '1';

describe('a sweep', () => {
  // A minute and a half; a comparison that loses its device is among the worker's tests.
  it.runIf(FULL)(
    'keeps what was measured when the device is lost in the middle, and fails where nothing was',
    async () => {
      const lose = async (after: number) => {
        const own = await (await instance.requestAdapter())!.requestDevice({ requiredFeatures: ['timestamp-query'] });
        const model = loadModel(randomModel('qwen3moe', { expertType: 'q4_0' }));
        const second = await createWebGpuEngine(model, { gpu: createGpu(own, { software: true }), info });
        const told: string[] = [];
        const watch = watched(
          createStopwatch(own, (coming) => second.arrival(coming)),
          new Visibility(),
        );
        const onProgress = (done: number, total: number) => {
          if (done / total > after) own.destroy();
        };
        const onLoss = async ({ code }: UserError) => told.push(code) > 0;
        const found = sweep(second, {
          ...{ tokens: [1, 2], limits: LIMITS, routes: [], watch, rounds: 3, onProgress, onLoss },
        });
        return { found, told };
      };
      const late = await lose(0.55);
      const { points, lost } = await late.found;
      expect(points.map(({ tokens }) => tokens)).toEqual([1]);
      expect(points[0].rows.every(({ time }) => time.median > 0)).toBe(true);
      expect(lost).toMatch(/device/);
      expect(late.told).toEqual(['device-lost']);
      const early = await lose(0.05);
      await expect(early.found).rejects.toMatchObject({ code: 'device-lost' });
      expect(early.told).toEqual([]);
    },
  );

  it('measures every kind at every size, segments apart, and computes the rest', async () => {
    const watch = watched(createStopwatch(device), new Visibility());
    const routes = await routesOf(engine, HELDOUT);
    const progress: number[] = [];
    const onProgress = (done: number, total: number) => progress.push(done / total);
    const result = await sweep(engine, { tokens: [1, 40], limits: LIMITS, routes, watch, rounds: 3, onProgress });
    const { width, expertHidden, experts: E, expertsPerToken: K } = engine.model.config;
    expect(result.shape).toEqual({ width, expertHidden, experts: E, expertsPerToken: K });
    expect(result.points.map(({ tokens }) => tokens)).toEqual([1, 40]);
    for (const { tokens, rows, segments } of result.points) {
      expect(rows.map(({ kind }) => kind)).toEqual(['moe', 'same-active', 'same-total', 'all-on']);
      for (const { kind, time, flops, bytesHeld, bytesRead, roofline } of rows) {
        const cost = blockCost(kind, result.shape, tokens, 0.5625);
        expect([flops, bytesHeld, bytesRead]).toEqual([cost.flops * tokens, cost.bytesHeld, cost.bytesRead]);
        expect(time.median).toBeGreaterThan(0);
        expect([time.firstHalf, time.secondHalf].every((half) => half > 0)).toBe(true);
        expect(roofline.share).toBeCloseTo(Math.max(flops, bytesRead) / 1e7 / time.median, 9);
      }
      const path = rows[0].path === 'few' ? ['route', 'up', 'down'] : ['route', 'plan', 'up', 'down', 'combine'];
      expect(segments.map(({ name }) => name)).toEqual(path);
      for (const { time } of segments) expect(time.median).toBeGreaterThan(0);
    }
    expect(result.points[0].rows.every(({ path }) => path === 'few')).toBe(true);
    expect(result.points[0].touched).toEqual({ predicted: K, measured: K, windows: 12 });
    expect(result.points[1].touched.measured).toBeNull();
    expect(result.points[1].bytesReadMeasured).toBeNull();
    expect(result.method).toMatchObject({ clock: 'timestamps', rounds: 3, weights: 'q4_0', discarded: 0 });
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    watch.destroy();
  });

  it('refuses sizes that cannot be, and a dense model', async () => {
    const watch = watched(createStopwatch(device), new Visibility());
    const refused = (tokens: number[]) => sweep(engine, { tokens, limits: LIMITS, routes: [], watch });
    for (const tokens of [[], [0], [513], [4, 2], [2, 2], [1.5]]) {
      await expect(refused(tokens)).rejects.toMatchObject({ code: 'bad-input' });
    }
    const dense = await createWebGpuEngine(loadModel(randomModel('qwen3')), { gpu: engine.gpu, info });
    await expect(sweep(dense, { tokens: [1], limits: LIMITS, routes: [], watch })).rejects.toThrow('dense');
    watch.destroy();
  });
});

/** x + block(x), in f64. */
function blockTwin(size: BlockSize, layer: 'own' | 2 | 8, x: Float64Array): Float64Array {
  const { weights, config } = engine.model;
  const f64 = (tensor: Parameters<typeof dequantise>[0]) => Float64Array.from(dequantise(tensor));
  const [norm, router, gate, up, down] = (['ffnNorm', 'router', 'gate', 'up', 'down'] as const).map((name) =>
    f64(weights.layers[0][name]!),
  );
  const { width, expertHidden: hidden, experts: E } = config;
  const tokens = x.length / width;
  const n = layer === 'own' ? size.k : layer;
  const all = Array.from({ length: tokens * n }, (_, slot) => slot % n);
  const chosen = route(
    { width, experts: E, slots: n, normaliseGates: size.rule.normalise, epsilon: size.epsilon },
    freeRouter(E, n),
    ...([x, norm, router] as const),
  );
  const ids = layer === 'own' ? chosen.ids : all;
  const gates = layer === 'own' ? chosen.weights : all.map(() => 1);
  const h = rmsNorm(x, norm, size.epsilon);
  const activated = experts.expertUp({ experts: E, k: n, width }, h, ids, gate, up);
  const y = experts.expertDown({ experts: E, hidden }, activated, ids, down);
  return experts.combine({ k: n, scale: 1 }, x, y, gates);
}

it('takes fewer turns where a repetition is slow', () => {
  expect([roundsFor(3, 9), roundsFor(250, 9), roundsFor(251, 9)]).toEqual([9, 9, FEW_ROUNDS]);
  expect(roundsFor(1000, 3)).toBe(3);
});

describe('a block that is timed', () => {
  const cases = (['moe', 'same-active', 'same-total', 'all-on'] as const).flatMap((kind) =>
    (['few', 'many'] as const).map((path) => [kind, path] as const),
  );
  it.each(cases)('%s, kernels for %s: computes what its f64 twin does', async (kind, path: Path) => {
    const tokens = 21;
    const loaded = await loadBlock(engine, kind, 1);
    const block = { ...loaded, size: { ...loaded.size, scale: 1 } };
    const { width, expertsPerToken, experts: E } = engine.model.config;
    const buffers = await createBlockBuffers(engine.gpu, block.size, tokens, []);
    const values = randomValues(tokens * width, random(tokens)).map((value) => value / 64);
    const x = uploadBuffer(device, 'x', values);
    const steps = await planBlock(engine.gpu, block.size, block.layers[0], buffers, x, path);
    run(
      device,
      steps.map(({ dispatch }) => dispatch),
      tokens,
    );
    const actual = new Float32Array(await readBuffer(device, x, 0, 4 * values.length));
    const n = kind === 'same-active' ? expertsPerToken : kind === 'same-total' ? E : 'own';
    const expected = blockTwin(block.size, n as 2 | 8 | 'own', Float64Array.from(values));
    const change = Math.max(...expected.map((value, i) => Math.abs(value - values[i])));
    const error = Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));
    expect(change).toBeGreaterThan(0);
    expect(error / change).toBeLessThan(1e-3);
    if (kind !== 'moe' && kind !== 'all-on') {
      expect(steps.some(({ segment }) => segment === 'plan' || segment === 'combine' || segment === 'route')).toBe(
        false,
      );
    }
    block.destroy();
  });
});

describe('touched experts', () => {
  const shape = { width: 1, expertHidden: 1, experts: 4, expertsPerToken: 1 };
  const routes = [0, 0, 1, 2, 3, 3].map((expert) => [new Set([expert]), new Set([0])]);

  it('are counted in windows side by side, layer by layer', () => {
    expect(touchedBy(routes, shape, 1)).toEqual({ predicted: 1, measured: 1, windows: 6 });
    // Windows {0,0}, {1,2}, {3,3} of the first layer; the second always the same expert.
    expect(touchedBy(routes, shape, 2).measured).toBeCloseTo((1 + 2 + 1 + 3) / 6);
    expect(touchedBy(routes, shape, 7)).toMatchObject({ measured: null, windows: 0 });
    expect(touchedBy([], shape, 1).measured).toBeNull();
  });
});

describe('crossings', () => {
  const time = (median: number): SteadyTime => steady([median]);
  const point = (tokens: number, moe: number, twin: number): SweepPoint =>
    ({
      tokens,
      rows: [
        { kind: 'moe', time: time(moe), bytesRead: 1 },
        { kind: 'same-total', time: time(twin), bytesRead: 2 },
      ],
    }) as unknown as SweepPoint;

  it('lie where the ratio passes 1, and say which way', () => {
    const found = crossings([point(1, 1, 4), point(4, 2, 4), point(16, 8, 4), point(64, 8, 9)]);
    expect(found.map(({ quantity, against, then }) => [quantity, against, then])).toEqual([
      ['time', 'same-total', 'dearer'],
      ['time', 'same-total', 'cheaper'],
    ]);
    expect(found[0].tokens).toBeCloseTo(8); // half-way from 4 to 16 on a log scale: the ratio goes from 1/2 to 2
    expect(crossings([point(1, 1, 4), point(2, 1, 4)])).toEqual([]);
  });
});

describe('a hidden tab', () => {
  it('holds a measurement up, and what ran meanwhile is taken again', async () => {
    const visibility = new Visibility();
    let runs = 0;
    const watch = watched(
      {
        clock: 'wall',
        run: async () => {
          runs++;
          if (runs === 1) {
            visibility.set(true);
            setTimeout(() => visibility.set(false), 5);
          }
          return { milliseconds: runs, wall: runs };
        },
        destroy() {},
      },
      visibility,
    );
    expect(await watch.run({ encode() {} }, 1)).toEqual({ milliseconds: 2, wall: 2 });
    expect([runs, watch.discarded]).toEqual([2, 1]);
  });

  it('does not hold up a cancel', async () => {
    const visibility = new Visibility();
    visibility.set(true);
    const controller = new AbortController();
    const watch = watched({ clock: 'wall', run: () => Promise.reject(), destroy() {} }, visibility, controller.signal);
    const running = watch.run({ encode() {} }, 1);
    controller.abort('enough');
    await expect(running).rejects.toBe('enough');
  });
});

describe('a steady time', () => {
  it('has halves, and a spread that is told', () => {
    expect(steady([1, 1, 1, 3, 3], 2)).toMatchObject({
      median: 2,
      firstHalf: 2,
      secondHalf: 6,
      unsteady: true,
      samples: 5,
    });
    expect(steady([10, 10.1, 10.2]).unsteady).toBe(false);
  });
});
