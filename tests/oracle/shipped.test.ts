/**
 * The shipped models against llama.cpp. Exactly: our engines on the shipped file, llama.cpp on the same numbers as F32
 * (on the file itself it also rounds activations to 8 bits). On the very file: arg-max and KL, inside stated bounds.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Engine, NOT_SAMPLED, type TraceBatch } from '../../src/engine/types.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { loadModel } from '../../src/model/load.ts';
import { asF32, temporaryFolder } from './files.ts';
import { openOracle, whyNot } from './llama.ts';
import { divergence, mean, relativeRms, rowsOf, table, topTwo } from './measure.ts';
import { ALL_PROMPTS, PROMPTS } from './prompts.ts';
import { openGpu } from './webgpu.ts';

const MODELS = join(dirname(fileURLToPath(import.meta.url)), '../../public/models');
const index = JSON.parse(readFileSync(join(MODELS, 'index.json'), 'utf8')) as {
  models: { id: string; file: string }[];
};
const { models } = index;

/** Bounds. Logits: the issue's. On the quantised file: what 8-bit activations may cost, with room above the measured. */
const LOGITS = 1e-4;
const ARGMAX_AGREEMENT = 0.95;
const MEAN_KL = 0.01;
/** Two logits closer than this are a near-tie: which is larger is a matter of rounding. */
const NEAR_TIE = 1e-3;
/** Two router probabilities closer than this are one. */
const NEAR_ROUTE = 1e-5;

/**
 * MOESCOPE_FULL=1 takes all prompts everywhere, and 64 tokens after each. Otherwise, so that a push is answered soon, one a
 * domain; the twins (the same kernels, fewer of them) get every other one, the one that computes four times as much every
 * fourth, and on the software adapter, which takes 3 s a prompt, half as many.
 */
const FULL = process.env.MOESCOPE_FULL === '1';
/** Tokens of llama.cpp's own text after a prompt. */
const DRAWN = FULL ? 64 : 32;
const CHOSEN = FULL ? ALL_PROMPTS : Object.values(PROMPTS).map(([first]) => first);
function isShare(id: string, prompt: number, of: 2 | 4): boolean {
  return id === 'moe' || FULL || prompt % (id === 'dense-total' ? 2 * of : of) === 0;
}

const skip = whyNot();
if (skip) console.log(`Skipped: ${skip}.`);

const GREEDY = { temperature: 0, topK: 0, topP: 1, seed: 1 };

/** Tokens the engine draws greedily after `ids`. */
async function greedy(engine: Engine, ids: readonly number[], maxTokens: number): Promise<number[]> {
  const drawn: number[] = [];
  for await (const batch of engine.generate({ ids, maxTokens, sampling: GREEDY })) drawn.push(...batch.sampled);
  return drawn.filter((id) => id !== NOT_SAMPLED && !engine.model.tokenizer.ends.has(id));
}

/** Rows [token, layer] where two traces chose different experts: all of them, and those that are no near-tie. */
function routeDifferences(a: TraceBatch, exact: TraceBatch, K: number, E: number): { ties: number; wrong: number } {
  let [ties, wrong] = [0, 0];
  for (let row = 0; row < exact.expertIds.length / K; row++) {
    const p = exact.probabilities.subarray(row * E, (row + 1) * E);
    for (let j = 0; j < K; j++) {
      const [x, y] = [a.expertIds[row * K + j], exact.expertIds[row * K + j]];
      if (x === y) continue;
      if (Math.abs(p[x] - p[y]) < NEAR_ROUTE) ties++;
      else wrong++;
    }
  }
  return { ties, wrong };
}

/** What is found out about one engine on one model. */
class Tally {
  readonly errors: number[] = [];
  positions = 0;
  greedyTies = 0;
  routeTies = 0;

  constructor(readonly engine: Engine) {}

