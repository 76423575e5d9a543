/** Layers of published models: what is timed computes what its f64 twin does, slices are slices, a lost GPU is no crash. */
import { afterAll, describe, expect, it } from 'vitest';
import { type BlockSize, createBlockBuffers } from '../../src/compare/blockBuffers.ts';
import { type Path, planBlock } from '../../src/compare/blockPlan.ts';
import type { Block } from '../../src/compare/candidates.ts';
import { probeLayer } from '../../src/compare/probe.ts';
import type { PublishedModel } from '../../src/compare/published.ts';
import { loadLayer } from '../../src/compare/publishedLayer.ts';
import { PUBLISHED } from '../../src/compare/publishedTable.ts';
import { buffersFor, checkSlice, slicesOf } from '../../src/compare/slices.ts';
import { readBuffer, uploadBuffer } from '../../src/gpu/buffers.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { run } from '../../src/gpu/dispatch.ts';
import { randomWeights } from '../../src/kernels/randomWeights.ts';
import { halfToFloat } from '../../src/model/dequantise.ts';
import * as experts from '../../src/reference/experts.ts';
import { gate } from '../../src/reference/gate.ts';
import { matmul, rmsNorm } from '../../src/reference/linear.ts';
import { random, randomValues } from '../../src/reference/random.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';
import { Service } from '../../src/worker/service.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';
import { pageEnd } from '../worker/pageEnd.ts';

const instance = createInstance();
const adapter = await instance.requestAdapter();
if (!adapter) throw new Error('These tests need a WebGPU adapter.');
const device = await adapter.requestDevice();
const gpu = createGpu(device, { software: true });
afterAll(() => {
  device.destroy();
  // Named here so that it is not collected before: it must outlive the device.
  void instance;
});

const FULL = process.env.MOESCOPE_FULL === '1';

const find = (id: string) => PUBLISHED.find((model) => model.id === id)!;

/** A published model with its rules, made small. */
const small = (id: string): PublishedModel => {
  const model = find(id);
  const { routing, shared } = model;
  const count = routing.groups?.count ?? 1;
  return {
    ...model,
    ...{ width: 64, experts: 2 * count * (count > 1 ? 1 : 8), expertsPerToken: 3, expertHidden: 32 },
    shared: shared && { ...shared, hidden: 64 },
  };
};

const floats = async (buffer: GPUBuffer) => Float64Array.from(new Float32Array(await readBuffer(device, buffer)));
const halves = async (buffer: GPUBuffer) =>
  Float64Array.from(new Uint16Array(await readBuffer(device, buffer)), halfToFloat);

/** Σ over all given FFNs, weighed: gate and up rows, then down. */
async function ffnTwin(
  { gateUp, down }: Block['layers'][number],
  { activation, width }: BlockSize,
  h: Float64Array,
  ids: number[],
  weights: number[],
): Promise<Float64Array> {
  const E = gateUp.experts;
  const hidden = gateUp.rows / 2;
  const stacked = await halves(gateUp.buffer);
  const part = (second: number) =>
    Float64Array.from({ length: E * hidden * width }, (_, i) => {
      const expert = Math.floor(i / (hidden * width));
      return stacked[(2 * expert + second) * hidden * width + (i % (hidden * width))];
    });
  const k = ids.length / (h.length / width);
  const activated = experts.expertUp({ experts: E, k, width, activation }, h, ids, part(0), part(1));
  const y = experts.expertDown({ experts: E, hidden }, activated, ids, await halves(down.buffer));
  return experts.combine({ k, scale: 1 }, new Float64Array(h.length), y, weights);
}

