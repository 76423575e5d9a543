/**
 * The model on the GPU. Routing never leaves it inside a pass: traces and drawn tokens come back while the next tokens
 * already run.
 */
import { encode } from '../../gpu/dispatch.ts';
import { watchRefusals } from '../../gpu/refusals.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import type { CacheFormat } from '../../kernels/cache.ts';
import type { Model } from '../../model/types.ts';
import { concatBatches, sliceBatch } from '../batch.ts';
import { checkedSampling, checkIds, checkLength, checkRouted } from '../checks.ts';
import type { RoutingPlan } from '../interventions.ts';
import type { Engine, EngineInfo, GenerateOptions, Inspection, TraceBatch } from '../types.ts';
import { UserError } from '../types.ts';
import { type Activations, createActivations } from './activations.ts';
import type { FoundGpu } from './adapter.ts';
import { type AllLogits, planAllLogits } from './allLogits.ts';
import { keepCache } from './aside.ts';
import { checkMatrices } from './fit.ts';
import { type Flight, land, launch } from './flights.ts';
import { type ForwardPass, planForwardPass } from './forwardPass.ts';
import { type InspectionPlan, planInspection, readInspection } from './inspection.ts';
import { FLIGHT, FLIGHTS, type Lane, Lanes, type Ready } from './lanes.ts';
import { readBatch, windowWords } from './readback.ts';
import { DeviceWatch } from './watch.ts';
import { type GpuWeights, uploadModel } from './weights.ts';

/** Tokens of one prefill pass, at most. */
const CHUNK = 256;
/** A submit should take about a frame: text comes evenly, and a cancel is obeyed at once. */
const FLIGHT_MILLISECONDS = 14;

export type LoadStage = 'upload' | 'compile';

export interface EngineOptions {
  /** How keys and values are kept: f32 unless said otherwise. */
  readonly cache?: CacheFormat;
  readonly onProgress?: (stage: LoadStage, done: number, total: number) => void;
}

/** @throws UserError out-of-memory, also when one matrix is larger than the adapter lets a shader see. */
export async function createWebGpuEngine(
  model: Model,
  { gpu, info }: FoundGpu,
  { cache = 'f32', onProgress = () => {} }: EngineOptions = {},
): Promise<WebGpuEngine> {
  checkMatrices(gpu.device, model);
  const refusals = watchRefusals(gpu);
  const watched = refusals.gpu;
  const weights = await uploadModel(watched, model, (done, total) => onProgress('upload', done, total));
  const chunk = Math.min(CHUNK, model.config.contextLength);
  const activations = createActivations(watched, model.config, { maxTokens: chunk, inFlight: FLIGHT * FLIGHTS, cache });
  onProgress('compile', 0, 1);
  const pass = await planForwardPass(watched, model.config, weights, activations).catch((cause: Error) => cause);
  const refusal = await refusals.first();
  if (refusal) {
    const mebibytes = Math.ceil(model.bytes / 2 ** 20);
    throw new UserError(
      'out-of-memory',
      `The GPU has no room for this model (${mebibytes} MiB of weights): ${refusal.message}`,
      'Close other tabs that use the GPU, or choose a smaller model.',
    );
  }
  if (pass instanceof Error) throw new UserError('wrong-results', pass.message, 'A newer browser may help.');
  onProgress('compile', 1, 1);
  return new WebGpuEngine(model, gpu, info, weights, activations, pass);
}

export class WebGpuEngine implements Engine {
  #length = 0;
  #allLogits: Promise<AllLogits> | null = null;
  #inspections = new Map<Lane, Promise<InspectionPlan>>();
  readonly #lanes: Lanes;
  readonly #watch: DeviceWatch;

  constructor(
    readonly model: Model,
    readonly gpu: Gpu,
    readonly info: EngineInfo,
    readonly weights: GpuWeights,
    readonly activations: Activations,
    pass: ForwardPass,
  ) {
    this.#lanes = new Lanes(gpu, model.config, weights, activations, pass);
    this.#watch = new DeviceWatch(gpu.device);
  }

  get length(): number {
    return this.#length;
  }

  truncate(length: number): void {
    this.#length = Math.max(0, Math.min(length, this.#length));
  }

  setRouting(plan: RoutingPlan): void {
    this.#lanes.routing = plan;
  }

