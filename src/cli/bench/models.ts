/** Whole models: decode and prefill as the page runs them, in turns, and where the GPU's time goes. */
import { expectedExpertsTouched } from '../../compare/costModel.ts';
import type { Work } from '../../compare/limits.ts';
import { type OwnPass, planOwnPass } from '../../compare/ownPass.ts';
import { type Summary, summarise } from '../../compare/timing.ts';
import { createCpuEngine } from '../../engine/cpu/engine.ts';
import type { FoundGpu } from '../../engine/webgpu/adapter.ts';
import type { WebGpuEngine } from '../../engine/webgpu/engine.ts';
import { createWebGpuEngine, type EngineOptions } from '../../engine/webgpu/load.ts';
import { encode } from '../../gpu/dispatch.ts';
import type { Dispatch } from '../../gpu/types.ts';
import { loadModel } from '../../model/load.ts';
import type { Model, Tensor } from '../../model/types.ts';
import { random } from '../../reference/random.ts';
import type { Item } from './measure.ts';
import type { ModelRow } from './report.ts';

/** Prompt and drawn tokens of one run, and how many runs of each model. */
export interface ModelSizes {
  readonly prompt: number;
  readonly tokens: number;
  readonly rounds: number;
}

export interface NamedModel {
  readonly id: string;
  readonly engine: WebGpuEngine;
}

const GREEDY = { temperature: 0, topK: 0, topP: 1, seed: 1 };
/** Tokens whose logits are compared with the f64 engine's. */
const CHECKED = 6;

/** A model that does not stop before it is told to: the number of tokens is what is being timed. */
export async function openModel(
  id: string,
  bytes: Uint8Array,
  found: FoundGpu,
  options: EngineOptions = {},
): Promise<NamedModel> {
  const model = loadModel(bytes);
  const tokenizer = Object.create(model.tokenizer, { ends: { value: new Set() } });
  return { id, engine: await createWebGpuEngine({ ...model, tokenizer }, found, options) };
}

export const promptOf = ({ config }: Model, count: number): number[] => {
  const next = random(5);
  return Array.from({ length: count }, () => Math.floor(config.vocabulary * next()));
};

/** Root mean square of the logits' difference, relative to theirs. */
async function errorOf({ engine }: NamedModel): Promise<number> {
  const ids = promptOf(engine.model, CHECKED);
  engine.truncate(0);
  const { logits } = await engine.forward(ids);
  engine.truncate(0);
  const { logits: expected } = await createCpuEngine(engine.model).forward(ids);
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(logits.map((value, i) => value - expected[i])) / squares(expected));
}

export interface Run {
  /** Tokens per second. */
  readonly prefill: number;
  readonly decode: number;
  /** Milliseconds and submits per token of decode. */
  readonly api: number;
  readonly submits: number;
}

/** A prompt read and `tokens` drawn, from an empty cache. */
export async function runOnce({ engine }: NamedModel, ids: readonly number[], tokens: number): Promise<Run> {
  engine.truncate(0);
  const calls = watchCalls(engine.gpu.device);
  try {
    const start = performance.now();
    let first = 0;
    let before = { milliseconds: 0, submits: 0 };
    let drawn = 0;
    for await (const batch of engine.generate({ ids, maxTokens: tokens + 1, sampling: GREEDY })) {
      if (first === 0) {
        first = performance.now();
        before = calls.count();
      } else drawn += batch.count;
    }
    const decode = performance.now() - first;
    const { milliseconds, submits } = calls.count();
    return {
      prefill: (1000 * ids.length) / (first - start),
      decode: (1000 * drawn) / decode,
      api: (milliseconds - before.milliseconds) / drawn,
      submits: (submits - before.submits) / drawn,
    };
  } finally {
    calls.stop();
  }
}

/** Milliseconds from making a command encoder until its submit returns, and how many there were. */
function watchCalls(device: GPUDevice) {
  const { queue } = device;
  const create = device.createCommandEncoder.bind(device);
  const submit = queue.submit.bind(queue);
  let milliseconds = 0;
  let submits = 0;
  let start = 0;
  device.createCommandEncoder = (descriptor) => {
    start = performance.now();
    return create(descriptor);
  };
  queue.submit = (buffers) => {
    submit(buffers);
    milliseconds += performance.now() - start;
    submits++;
  };
  return {
    count: () => ({ milliseconds, submits }),
    stop() {
      device.createCommandEncoder = create;
      queue.submit = submit;
    },
  };
}