async function blockTwin({ size, layers: [layer] }: Block, x: Float64Array): Promise<Float64Array> {
  const tokens = x.length / size.width;
  const h = rmsNorm(x, await floats(layer.norm), size.epsilon);
  const ones = (value: number) => new Array<number>(tokens).fill(value);
  let [ids, weights] = [ones(0), ones(1)];
  if (layer.router) {
    const scores = matmul(h, (await floats(layer.router)).subarray(0, size.experts * size.width), size.width);
    const gated = ones(0).map((_, token) => {
      const logits = Array.from(
        { length: size.experts },
        (_, e) => scores[token * size.experts + e] + size.biases!.logits[e],
      );
      return gate(size.rule, logits, size.biases!.selection, size.k);
    });
    ids = gated.flatMap((each) => each.ids);
    weights = gated.flatMap((each) => each.weights);
  }
  const routed = await ffnTwin(layer, size, h, ids, weights);
  if (!layer.shared) return routed;
  const { gate: own } = layer.shared;
  const logits = own ? matmul(h, (await floats(own)).subarray(0, size.width), size.width) : null;
  const shared = await ffnTwin(
    { ...layer, ...layer.shared, router: null, shared: null },
    size,
    h,
    ones(0),
    ones(1).map((one, token) => (logits ? 1 / (1 + Math.exp(-logits[token])) : one)),
  );
  return routed.map((value, i) => value + shared[i]);
}

describe('a published layer that is timed', () => {
  const ids = ['deepseek-v3', 'qwen1.5-moe-a2.7b', 'gpt-oss-20b'];
  it.each(ids)(
    '%s, made small: MoE and twins compute what their f64 twins do, with both sets of kernels',
    async (id) => {
      const model = small(id);
      const { blocks, destroy } = await loadLayer(gpu, model, model, 'f16');
      expect(blocks.map(({ kind }) => kind)).toEqual(['moe', 'same-active', 'same-total', 'all-on']);
      const tokens = 5;
      const values = randomValues(tokens * model.width, random(7));
      for (const loaded of blocks) {
        const block = { ...loaded, size: { ...loaded.size, scale: 1 } };
        const expected = await blockTwin(block, Float64Array.from(values));
        const largest = Math.max(...expected.map(Math.abs));
        expect(largest).toBeGreaterThan(0.01);
        for (const path of ['few', 'many'] satisfies Path[]) {
          const x = uploadBuffer(device, 'x', values);
          const buffers = await createBlockBuffers(gpu, block.size, tokens, []);
          const steps = await planBlock(gpu, block.size, block.layers[0], buffers, x, path);
          run(
            device,
            steps.map(({ dispatch }) => dispatch),
            tokens,
          );
          const actual = await floats(x);
          const error = Math.max(...expected.map((value, i) => Math.abs(actual[i] - values[i] - value)));
          expect(error / largest, `${block.kind}, ${path}`).toBeLessThan(1e-4);
        }
      }
      destroy();
    },
  );

  it('in slabs is the same sum', async () => {
    const model = { ...small('olmoe-1b-7b'), expertHidden: 64 };
    const { blocks, destroy } = await loadLayer(gpu, model, model, 'f16');
    const total = blocks[2];
    const size = { ...total.size, scale: 1, slabs: 4 };
    const values = randomValues(3 * model.width, random(8));
    const x = uploadBuffer(device, 'x', values);
    const buffers = await createBlockBuffers(gpu, size, 3, []);
    const steps = await planBlock(gpu, size, total.layers[0], buffers, x, 'few');
    run(
      device,
      steps.map(({ dispatch }) => dispatch),
      3,
    );
    const actual = await floats(x);
    // As four experts that every token uses: slabs lie one after another.
    const [layer] = total.layers;
    const slabbed = {
      ...layer,
      gateUp: { ...layer.gateUp, rows: layer.gateUp.rows / 4, experts: 4 },
      down: { ...layer.down, columns: layer.down.columns / 4, experts: 4 },
    };
    const h = rmsNorm(Float64Array.from(values), new Float64Array(model.width).fill(1), size.epsilon);
    const slots = Array.from({ length: 12 }, (_, i) => i % 4);
    const expected = await ffnTwin(
      slabbed,
      size,
      h,
      slots,
      slots.map(() => 1),
    );
    expect(Math.max(...expected.map((value, i) => Math.abs(actual[i] - values[i] - value)))).toBeLessThan(1e-3);
    destroy();
  });
});

