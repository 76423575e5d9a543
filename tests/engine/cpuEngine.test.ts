import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Intervention, planRouting } from '../../src/engine/interventions.ts';
import { CANDIDATES, type Engine, NOT_SAMPLED, type Sampling, type TraceBatch } from '../../src/engine/types.ts';
import { loadModel } from '../../src/model/load.ts';
import type { Architecture } from '../../src/model/types.ts';
import { type RandomModelOptions, randomModel } from '../model/randomModel.ts';

const GREEDY: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };
const WARM: Sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 7 };
const PROMPT = [10, 200, 31, 77, 5, 5, 250];

const engineOf = (architecture: Architecture, options: RandomModelOptions = {}) =>
  createCpuEngine(loadModel(randomModel(architecture, options)));

async function write(engine: Engine, ids: readonly number[], maxTokens: number, sampling = WARM, signal?: AbortSignal) {
  const batches: TraceBatch[] = [];
  for await (const batch of engine.generate({ ids, maxTokens, sampling, signal })) batches.push(batch);
  return batches;
}
const drawnIn = (batches: readonly TraceBatch[]) =>
  batches.flatMap((b) => [...b.sampled]).filter((id) => id !== NOT_SAMPLED);

describe.each<Architecture>(['qwen3moe', 'qwen3', 'olmoe', 'granitemoe'])('CPU engine on %s', (architecture) => {
  it('gives the same bits in one pass as token by token', async () => {
    const engine = engineOf(architecture, { contextLength: 128 });
    const ids = Array.from({ length: 75 }, (_, i) => (i * 37) % 256);
    const whole = await engine.forward(ids);
    engine.truncate(0);
    const V = engine.model.config.vocabulary;
    for (const [t, id] of ids.entries()) {
      const { logits, trace } = await engine.forward([id]);
      expect(logits).toEqual(whole.logits.slice(t * V, (t + 1) * V));
      expect(trace.position).toBe(t);
      const row = trace.expertIds.length;
      expect(trace.expertIds).toEqual(whole.trace.expertIds.slice(t * row, (t + 1) * row));
    }
    expect(engine.length).toBe(75);
  });

  it('scores as forward does', async () => {
    const engine = engineOf(architecture);
    const { logits } = await engine.forward(PROMPT);
    const { losses, trace } = await engine.score(PROMPT);
    expect(engine.length).toBe(0);
    expect(trace.count).toBe(PROMPT.length);
    const V = engine.model.config.vocabulary;
    for (const [t, loss] of losses.entries()) {
      const row = logits.subarray(t * V, (t + 1) * V);
      const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
      expect(loss).toBeCloseTo(logSum - row[PROMPT[t + 1]], 4);
    }
  });
});

