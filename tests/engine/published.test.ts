/** Every published architecture, tiny and random: both engines against a float64 forward pass that shares no code with them. */
import { afterAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Engine, NO_EXPERT } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { loadModel } from '../../src/model/load.ts';
import { instance } from '../kernels/device.ts';
import { publishedFile } from '../model/published/file.ts';
import { forward } from '../model/published/forward.mjs';

const { gpu, info } = await findGpu(instance);
const found = { info, gpu: createGpu(gpu.device, { software: true, tuning: { few: 2 } }) };
afterAll(() => gpu.device.destroy());
const IDS = [65, 102, 139, 176, 213, 3, 40, 77];

function relativeRms(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(error / size);
}

describe.each([
  'granitemoe',
  'granitemoe-shared',
  'olmoe',
  'qwen2moe',
  'qwen3moe',
  'qwen3',
  'mixtral',
  'deepseek',
  'ernie4_5-moe',
  'bailingmoe',
  'bailingmoe2',
  'lfm2moe',
  'smallthinker',
  'smallthinker-4b',
  'gpt-oss',
  'deepseek2-lite',
  'deepseek2-v3',
  'phimoe',
  'afmoe',
  'gemma4',
  // The same in parts of what the others do.
  ...(process.env.MOESCOPE_FULL === '1' ? ['deepseek2-lite-mla', 'moonlight'] : []),
])('%s', (name) => {
  const { model: source, bytes } = publishedFile(name);
  const { logits, routes } = forward(source, IDS, { exactGelu: true });
  const expected = Float64Array.from(logits.flatMap((row) => [...row]));
  const model = loadModel(bytes);

  async function check(engine: Engine, bound: number): Promise<void> {
    const whole = await engine.forward(IDS);
    expect(relativeRms(whole.logits, expected)).toBeLessThan(bound);
    const { layers, expertsPerToken: K, experts } = model.config;
    for (let layer = 0; layer < layers && experts > 1; layer++) {
      const theirs = routes.filter((route) => route.layer === layer);
      IDS.forEach((_, t) => {
        const at = (t * layers + layer) * K;
        const ours = [...whole.trace.expertIds.subarray(at, at + K)];
        if (layer < source.spec.dense) expect(ours).toEqual(Array(K).fill(NO_EXPERT));
        else {
          expect(ours).toEqual(theirs[t].top);
          expect(relativeRms(whole.trace.gateWeights.subarray(at, at + K), theirs[t].w)).toBeLessThan(bound);
        }
      });
    }
    engine.truncate(0);
    const one: number[] = [];
    for (const id of IDS) one.push(...(await engine.forward([id])).logits);
    expect(relativeRms(one, expected)).toBeLessThan(bound);
    // What runs aside leaves the cache as it was, also of layers that have no keys.
    engine.truncate(IDS.length);
    await engine.aside(2, async () => {
      engine.truncate(2);
      await engine.read([9, 8, 7]);
    });
    engine.truncate(IDS.length - 1);
    const last = await engine.forward(IDS.slice(-1));
    expect(relativeRms(last.logits, logits[IDS.length - 1])).toBeLessThan(bound);
    if (experts > 1) {
      engine.truncate(0);
      const looked = await engine.inspect(IDS[0]);
      expect(looked.sumNorms.every((norm, layer) => norm > 0 === layer >= source.spec.dense)).toBe(true);
    }
  }

  it('is run by the CPU', () => check(createCpuEngine(model), 1e-6));
  it('is run by the GPU', async () => check(await createWebGpuEngine(model, found), 1e-5));
});