describe('random weights', () => {
  it.each(['q4_0', 'q8_0', 'f16'] as const)('%s: about 1/√columns, of both signs, no two rows alike', async (type) => {
    const shape = { type, columns: 1024, rows: 8, experts: 3 };
    const { buffer } = await randomWeights(gpu, shape, 1);
    const bytes = await readBuffer(device, buffer);
    const count = 1024 * 24;
    const scales = type === 'f16' ? 0 : (count * (type === 'q4_0' ? 0.5 : 1)) / 2;
    const all = Array.from(new Uint16Array(bytes), halfToFloat).slice(scales);
    const size = Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / all.length);
    expect(size * { q4_0: 4.6, q8_0: 74, f16: 1 }[type]).toBeGreaterThan(0.5 / 32);
    expect(size * { q4_0: 4.6, q8_0: 74, f16: 1 }[type]).toBeLessThan(2 / 32);
    expect(Math.abs(all.reduce((sum, value) => sum + Math.sign(value), 0) / all.length)).toBeLessThan(0.1);
    const rows = Array.from({ length: 24 }, (_, row) => {
      return new Uint8Array(bytes, row * ((scales || count) / 12), 64).join();
    });
    expect(new Set(rows).size).toBe(24);
  });
});

describe('slices', () => {
  it('start with the whole, keep the groups and the chosen, and shrink', () => {
    for (const model of PUBLISHED) {
      const slices = slicesOf(model);
      expect(slices[0]).toEqual({ experts: model.experts, expertHidden: model.expertHidden });
      for (const slice of slices) expect(() => checkSlice(model, slice)).not.toThrow();
      const inOrder = [...slices].sort((a, b) => b.expertHidden - a.expertHidden || b.experts - a.experts);
      expect(slices).toEqual(inOrder);
      expect(slices.some(({ experts: E }) => E === model.experts / 8 || E === model.expertsPerToken)).toBe(true);
    }
    const v3 = find('deepseek-v3');
    for (const slice of [
      { experts: 8, expertHidden: 2048 },
      { experts: 250, expertHidden: 2048 },
    ]) {
      expect(() => checkSlice(v3, slice)).toThrow('cannot be cut');
    }
    expect(() => checkSlice(v3, { experts: 256, expertHidden: 2000 })).toThrow('cannot be cut');
    expect(() => checkSlice(v3, { experts: 16, expertHidden: 256 })).not.toThrow();
  });

  it('take the bytes worked out by hand', () => {
    // Mixtral at int4: gate and up of 8 experts 8·2·14336·4096·0.5625 B = 528 MB, down half of it.
    const buffers = buffersFor(find('mixtral-8x7b'), { experts: 8, expertHidden: 14_336 }, 'q4_0', 128);
    expect(Math.max(...buffers)).toBe(528_482_304);
    expect(buffers).toContain(264_241_152);
    expect(buffers).toContain(4 * 128 * 8 * 14_336);
  });
});