describe('the trace', () => {
  it('says what the router did', async () => {
    const engine = engineOf('qwen3moe');
    const { trace } = await engine.forward(PROMPT);
    const { layers: L, experts: E, expertsPerToken: K } = engine.model.config;
    for (let row = 0; row < PROMPT.length * L; row++) {
      const p = trace.probabilities.subarray(row * E, (row + 1) * E);
      const ids = [...trace.expertIds.subarray(row * K, (row + 1) * K)];
      const best = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b).slice(0, K);
      expect(ids).toEqual(best);
      expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(trace.gateWeights.subarray(row * K, (row + 1) * K).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
    expect([...trace.sampled]).toEqual(PROMPT.map(() => NOT_SAMPLED));
  });

  it('is all ones for a dense model', async () => {
    const { trace } = await engineOf('qwen3').forward(PROMPT);
    expect(new Set(trace.expertIds)).toEqual(new Set([0]));
    expect(new Set([...trace.gateWeights, ...trace.probabilities])).toEqual(new Set([1]));
    expect(trace.probabilities.length).toBe(PROMPT.length * 2);
  });
});

describe('generate', () => {
  it('yields the prompt, then the drawn tokens; the last drawn is not run', async () => {
    const engine = engineOf('qwen3moe');
    const batches = await write(engine, PROMPT, 5);
    const tokens = batches.flatMap((batch) => [...batch.tokens]);
    const drawn = drawnIn(batches);
    expect(drawn.length).toBe(5);
    expect(tokens).toEqual([...PROMPT, ...drawn.slice(0, 4)]);
    expect(engine.length).toBe(tokens.length);
    const last = batches.at(-1)!;
    expect(last.candidateIds.length).toBe(CANDIDATES);
    expect([...last.candidateProbabilities]).toEqual([...last.candidateProbabilities].sort((a, b) => b - a));
  });

  it('goes on after a pause as if there had been none', async () => {
    const engine = engineOf('qwen3moe');
    const whole = drawnIn(await write(engine, PROMPT, 12));
    engine.truncate(0);
    const first = drawnIn(await write(engine, PROMPT, 5));
    const rest = drawnIn(await write(engine, [first.at(-1)!], 7));
    expect([...first, ...rest]).toEqual(whole);
    engine.truncate(0);
    expect(drawnIn(await write(engine, PROMPT, 12, { ...WARM, seed: 8 }))).not.toEqual(whole);
  });

  it('draws the arg-max when greedy', async () => {
    const engine = engineOf('olmoe');
    const batches = await write(engine, PROMPT, 6, GREEDY);
    for (const batch of batches.slice(1)) expect(batch.sampled[0]).toBe(batch.candidateIds[0]);
  });

  it('stops at a full context, and refuses what does not fit', async () => {
    const engine = engineOf('qwen3', { contextLength: 10 });
    const batches = await write(engine, PROMPT, 50);
    expect(engine.length).toBe(10);
    expect(drawnIn(batches).length).toBe(4);
    await expect(engine.forward([1])).rejects.toMatchObject({ code: 'context' });
    engine.truncate(4);
    await expect(engine.forward(PROMPT)).rejects.toMatchObject({ code: 'context' });
    expect(engine.length).toBe(4);
  });

  it('hears an abort between two tokens', async () => {
    const engine = engineOf('qwen3moe');
    const controller = new AbortController();
    let heard = 0;
    for await (const { count } of engine.generate({
      ids: PROMPT,
      maxTokens: 50,
      sampling: WARM,
      signal: controller.signal,
    })) {
      heard += count;
      if (heard > PROMPT.length + 2) controller.abort();
    }
    expect(engine.length).toBe(heard);
    expect(heard).toBeLessThan(PROMPT.length + 20);
    engine.truncate(0);
    expect(await write(engine, PROMPT, 5, WARM, AbortSignal.abort())).toEqual([]);
    expect(engine.length).toBe(0);
  });

  it('stops at the end of the text', async () => {
    // The token the model likes best after the prompt is declared to be an end, beside the usual one.
    const [first] = drawnIn(await write(engineOf('qwen3moe'), PROMPT, 1, GREEDY));
    for (const key of ['eos', 'eot']) {
      const engine = engineOf('qwen3moe', { metadata: { [`tokenizer.ggml.${key}_token_id`]: { u32: first } } });
      expect(drawnIn(await write(engine, PROMPT, 9, GREEDY))).toEqual([first]);
      expect(engine.length).toBe(PROMPT.length);
    }
  });

  it.each([
    [{ temperature: Number.NaN }, /temperature/],
    [{ temperature: -1 }, /temperature/],
    [{ topP: -0.1 }, /Top-p/],
    [{ topP: 1.5 }, /Top-p/],
    [{ topK: -1 }, /Top-k/],
    [{ topK: 1.5 }, /Top-k/],
    [{ topK: 2 ** 32 + 1 }, /Top-k/],
    [{ seed: 2 ** 32 }, /seed/],
  ])('refuses %o', async (wrong, words) => {
    const run = write(engineOf('qwen3'), PROMPT, 1, { ...WARM, ...wrong });
    await expect(run).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(words) });
  });

  it('refuses an empty prompt and tokens that do not exist', async () => {
    const engine = engineOf('qwen3');
    await expect(write(engine, [], 1)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(engine.forward([99999])).rejects.toMatchObject({ code: 'bad-input' });
    await expect(engine.forward([0.5])).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('knocking experts out', () => {
  it('never chooses them, and comes back', async () => {
    const engine = engineOf('qwen3moe');
    const before = await engine.forward(PROMPT);
    const { experts: E, expertsPerToken: K, layers: L } = engine.model.config;
    const favourite = before.trace.expertIds[0];
    engine.truncate(0);
    engine.setRouting(planRouting(engine.model.config, [{ kind: 'off', layer: 0, expert: favourite }]));
    const after = await engine.forward(PROMPT);
    for (let t = 0; t < PROMPT.length; t++) {
      expect(after.trace.expertIds.subarray(t * L * K, t * L * K + K)).not.toContain(favourite);
      expect(after.trace.probabilities[t * L * E + favourite]).toBe(0);
    }
    expect(after.logits).not.toEqual(before.logits);
    engine.truncate(0);
    engine.setRouting(planRouting(engine.model.config, []));
    expect((await engine.forward(PROMPT)).logits).toEqual(before.logits);
  });

  it('refuses to leave fewer than K', () => {
    const engine = engineOf('qwen3moe');
    const all = Array.from({ length: 7 }, (_, expert): Intervention => ({ kind: 'off', layer: 0, expert }));
    expect(() => planRouting(engine.model.config, all)).toThrow(/only 1 would be left/);
  });
});

it('computes with the dequantised weights', async () => {
  const [q8, f32] = await Promise.all(
    (['q8_0', 'f32'] as const).map(async (type) => (await engineOf('qwen3moe', { type }).forward(PROMPT)).logits),
  );
  const error = Math.sqrt(
    q8.reduce((sum, x, i) => sum + (x - f32[i]) ** 2, 0) / f32.reduce((sum, x) => sum + x * x, 0),
  );
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(0.3);
});
