/** Embedding and head larger than a kernel may see: by parts of their rows, to the very bits of the matrices in one piece. */
import { afterAll, describe, expect, it } from 'vitest';
import { concatBatches } from '../../src/engine/batch.ts';
import { planRouting } from '../../src/engine/interventions.ts';
import type { TraceBatch } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import type { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { rowParts } from '../../src/engine/webgpu/fit.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { standIn } from '../../src/gpu/refusals.ts';
import type { Gpu, Tuning } from '../../src/gpu/types.ts';
import { MOST_ROWS, rowReader } from '../../src/kernels/rows.ts';
import { openModel } from '../../src/model/load.ts';
import type { Model, Tensor, TensorType } from '../../src/model/types.ts';
import { instance, random } from '../kernels/device.ts';
import { randomOf } from '../model/published/quants.mjs';
import { type RandomModelOptions, randomModel } from '../model/randomModel.ts';

const { gpu, info } = await findGpu(instance);
afterAll(() => gpu.device.destroy());
/** Staged tiles compile in a quarter of the time of the others. */
const STAGED: Partial<Tuning> = { few: 2, gemm: 'staged' };
const V = 385;
/** Everything else is small enough for the smallest limit below. */
const SMALL = { vocabulary: V, headDim: 8, experts: 4, expertType: 'q4_0', contextLength: 20 } as const;
/** The first and last of the parts of every height below, in no order. */
const IDS = [384, 0, 191, 192, 63, 64, 383, 128, 127, 255, 256, 320, 319, 5];

/** One that lets a kernel see no more than `most` bytes of a buffer, and is held to it. */
function narrow(most: number, gpu: Gpu): Gpu {
  const { device } = gpu;
  const limits = standIn(device.limits, { maxStorageBufferBindingSize: most });
  const createBindGroup: GPUDevice['createBindGroup'] = (asked) => {
    for (const { resource } of asked.entries) {
      const { buffer, offset = 0, size = buffer.size - offset } = resource as GPUBufferBinding;
      if (size > most) throw new RangeError(`${asked.label}: ${size} bytes of “${buffer.label}” are bound.`);
    }
    return device.createBindGroup(asked);
  };
  return { ...gpu, device: standIn(device, { limits, createBindGroup }) };
}

async function collect(engine: WebGpuEngine, temperature: number): Promise<TraceBatch> {
  engine.truncate(0);
  const sampling = { temperature, topK: 40, topP: 0.95, seed: 7 };
  const all: TraceBatch[] = [];
  for await (const batch of engine.generate({ ids: IDS, maxTokens: 6, sampling })) all.push(batch);
  // How many tokens a batch has is a question of time.
  return concatBatches(engine.model.config, all);
}

/** All that comes of a model: by prefill, by decode, drawn and likeliest, scored, and under an intervention. */
async function outcome(engine: WebGpuEngine) {
  const { config } = engine.model;
  const prefill = await engine.forward(IDS);
  engine.truncate(0);
  const decoded: Float32Array[] = [];
  for (const id of IDS.slice(0, 7)) decoded.push((await engine.forward([id])).logits);
  const inspection = await engine.inspect(V - 1);
  const { losses } = await engine.score(IDS);
  const written = await collect(engine, 1);
  const likeliest = await collect(engine, 0);
  engine.setRouting(planRouting(config, [{ kind: 'off', layer: 0, expert: 1 }]));
  return { prefill, decoded, inspection, losses, written, likeliest, changed: await collect(engine, 1) };
}

/** The model with its embedding in a format that random models are not made in. */
function embeddedIn(model: Model, type: TensorType): Model {
  const [columns] = model.weights.tokenEmbedding.shape;
  const next = random(3);
  const { bytes } = randomOf(type.toUpperCase(), columns * V, 0.5, next, () => 2 * next() - 1);
  const tokenEmbedding: Tensor = { name: 'token_embd.weight', type, shape: [columns, V], data: bytes };
  return { ...model, weights: { ...model.weights, tokenEmbedding, output: tokenEmbedding } };
}

describe.each<[string, number, readonly number[], RandomModelOptions, { type?: TensorType; tuning?: Partial<Tuning> }]>(
  [
    ['two parts, tied', 256 * 256, [256, 129], {}, {}],
    ['two parts, decode by lanes', 256 * 256 + 255, [256, 129], {}, { tuning: { lanes: 16, ...STAGED } }],
    ['three, the last of one row', 192 * 68, [192, 192, 1], { type: 'q8_0' }, {}],
    ['seven, the last of one row, untied', 64 * 256, [64, 64, 64, 64, 64, 64, 1], { tied: false }, {}],
    ['three of q6_k', 41_000, [192, 192, 1], { type: 'q8_0', width: 256 }, { type: 'q6_k' }],
    ['tiles of a software adapter', 192 * 256, [192, 192, 1], {}, { tuning: { few: 2 } }],
  ],
)('%s', (_, most, heights, options, { type, tuning = STAGED }) => {
  it('has the bits of the engine that holds them whole', async () => {
    const bytes = randomModel('qwen3moe', { ...SMALL, ...options });
    const source = { bytes: bytes.length, read: async (from: number, to: number) => bytes.slice(from, to) };
    const opened = await openModel(source, 0);
    const model = type ? embeddedIn(opened, type) : opened;
    const wide = createGpu(gpu.device, { software: true, tuning });
    const split = await createWebGpuEngine(model, { info, gpu: narrow(most, wide) });
    const { tokenEmbedding, output } = split.weights;
    expect(tokenEmbedding.map(({ weight }) => weight.rows)).toEqual(heights);
    expect(output.map(({ weight }) => weight.rows)).toEqual(heights);
    expect(output === tokenEmbedding).toBe(options.tied ?? true);
    const whole = await createWebGpuEngine(model, { info, gpu: wide });
    expect(whole.weights.tokenEmbedding.length).toBe(1);
    const [found, expected] = [await outcome(split), await outcome(whole)];
    expect(found).toEqual(expected);
    expect(expected.changed).not.toEqual(expected.written);
    expect(expected.prefill.logits.every(Number.isFinite)).toBe(true);
  });
});

describe('parts of rows', () => {
  const limits = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 } as GPUSupportedLimits;
  const tensor = (type: TensorType, columns: number, rows: number): Tensor => ({
    ...{ name: 'token_embd.weight', type, shape: [columns, rows], data: new Uint8Array() },
    stored: { read: async (from, to) => Uint8Array.of(from / 2 ** 20, to / 2 ** 20) },
  });

  it.each<[string, TensorType, number, number, number]>([
    ['Qwen3 30B', 'q6_k', 2048, 151_936, 2],
    ['the same in half precision', 'f16', 2048, 151_936, 5],
    ['gpt-oss 20B', 'q8_0', 2880, 201_088, 5],
    ['OLMoE', 'q4_k', 2048, 50_304, 1],
  ])('as few as fit WebGPU’s default limits: %s', (_, type, columns, rows, count) => {
    const parts = rowParts({ limits }, tensor(type, columns, rows));
    expect(parts.length).toBe(count);
    expect(parts.reduce((sum, { shape }) => sum + shape[1], 0)).toBe(rows);
    for (const { shape } of parts.slice(0, -1)) expect(shape[1] % 64).toBe(0);
  });

  it('read their own bytes of the file', async () => {
    const parts = rowParts({ limits }, tensor('f16', 2048, 80_000));
    expect(parts.map(({ shape }) => shape[1])).toEqual([32_768, 32_768, 14_464]);
    // In MiB.
    expect([...(await parts[1].stored!.read(2 ** 20, 2 ** 21))]).toEqual([129, 130]);
  });

  it('have no more rows than decode’s kernels launch workgroups for', () => {
    const wide = { limits: { maxStorageBufferBindingSize: 2 ** 32, maxBufferSize: 2 ** 32 } as GPUSupportedLimits };
    const parts = rowParts(wide, tensor('f16', 2816, 262_144));
    expect(parts.map(({ shape }) => shape[1])).toEqual([262_080, 64]);
    const [columns, rows] = [2816, MOST_ROWS];
    const weight = { type: 'f16' as const, columns, rows, experts: 1, buffer: {} as GPUBuffer };
    const { workgroups } = rowReader(createGpu(gpu.device), weight);
    expect(workgroups).toBe(gpu.device.limits.maxComputeWorkgroupsPerDimension);
  });
});
