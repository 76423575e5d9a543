/**
 * The model on the GPU. Routing never leaves it inside a pass: traces and drawn tokens come back while the next tokens
 * already run.
 */
import { watchRefusals } from '../../gpu/refusals.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import type { CacheFormat } from '../../kernels/cache.ts';
import type { Model } from '../../model/types.ts';
import { concatBatches } from '../batch.ts';
import { checkedSampling, checkIds, checkLength, checkRouted } from '../checks.ts';
import type { RoutingPlan } from '../interventions.ts';
import type { Engine, EngineInfo, GenerateOptions, Inspection, TraceBatch } from '../types.ts';
import { UserError } from '../types.ts';
import { type Activations, createActivations } from './activations.ts';
import type { FoundGpu } from './adapter.ts';
import { type AllLogits, planAllLogits } from './allLogits.ts';
import { keepCache } from './aside.ts';
import { decode } from './decode.ts';
import { checkMatrices, entriesThatFit } from './fit.ts';
import { Foresight } from './foresight.ts';
import { type ForwardPass, planForwardPass } from './forwardPass.ts';
import { type InspectionPlan, planInspection, readInspection } from './inspection.ts';
import { FLIGHT, FLIGHTS, type Lane, Lanes, type Ready } from './lanes.ts';
import { runPass, type Site } from './passes.ts';
import { entriesFor, Residency } from './residency.ts';
import { DeviceWatch } from './watch.ts';
import { type GpuWeights, uploadModel } from './weights.ts';

/** Tokens of one prefill pass, at most. */
const CHUNK = 256;
export type LoadStage = 'upload' | 'compile';

export interface EngineOptions {
  /** How keys and values are kept: f32 unless said otherwise. */
  readonly cache?: CacheFormat;
  /**
   * Experts of a layer that have room on the GPU at a time, at least as many as a token takes; unless said otherwise all, or
   * as many as a kernel can see.
   */
  readonly expertsOnGpu?: number;
  /** While writing, fetches with what a layer lacks what the next is likely to ask for. */
  readonly prefetch?: boolean;
  readonly onProgress?: (stage: LoadStage, done: number, total: number) => void;
}

/** @throws UserError out-of-memory, also when one matrix is larger than the adapter lets a shader see. */
export async function createWebGpuEngine(
  model: Model,
  { gpu, info }: FoundGpu,
  { cache = 'f32', expertsOnGpu = model.config.experts, prefetch = false, onProgress = () => {} }: EngineOptions = {},
): Promise<WebGpuEngine> {
  const room = entriesThatFit(gpu.device, model);
  const possible = room < model.config.expertsPerToken ? expertsOnGpu : Math.min(expertsOnGpu, room);
  const entries = entriesFor(model.config, possible);
  checkMatrices(gpu.device, model, entries);
  const refusals = watchRefusals(gpu);
  const watched = refusals.gpu;
  const weights = await uploadModel(watched, model, (done, total) => onProgress('upload', done, total), entries);
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
  const residency = entries < model.config.experts ? new Residency(gpu, model, weights, entries) : null;
  const foresight = residency && prefetch ? new Foresight(gpu, model.config, weights) : null;
  return new WebGpuEngine(model, gpu, info, { weights, activations, pass, residency, foresight });
}

interface Made {
  readonly weights: GpuWeights;
  readonly activations: Activations;
  readonly pass: ForwardPass;
  readonly residency: Residency | null;
  readonly foresight: Foresight | null;
}

export class WebGpuEngine implements Engine {
  readonly weights: GpuWeights;
  readonly activations: Activations;
  /** null: all experts are on the GPU. */
  readonly residency: Residency | null;
  #length = 0;
  #allLogits: Promise<AllLogits> | null = null;
  #inspections = new Map<Lane, Promise<InspectionPlan>>();
  readonly #lanes: Lanes;
  readonly #watch: DeviceWatch;
  readonly #site: Site;

  constructor(
    readonly model: Model,
    readonly gpu: Gpu,
    readonly info: EngineInfo,
    { weights, activations, pass, residency, foresight }: Made,
  ) {
    this.weights = weights;
    this.activations = activations;
    this.residency = residency;
    const { config } = model;
    this.#lanes = new Lanes(gpu, config, weights, { narrow: activations, pass, residency });
    this.#watch = new DeviceWatch(gpu.device);
    const arrival = <T>(words: Promise<T>) => this.arrival(words);
    this.#site = { gpu, config, lanes: this.#lanes, residency, foresight, arrival };
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
    const batch = await this.#run(ready, [id], dispatches, false);
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
    const { contextLength } = this.model.config;
    const start = { token: next, position: this.#length, limit: Math.min(maxTokens - 1, contextLength - this.#length) };
    const ready = () => this.#planned(this.#lanes.ready());
    for await (const batch of decode(this.#site, { ...start, ends: this.model.tokenizer.ends, signal, ready })) {
      this.#length += batch.count;
      yield batch;
    }
  }

  destroy(): void {
    this.gpu.device.destroy();
  }

  /** What one pass takes of `ids` from `done` on, as the routing in force allows. */
  async #next(ids: readonly number[], done: number, most = ids.length): Promise<{ chunk: number[]; ready: Ready }> {
    const ready = await this.#planned(this.#lanes.ready());
    const count = Math.min(most, ready.lane.a.maxTokens, ids.length - done);
    // Decode's kernels need all experts of a token at once, so fewer tokens go together where few experts have room.
    const room = this.residency ? Math.floor(this.residency.entries / ready.slots) : count;
    return { ready, chunk: ids.slice(done, done + (count <= this.gpu.tuning.few ? Math.min(count, room) : count)) };
  }

  /** One pass over a chunk of known tokens, then `head`. */
  async #prefill(ready: Ready, ids: readonly number[], head: readonly Dispatch[], drawn: boolean): Promise<TraceBatch> {
    const { few, many } = ready.lane.pass;
    const body = ids.length <= this.gpu.tuning.few ? few : await this.#planned(many());
    return this.#run(ready, ids, [...body, ...head], drawn);
  }

  async #run(
    ready: Ready,
    ids: readonly number[],
    dispatches: readonly Dispatch[],
    drawn: boolean,
  ): Promise<TraceBatch> {
    const known = { tokens: new Uint32Array(ids), position: this.#length };
    const batch = await runPass(this.#site, ready, known, { dispatches, drawn });
    this.#length += batch.count;
    return batch;
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
      if (cause instanceof UserError) throw cause;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new UserError('wrong-results', message, 'The CPU goes on.');
    }
  }

  /** Waits for what the GPU brings. @throws UserError device-lost, wrong-results */
  arrival<T>(words: Promise<T>): Promise<T> {
    return this.#watch.arrival(words);
  }
}