describe('the probe', () => {
  it('says what fits by the limits, and leaves nothing behind', async () => {
    const limits = { maxBufferSize: 2 ** 24, maxStorageBufferBindingSize: 2 ** 23 };
    const narrow = new Proxy(device, {
      get: (target, name) => {
        if (name === 'limits') return { ...limits, maxComputeWorkgroupsPerDimension: 65_535 };
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const model = find('granite-3.1-1b-a400m');
    const probe = await probeLayer({ ...gpu, device: narrow }, model, 'q4_0');
    expect(probe).toMatchObject({ fits: false, limits });
    expect(probe.reason).toContain('8 MiB');
    expect(probe.largestSlice).not.toBeNull();
    const taken = buffersFor(model, probe.largestSlice!, 'q4_0', 128);
    expect(Math.max(...taken)).toBeLessThanOrEqual(2 ** 23);
    const { experts: E, expertHidden: H } = probe.largestSlice!;
    const larger = slicesOf(model).slice(
      0,
      slicesOf(model).findIndex((slice) => slice.experts === E && slice.expertHidden === H),
    );
    expect(larger.length).toBeGreaterThan(0);
    for (const slice of larger) expect(Math.max(...buffersFor(model, slice, 'q4_0', 128))).toBeGreaterThan(2 ** 23);
  });

  it('finds room for a small layer', async () => {
    const probe = await probeLayer(gpu, { ...small('olmoe-1b-7b') }, 'q8_0');
    expect(probe).toMatchObject({ fits: true, reason: null, largestSlice: { experts: 16, expertHidden: 32 } });
  });

  it('counts a part under which the device is lost as refused, and goes on with a smaller one on a new device', async () => {
    const model = small('olmoe-1b-7b');
    const doomed = await (await instance.requestAdapter())!.requestDevice();
    const give = doomed.createBuffer.bind(doomed);
    doomed.createBuffer = (asked) => {
      doomed.destroy();
      return give(asked);
    };
    let losses = 0;
    const onLoss = async () => {
      losses++;
      return gpu;
    };
    const probe = await probeLayer(createGpu(doomed), model, 'q8_0', { onLoss });
    expect(losses).toBe(1);
    expect(probe.fits).toBe(false);
    expect(probe.reason).toContain('the GPU does not give as much');
    const { experts: E, expertHidden: H } = probe.largestSlice!;
    expect(E * H).toBeLessThan(16 * 32);
    await expect(probeLayer(createGpu(doomed), model, 'q8_0')).resolves.toMatchObject({ largestSlice: null });
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
    return messages.flatMap((each) => (each.type === 'tokens' && each.run === run ? [...each.batch.tokens] : []));
  };
  const request = { prompt: 'hello world', sampling: { temperature: 1, topK: 40, topP: 0.95, seed: 3 } };
  const asked = {
    ...{ id: 'granite-3.1-1b-a400m', precision: 'q4_0' as const },
    ...{ slice: { experts: 8, expertHidden: 64 }, prefillTokens: 2 },
  };

  // Two minutes beside the tests of the browser; there the page times a layer, and engines lose their device elsewhere.
  it.runIf(FULL)('times a slice, and keeps decode and text when the GPU goes away under the prefill', async () => {
    const service = new Service(instance);
    service.connect(port1);
    await service.open(
      { file: new Blob([randomModel('qwen3moe') as Uint8Array<ArrayBuffer>]), device: 'auto' },
      () => {},
    );
    await service.generate({ ...request, run: 1, maxTokens: 8 });
    await service.generate({ ...request, run: 2, maxTokens: 4 });

    let lose = true;
    const timing = await service.publishedLayer(asked, (done, total) => {
      if (lose && done / total > 0.6) service.loseDevice();
      if (done / total > 0.6) lose = false;
    });
    expect(timing).toMatchObject({ slice: asked.slice, wholeModel: null, prefill: null, precision: 'q4_0' });
    expect(timing.lost).toContain('lost');
    expect(timing.shape).toMatchObject({ width: 1024, experts: 8, expertsPerToken: 8, sharedHidden: 0 });
    expect(timing.decode.rows.map(({ kind }) => kind)).toEqual(['moe', 'same-active', 'same-total', 'all-on']);
    expect(timing.decode.segments.map(({ name }) => name)).toEqual(['route', 'up', 'down']);
    for (const { time, bytesRead } of timing.decode.rows) {
      expect(time.median).toBeGreaterThan(0);
      expect(bytesRead).toBeGreaterThan(0);
    }
    await service.generate({ ...request, run: 3, prompt: null, maxTokens: 4 });
    expect([...(await drawn(2)), ...(await drawn(3))]).toEqual(await drawn(1));

    await expect(service.publishedLayer({ ...asked, id: 'gpt-9' }, () => {})).rejects.toMatchObject({
      code: 'bad-input',
    });
    const narrow = { ...asked, slice: { experts: 4, expertHidden: 64 } };
    await expect(service.publishedLayer(narrow, () => {})).rejects.toMatchObject({ code: 'bad-input' });
    const huge = { ...asked, id: 'kimi-k2', slice: undefined };
    await expect(service.publishedLayer(huge, () => {})).rejects.toMatchObject({ code: 'out-of-memory' });
    await service.open({ file: new Blob([randomModel('qwen3') as Uint8Array<ArrayBuffer>]), device: 'cpu' }, () => {});
    await expect(service.probe({ id: 'kimi-k2', precision: 'q4_0' })).rejects.toMatchObject({ code: 'no-webgpu' });
  });
});
