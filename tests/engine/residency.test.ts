/** Some experts of a layer on the GPU, the others fetched when the router asks: the same bits as with all of them there. */
import { afterAll, describe, expect, it } from 'vitest';
import { simulateAll } from '../../src/compare/expertCache.ts';
import { type Intervention, planRouting } from '../../src/engine/interventions.ts';
import { NO_EXPERT, type TraceBatch } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine, type WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { expertBytes } from '../../src/engine/webgpu/residency.ts';
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
const found = (tuning: Partial<Tuning> = {}) => ({
  info,
  gpu: createGpu(gpu.device, { software: true, tuning: { few: 2, ...tuning } }),
});
const SAMPLING = { temperature: 1, topK: 40, topP: 0.95, seed: 7 };
const IDS = Array.from({ length: 21 }, (_, i) => (i * 37 + 11) % 250);

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

const budgets = ({ config: { experts, expertsPerToken } }: Model) =>
  [...new Set([0.5, 0.25].map((share) => Math.max(expertsPerToken, Math.round(share * experts))))].filter(
    (entries) => entries < experts,
  );

const random = (options: Parameters<typeof randomModel>[1]) => randomModel('qwen3moe', { ...options, seed: 3 });
const MODELS: readonly (readonly [string, () => Uint8Array])[] = [
  ['16 experts, 2 per token', () => random({ experts: 16, expertsPerToken: 2 })],
  ['11 of an odd width, 3 per token, q4_0', () => random({ experts: 11, expertsPerToken: 3, expertType: 'q4_0' })],
  ['q8_0', () => randomModel('olmoe', { experts: 8, expertsPerToken: 2, type: 'q8_0', seed: 4 })],
  ...['granitemoe-shared', 'qwen2moe', 'deepseek', 'ernie4_5-moe', 'bailingmoe2', 'lfm2moe'].map(
    (name) => [name, () => publishedFile(name).bytes] as const,
  ),
];

describe.each(MODELS)('%s', (_, bytes) => {
  const model = loadModel(bytes());
  const all = createWebGpuEngine(model, found()).then((engine) => written(engine));

  it.each(budgets(model))('%i entries: the same bits', async (entries) => {
    const engine = await createWebGpuEngine(model, found(), { expertsOnGpu: entries });
    expect(await written(engine)).toEqual(await all);
    const { misses, bytesMoved } = engine.residency!.counts;
    expect(misses).toBeGreaterThan(entries);
    expect(bytesMoved).toBe(misses * expertBytes(model.weights.layers.at(-1)!));
  });
});
