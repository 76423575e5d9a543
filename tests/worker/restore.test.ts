/** After the loss of a device a text is read again: its keys and values must be those that writing it left, bit for bit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Intervention, planRouting } from '../../src/engine/interventions.ts';
import type { Engine } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { readBuffer } from '../../src/gpu/buffers.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { loadModel } from '../../src/model/load.ts';
import { CurrentText } from '../../src/worker/currentText.ts';
import { RunningText } from '../../src/worker/text.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';

const instance = createInstance();
const { gpu, info } = await findGpu(instance);
afterAll(() => gpu.device.destroy());
const model = loadModel(randomModel('qwen3moe', { type: 'q4_0', layers: 1 }));
const sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 5 };
const PROMPT = Array.from({ length: 9 }, (_, i) => (i * 37 + 11) % 250);

const onGpu = (software: boolean) =>
  createWebGpuEngine(model, { info, gpu: createGpu(gpu.device, { software, tuning: { few: 4 } }) });

/** Keys and values of the positions that the engine holds; of the CPU, the logits that hang on them. */
async function held(engine: Engine): Promise<Uint32Array[]> {
  if (!(engine instanceof WebGpuEngine)) {
    const { logits } = await engine.forward([7]);
    engine.truncate(engine.length - 1);
    return [new Uint32Array(logits.buffer)];
  }
  const { kvHeads, headDim } = model.config;
  const { keys, values } = engine.activations;
  const bytes = 4 * engine.length * kvHeads * headDim;
  const caches = [...keys, ...values].map((cache) => readBuffer(engine.gpu.device, cache, 0, bytes));
  return (await Promise.all(caches)).map((cache) => new Uint32Array(cache));
}

/** Writes as a run does, with other interventions from the tenth token on. */
async function write(current: CurrentText, engine: Engine, change: readonly Intervention[]): Promise<RunningText> {
  const text = new RunningText(model.tokenizer, PROMPT);
  current.replace(text);
  for (const maxTokens of [10, 12]) {
    for await (const batch of engine.generate({ ids: text.toRun(engine.length), maxTokens, sampling })) {
      text.take(batch.tokens);
      text.note(batch);
      text.draw(batch.sampled[batch.count - 1]);
    }
    if (change.length) current.rules.set(engine, change);
  }
  return text;
}

describe.each<[string, () => Promise<Engine>]>([
  ['a GPU', () => onGpu(false)],
  ['a software adapter', () => onGpu(true)],
  ['the CPU', async () => createCpuEngine(model)],
])('on %s', (_, create) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });

  it.each<[string, readonly Intervention[]]>([
    ['a text', []],
    ['a text under interventions that changed', [{ kind: 'off', layer: 0, expert: 2 }]],
    ['a text with more experts than the model’s own', [{ kind: 'k', layer: null, k: 4 }]],
  ])('%s is there again as it was written', async (_, change) => {
    engine.truncate(0);
    engine.setRouting(planRouting(model.config, []));
    const current = new CurrentText(() => engine);
    const text = await write(current, engine, change);
    expect(text.routed.length).toBeGreaterThan(PROMPT.length + 15);
    const written = await held(engine);
    engine.truncate(0);
    await current.restore(text);
    expect(engine.length).toBe(text.routed.length);
    expect(await held(engine)).toEqual(written);
  });
});