  /** One prompt: `drawn` is llama.cpp's greedy text after `ids`, `theirs` its logits over both, `exact` float64's routes. */
  async compare(ids: readonly number[], drawn: readonly number[], theirs: Float32Array, exact: TraceBatch | null) {
    const { info, model } = this.engine;
    const { vocabulary: V, expertsPerToken: K, experts: E } = model.config;
    const place = `${info.kind} after “${model.tokenizer.decode(ids)}”`;
    this.engine.truncate(0);
    const { logits, trace } = await this.engine.forward([...ids, ...drawn]);
    this.positions += trace.count;
    this.errors.push(relativeRms(logits, theirs));
    // One pass over the other's greedy text: as long as every arg-max is the next token, ours is the same text.
    const own = rowsOf(logits, V).slice(ids.length - 1, -1);
    for (const [i, row] of own.entries()) {
      const { first, margin } = topTwo(row);
      if (first === drawn[i]) continue;
      expect(margin, `${place}: parts from llama.cpp at token ${i}`).toBeLessThan(NEAR_TIE);
      this.greedyTies++;
    }
    if (exact) {
      const { ties, wrong } = routeDifferences(trace, exact, K, E);
      expect(wrong, `${place}: routes that differ from the float64 pass`).toBe(0);
      this.routeTies += ties;
    }
    return { logits, trace };
  }

  get row(): string[] {
    const { errors, positions, greedyTies, routeTies } = this;
    const greedy = greedyTies ? `${greedyTies} near-ties` : 'identical';
    const routes = this.engine.info.kind === 'cpu' ? '' : routeTies ? `${routeTies} near-ties` : 'identical';
    const counts = [`${errors.length}`, `${positions}`, Math.max(...errors).toExponential(1)];
    return [`${this.engine.info.kind}, file as F32`, ...counts, greedy, routes, '', ''];
  }
}

describe.skipIf(skip)('shipped models against llama.cpp', async () => {
  const folder = temporaryFolder();
  const gpu = skip ? 'skipped' : await openGpu();
  if (!skip && typeof gpu === 'string') throw new Error(`These tests need a WebGPU adapter: ${gpu}`);
  const rows: string[][] = [
    ['model', 'engine', 'prompts', 'positions', 'worst rel. RMS', `greedy ${DRAWN}`, 'routes', 'mean KL', 'arg-max'],
  ];
  afterAll(() => {
    folder.remove();
    if (typeof gpu !== 'string') gpu.gpu.device.destroy();
    console.log(table(rows));
  });

  it.each(models)('$id', { timeout: 600_000 }, async ({ id, file }) => {
    const bytes = new Uint8Array(readFileSync(join(MODELS, file)));
    const model = loadModel(bytes);
    const { vocabulary: V } = model.config;
    const exact = await openOracle(folder.write(file, asF32(bytes)));
    const quantised = await openOracle(join(MODELS, file));
    const cpu = new Tally(createCpuEngine(model));
    const webgpu = typeof gpu === 'string' ? null : new Tally(await createWebGpuEngine(model, gpu));
    const divergences: number[] = [];
    const agreements: number[] = [];

    for (const [p, prompt] of CHOSEN.entries()) {
      if (!isShare(id, p, 2)) continue;
      const ids = model.tokenizer.encode(prompt);
      const drawn = await exact.greedy(ids, DRAWN);
      const theirs = await exact.logits([...ids, ...drawn], V);
      const { logits, trace } = await cpu.compare(ids, drawn, theirs, null);
      if (isShare(id, p, 4)) await webgpu?.compare(ids, drawn, theirs, trace);
      const ours = rowsOf(logits, V);
      for (const [t, row] of rowsOf(await quantised.logits([...ids, ...drawn], V), V).entries()) {
        divergences.push(divergence(ours[t], row));
        agreements.push(topTwo(ours[t]).first === topTwo(row).first ? 1 : 0);
      }
    }
    const tallies = [cpu, webgpu].filter((tally) => tally !== null);
    for (const tally of tallies) {
      rows.push([id, ...tally.row]);
      expect(Math.max(...tally.errors)).toBeLessThan(LOGITS);
    }
    const [kl, agreement] = [mean(divergences), mean(agreements)];
    const loose = [kl.toExponential(1), `${(100 * agreement).toFixed(1)} %`];
    rows.push([id, 'cpu, very file', `${cpu.errors.length}`, `${divergences.length}`, '', '', '', ...loose]);
    expect(kl).toBeLessThan(MEAN_KL);
    expect(agreement).toBeGreaterThan(ARGMAX_AGREEMENT);

    // And once in truth, token by token.
    const ids = model.tokenizer.encode(CHOSEN[0]);
    const text = await exact.greedy(ids, 24);
    for (const { engine } of tallies) {
      engine.truncate(0);
      expect(await greedy(engine, ids, 24)).toEqual(text);
    }
    await exact.dispose();
    await quantised.dispose();
  });
});
