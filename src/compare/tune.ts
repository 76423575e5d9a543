/**
 * The measured search on this adapter, for the model that is open: decode's kernels on one token's pass, prefill's on a
 * short prompt's, attention on as much of both. Each family starts from what the engine runs with.
 */
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { createBuffer, PASS_STATE, readBuffer, uploadBuffer } from '../gpu/buffers.ts';
import { encode, run } from '../gpu/dispatch.ts';
import { type Candidate, candidates, FAMILIES, type KernelFamily } from '../gpu/tuning.ts';
import type { Dispatch, Gpu, Tuning } from '../gpu/types.ts';
import { attention } from '../kernels/attention.ts';
import type { ModelConfig } from '../model/types.ts';
import { random, randomValues } from '../reference/random.ts';
import { type OwnPass, planOwnPass } from './ownPass.ts';
import { createStopwatch } from './sampler.ts';
import { type Contender, type SearchedFamily, searchFamily, type Trial } from './search.ts';

/** A search, as the page keeps and shows it: plain data. */
export interface TuningSearch {
  readonly adapter: string;
  readonly software: boolean;
  readonly model: string;
  readonly clock: 'timestamps' | 'wall';
  /** How long it took. */
  readonly milliseconds: number;
  readonly families: readonly SearchedFamily[];
  /** The best of every family, joined. */
  readonly tuning: Partial<Tuning>;
}

/** Tokens of the prompt, and of the positions that attention sees. */
const PROMPT = 64;
const CONTEXT = 256;

/** @throws UserError device-lost, wrong-results, no-clock; the signal's reason when aborted. */
export async function searchTuning(
  engine: WebGpuEngine,
  onProgress: (done: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<TuningSearch> {
  const start = performance.now();
  const { gpu, info, model } = engine;
  const watch = createStopwatch(gpu.device, (coming) => engine.arrival(coming));
  const families: SearchedFamily[] = [];
  try {
    for (const [done, family] of FAMILIES.entries()) {
      onProgress(done, FAMILIES.length);
      const contenders = contendersOf(engine, family);
      if (contenders.length < 2) continue;
      families.push(await searchFamily({ family, work: WORK[family](model.config), contenders }, watch, signal));
    }
    onProgress(FAMILIES.length, FAMILIES.length);
  } finally {
    watch.destroy();
  }
  return {
    adapter: info.name,
    software: info.fallback,
    model: model.config.name,
    clock: watch.clock,
    milliseconds: performance.now() - start,
    families,
    tuning: Object.assign({}, ...families.map(({ tuning }) => tuning)),
  };
}

const promptOf = ({ contextLength }: ModelConfig) => Math.min(PROMPT, contextLength);
const contextOf = ({ contextLength }: ModelConfig) => Math.min(CONTEXT, contextLength);

const WORK: Readonly<Record<KernelFamily, (config: ModelConfig) => string>> = {
  gemv: () => 'one token through the whole model',
  gemm: (config) => `${promptOf(config)} tokens through all layers`,
  attention: (config) => `attention of one layer: ${promptOf(config)} tokens together and as many one by one`,
};

/** What stands comes first; it is one of the candidates unless somebody set the tuning by hand. */
function contendersOf(engine: WebGpuEngine, family: KernelFamily): Contender[] {
  const { gpu } = engine;
  const all = candidates(family, gpu.device.features);
  const stands = ({ tuning }: Candidate) =>
    Object.entries(tuning).every(([field, value]) => gpu.tuning[field as keyof Tuning] === value);
  const standing = all.find(stands);
  if (!standing) return [];
  return [standing, ...all.filter((each) => each !== standing)].map(({ name, tuning }) => ({
    name,
    tuning,
    prepare: () => TRIALS[family](engine, { ...gpu, tuning: { ...gpu.tuning, ...tuning } }),
  }));
}

type MakeTrial = (engine: WebGpuEngine, gpu: Gpu) => Promise<Trial>;

const TRIALS: Readonly<Record<KernelFamily, MakeTrial>> = {
  gemv: (engine, gpu) =>
    modelTrial(engine, gpu, 1, async ({ a, pass: { few, head } }) => ({
      // Without the draw, which would move on to the next position.
      dispatches: [...few, ...head.filter(({ name }) => name !== 'sample')],
      output: a.logits,
      words: engine.model.config.vocabulary,
    })),
  gemm: (engine, gpu) =>
    modelTrial(engine, gpu, promptOf(engine.model.config), async ({ a, pass: { many } }, tokens) => ({
      dispatches: await many(),
      output: a.x,
      words: tokens * engine.model.config.width,
    })),
  attention: attentionTrial,
};

/** A pass of `tokens` tokens from the beginning. */
async function modelTrial(
  engine: WebGpuEngine,
  gpu: Gpu,
  tokens: number,
  plan: (
    own: OwnPass,
    tokens: number,
  ) => Promise<{ dispatches: readonly Dispatch[]; output: GPUBuffer; words: number }>,
): Promise<Trial> {
  const { device } = gpu;
  const own = await planOwnPass(engine, gpu, tokens, 0);
  try {
    const { dispatches, output, words } = await plan(own, tokens);
    return {
      encode: (pass) => encode(pass, dispatches, tokens),
      async result() {
        run(device, dispatches, tokens);
        return new Float32Array(await readBuffer(device, output, 0, 4 * words));
      },
      destroy: own.destroy,
    };
  } catch (cause) {
    own.destroy();
    throw cause;
  }
}

/** A prompt at the end of a context, and as many single tokens there: reading and writing weigh the same. */
async function attentionTrial({ model }: WebGpuEngine, gpu: Gpu): Promise<Trial> {
  const { config } = model;
  const { device } = gpu;
  const [prompt, context] = [promptOf(config), contextOf(config)];
  const { heads, kvHeads, headDim, attentionScale } = config;
  const next = random(2);
  const buffers = {
    q: uploadBuffer(device, 'q', randomValues(prompt * heads * headDim, next)),
    kCache: uploadBuffer(device, 'keys', randomValues(context * kvHeads * headDim, next)),
    vCache: uploadBuffer(device, 'values', randomValues(context * kvHeads * headDim, next)),
  };
  const outputs = [prompt, 1].map((tokens) => createBuffer(device, 'attended', 4 * tokens * heads * headDim));
  const states = [
    [prompt, context - prompt],
    [1, context - 1],
  ].map(([tokens, position]) => uploadBuffer(device, 'pass', Uint32Array.of(tokens, position, 0, 0), PASS_STATE));
  const destroy = () => {
    for (const buffer of [...Object.values(buffers), ...outputs, ...states]) buffer.destroy();
  };
  try {
    const shape = { heads, kvHeads, headDim, scale: attentionScale, contextLength: context };
    const [many, one] = await Promise.all(
      states.map((pass, i) => attention(gpu, shape, { ...buffers, y: outputs[i], pass })),
    );
    const encodeBoth = (pass: GPUComputePassEncoder) => {
      encode(pass, [many], prompt);
      for (let token = 0; token < prompt; token++) encode(pass, [one], 1);
    };
    return {
      encode: encodeBoth,
      async result() {
        run(device, [many], prompt);
        run(device, [one], 1);
        const read = async (buffer: GPUBuffer) => new Float32Array(await readBuffer(device, buffer));
        return Float32Array.from((await Promise.all(outputs.map(read))).flatMap((values) => [...values]));
      },
      destroy,
    };
  } catch (cause) {
    destroy();
    throw cause;
  }
}