  async forward(ids: readonly number[]): Promise<{ trace: TraceBatch; logits: Float32Array }> {
    const { config } = this.model;
    checkIds(config, this.#length, ids);
    const all = await this.#planAllLogits();
    const logits = new Float32Array(ids.length * config.vocabulary);
    const batches: TraceBatch[] = [];
    for (let done = 0; done < ids.length; ) {
      const { chunk, ready } = await this.#next(ids, done);
      batches.push(await this.#prefill(ready, chunk, all.head, false));
      const words = await this.arrival(all.staging.fetch(all.logits, chunk.length * config.vocabulary));
      logits.set(new Float32Array(words.buffer), done * config.vocabulary);
      done += chunk.length;
    }
    return { trace: concatBatches(config, batches), logits };
  }

  async read(ids: readonly number[], decoded = false): Promise<TraceBatch> {
    checkIds(this.model.config, this.#length, ids);
    const batches: TraceBatch[] = [];
    for (let done = 0; done < ids.length; done += batches[batches.length - 1].count) {
      const { chunk, ready } = await this.#next(ids, done, decoded ? this.gpu.tuning.few : ids.length);
      batches.push(await this.#prefill(ready, chunk, [], false));
    }
    return concatBatches(this.model.config, batches);
  }

  async inspect(id: number): Promise<Inspection> {
    const { config } = this.model;
    checkRouted(config);
    checkIds(config, this.#length, [id]);
    const ready = await this.#planned(this.#lanes.ready());
    const { lane } = ready;
    const plan = this.#inspections.get(lane) ?? planInspection(this.gpu, config, this.weights, lane.a);
    this.#inspections.set(lane, plan);
    const { dispatches, staging, found, words } = await this.#planned(plan);
    const batch = await this.#run(ready, new Uint32Array([id]), dispatches, false);
    return readInspection(await this.arrival(staging.fetch(found, words)), lane.a, config, batch);
  }

  async aside<T>(from: number, job: () => Promise<T>): Promise<T> {
    const length = this.#length;
    const restore = keepCache(this.gpu.device, this.model.config, this.activations, [from, length]);
    try {
      return await job();
    } finally {
      restore();
      this.#length = length;
    }
  }

  async score(ids: readonly number[]): Promise<{ losses: Float32Array; trace: TraceBatch }> {
    const { config } = this.model;
    this.truncate(0);
    checkIds(config, 0, ids);
    const all = await this.#planAllLogits();
    const losses = new Float32Array(ids.length - 1);
    const batches: TraceBatch[] = [];
    for (let first = 0; first < ids.length; first = this.#length) {
      const { chunk, ready } = await this.#next(ids, first);
      // The last position has nothing to predict; its target is any token, its loss is not taken.
      const targets = chunk.map((_, t) => ids[first + t + 1] ?? 0);
      this.gpu.device.queue.writeBuffer(all.targets, 0, new Uint32Array(targets));
      batches.push(await this.#prefill(ready, chunk, [...all.head, all.loss], false));
      const words = await this.arrival(all.staging.fetch(all.losses, chunk.length));
      losses.set(new Float32Array(words.buffer).subarray(0, Math.min(chunk.length, losses.length - first)), first);
    }
    this.truncate(0);
    return { losses, trace: concatBatches(config, batches) };
  }

  async *generate({ ids, maxTokens, sampling, signal }: GenerateOptions): AsyncIterable<TraceBatch> {
    const choice = checkedSampling(sampling);
    checkLength(maxTokens);
    checkIds(this.model.config, this.#length, ids);
    this.#writeSampling(choice);
    let next = 0;
    for (let done = 0; done < ids.length; ) {
      if (signal?.aborted) return;
      const { chunk, ready } = await this.#next(ids, done);
      done += chunk.length;
      const last = done === ids.length;
      const batch = await this.#prefill(ready, chunk, last ? ready.lane.pass.head : [], last);
      next = batch.sampled[batch.count - 1];
      yield batch;
    }
    yield* this.#decode(next, maxTokens - 1, signal);
  }

  destroy(): void {
    this.gpu.device.destroy();
  }

  /** What one pass takes of `ids` from `done` on, as the routing in force allows. */
  async #next(ids: readonly number[], done: number, most = ids.length): Promise<{ chunk: number[]; ready: Ready }> {
    const ready = await this.#planned(this.#lanes.ready());
    return { ready, chunk: ids.slice(done, done + Math.min(most, ready.lane.a.maxTokens)) };
  }

  /** One pass over a chunk of known tokens, then `head`. */
  async #prefill(ready: Ready, ids: readonly number[], head: readonly Dispatch[], drawn: boolean): Promise<TraceBatch> {
    const { few, many } = ready.lane.pass;
    const body = ids.length <= this.gpu.tuning.few ? few : await this.#planned(many());
    return this.#run(ready, new Uint32Array(ids), [...body, ...head], drawn);
  }

  /** Runs the dispatches of one pass; `drawn`: they end with the sampler. */
  async #run(
    { lane, ...ruled }: Ready,
    tokens: Uint32Array<ArrayBuffer>,
    dispatches: readonly Dispatch[],
    drawn: boolean,
  ): Promise<TraceBatch> {
    const { config } = this.model;
    const { gpu } = this;
    const { a, prefillStaging } = lane;
    const count = tokens.length;
    gpu.device.queue.writeBuffer(a.pass, 0, new Uint32Array([count, this.#length, 0, 0]));
    gpu.device.queue.writeBuffer(a.tokens, 0, tokens);
    const encoder = gpu.device.createCommandEncoder();
    const compute = encoder.beginComputePass();
    encode(compute, dispatches, count);
    compute.end();
    prefillStaging.copy(encoder, a, config, { first: 0, count });
    gpu.device.queue.submit([encoder.finish()]);
    const words = await this.arrival(prefillStaging.read(windowWords(a, config, count)));
    const position = this.#length;
    const batch = readBatch(words, a, config, { ...ruled, position, tokens, drawn: (t) => drawn && t === count - 1 });
    this.#length += count;
    return batch;
  }

  /** `token` was drawn but has not run. Keeps up to FLIGHTS submits in the air and yields them as they land. */
  async *#decode(token: number, maxTokens: number, signal?: AbortSignal): AsyncIterable<TraceBatch> {
    const { config, tokenizer } = this.model;
    const limit = Math.min(maxTokens, config.contextLength - this.#length);
    const inAir: Flight[] = [];
    let scheduled = 0;
    let launched = 0;
    let steps = 1;
    let landed = performance.now();
    let next = token;
    try {
      while (!tokenizer.ends.has(next) && !signal?.aborted) {
        while (inAir.length < FLIGHTS && scheduled < limit) {
          const count = Math.min(steps, limit - scheduled);
          const ready = await this.#planned(this.#lanes.ready());
          inAir.push(launch(this.gpu.device, config, ready, launched % FLIGHTS, count));
          scheduled += count;
          launched++;
        }
        const flight = inAir.shift();
        if (!flight) return;
        const words = await this.arrival(flight.words);
        const batch = land(words, config, flight, { token: next, position: this.#length });
        const now = performance.now();
        steps = Math.max(1, Math.min(FLIGHT, Math.floor((FLIGHT_MILLISECONDS * flight.steps) / (now - landed))));
        landed = now;
        // By now somebody reads: time to compile what a longer prompt will need.
        flight.lane.pass.many().catch(() => {});
        const end = batch.tokens.findIndex((id) => tokenizer.ends.has(id));
        const kept = end < 0 ? batch : sliceBatch(config, batch, 0, end);
        next = batch.sampled[kept.count - 1];
        this.#length += kept.count;
        yield kept;
      }
    } finally {
      // What is still in the air ran past the end: the cache keeps it, #length forgets it.
      await Promise.allSettled(inAir.map((flight) => flight.words));
    }
  }

  #writeSampling({ temperature, topK, topP, seed }: GenerateOptions['sampling']): void {
    const words = new Uint32Array([0, topK, 0, seed]);
    const floats = new Float32Array(words.buffer);
    floats[0] = temperature;
    floats[2] = topP;
    this.gpu.device.queue.writeBuffer(this.activations.sampling, 0, words);
  }

  #planAllLogits(): Promise<AllLogits> {
    this.#allLogits ??= this.#planned(planAllLogits(this.gpu, this.model.config, this.weights, this.activations));
    return this.#allLogits;
  }

  /** Kernels that are compiled late may fail late: the run then goes on elsewhere. */
  async #planned<T>(kernels: Promise<T>): Promise<T> {
    try {
      return await kernels;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new UserError('wrong-results', message, 'The CPU goes on.');
    }
  }

  /** Waits for what the GPU brings. @throws UserError device-lost, wrong-results */
  arrival<T>(words: Promise<T>): Promise<T> {
    return this.#watch.arrival(words);
  }
}