/** All models in turning order, `sizes.rounds` times after a run that warms up; each is checked first. */
export async function measureModels(
  models: readonly NamedModel[],
  sizes: ModelSizes,
  log: (text: string) => void,
): Promise<ModelRow[]> {
  const errors: number[] = [];
  const dispatches: number[] = [];
  for (const model of models) {
    log(`${model.id}: logits beside the f64 engine's, then a run to warm up …`);
    errors.push(await errorOf(model));
    await runOnce(model, promptOf(model.engine.model, sizes.prompt), sizes.tokens);
    const { pass, destroy } = await planOwnPass(model.engine, model.engine.gpu, 1, 0);
    dispatches.push(pass.few.length + pass.head.length);
    destroy();
  }
  log(`${models.length} models, ${sizes.rounds} rounds …`);
  const runs = models.map(() => [] as Run[]);
  for (let i = 0; i < sizes.rounds * models.length; i++) {
    const place = (i + Math.floor(i / models.length)) % models.length;
    const model = models[place];
    runs[place].push(await runOnce(model, promptOf(model.engine.model, sizes.prompt), sizes.tokens));
  }
  return models.map(({ id, engine }, i): ModelRow => {
    const of = (pick: (run: Run) => number): Summary => summarise(runs[i].map(pick));
    const { name, parameters } = engine.model.config;
    return {
      ...{ id, name, parameters, promptTokens: sizes.prompt, drawnTokens: sizes.tokens, error: errors[i] },
      prefill: of(({ prefill }) => prefill),
      decode: of(({ decode }) => decode),
      dispatchesPerToken: dispatches[i],
      submitsPerToken: of(({ submits }) => submits).median,
      apiPerToken: of(({ api }) => api),
    };
  });
}

/**
 * The model's own dispatches, kernel by kernel: what all layers of one pass take. `position` tokens stand in the cache.
 * The model as a whole is checked against the f64 engine, so these rows carry no error of their own.
 */
export async function kernelItems(
  { engine }: NamedModel,
  { pass, rewind }: OwnPass,
  tokens: number,
  position: number,
): Promise<Item[]> {
  const body = tokens <= engine.gpu.tuning.few ? pass.few : await pass.many();
  const dispatches = [...body, ...pass.head];
  const item = (name: string, chosen: readonly Dispatch[], work: Work | null): Item => ({
    name,
    what: `${chosen.length} dispatch${chosen.length > 1 ? 'es' : ''}`,
    work,
    prepare: async () => ({
      encode(encoder, index) {
        // The draw moves the state on; every sample starts where the last one did.
        if (index === 0) rewind();
        encode(encoder, chosen, tokens);
      },
      check: async () => null,
    }),
  });
  const names = [...new Set(dispatches.map(({ name }) => name))];
  const step = dispatches.filter(({ name }) => name !== 'sample');
  return [
    item('all but the draw', step, passWork(engine.model, tokens, position)),
    ...names.map((name) =>
      item(
        name,
        dispatches.filter((each) => each.name === name),
        null,
      ),
    ),
  ];
}

/** Every active weight is multiplied once a token, the head's for the last alone; what is read is read once. */
function passWork({ config, weights }: Model, tokens: number, position: number): Work {
  const { layers, heads, kvHeads, headDim, vocabulary, width, parameters } = config;
  const seen = tokens * position + (tokens * (tokens + 1)) / 2;
  const share = expectedExpertsTouched(config.experts, config.expertsPerToken, tokens) / config.experts;
  const bytesOf = (tensors: readonly (Tensor | null)[]) =>
    tensors.reduce((sum, tensor) => sum + (tensor?.data.byteLength ?? 0), 0);
  const body = weights.layers.map(
    ({ q, k, v, attentionOutput, gate, up, down }) =>
      bytesOf([q, k, v, attentionOutput]) + share * bytesOf([gate, up, down]),
  );
  const cache = layers * 2 * 4 * kvHeads * headDim * (position + tokens);
  return {
    flops:
      2 * (parameters.active - vocabulary * width) * tokens +
      2 * vocabulary * width +
      layers * 4 * heads * headDim * seen,
    bytes: body.reduce((sum, bytes) => sum + bytes, bytesOf([weights.output])) + cache,
  };
}
