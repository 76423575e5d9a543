/**
 * The model on the GPU. Routing never leaves it inside a pass: traces and drawn tokens come back while the next tokens
 * already run.
 */
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { sightOf } from '../../model/layerKinds.ts';
import type { NonFinite } from '../../model/nonFinite.ts';
import type { Model } from '../../model/types.ts';
import { concatBatches } from '../batch.ts';
import { checkedSampling, checkIds, checkLength, checkRouted } from '../checks.ts';
import type { Engine, EngineInfo, GenerateOptions, Inspection, RoutingPlan, TraceBatch } from '../types.ts';
import { type Activations, writeSampling } from './activations.ts';
import { type AllLogits, planAllLogits } from './allLogits.ts';
import { keepCache } from './aside.ts';
import { decode } from './decode.ts';
import type { ForwardPass } from './forwardPass.ts';
import { type InspectionPlan, planInspection, readInspection } from './inspection.ts';
import { FLIGHT, FLIGHTS, type Lane, type Ready } from './lanes.ts';
import { runPass } from './passes.ts';
import { Placement } from './placement.ts';
import { planned } from './planned.ts';
import type { Residency } from './residency.ts';
import { Reach } from './rings.ts';
import { DeviceWatch } from './watch.ts';
import type { GpuWeights } from './weights.ts';

export interface Made {
  readonly weights: GpuWeights;
  readonly activations: Activations;
  readonly pass: ForwardPass;
  /** What was seen in weights that were read only now. */
  readonly found: NonFinite;
  readonly prefetch: boolean;
}

export class WebGpuEngine implements Engine {
  readonly activations: Activations;
  private position = 0;
  private readonly reach: Reach;
  private allLogits: Promise<AllLogits> | null = null;
  private inspections = new WeakMap<Lane, Promise<InspectionPlan>>();
  readonly placement: Placement;
  private readonly watch: DeviceWatch;

  constructor(
    readonly model: Model,
    readonly gpu: Gpu,
    readonly info: EngineInfo,
    { weights, activations, pass, found, prefetch }: Made,
  ) {
    this.activations = activations;
    this.reach = new Reach(activations.rings.map((rows, layer) => ({ rows, sight: sightOf(model.config, layer) })));
    this.watch = new DeviceWatch(gpu.device);
    const arrival = <T>(words: Promise<T>) => this.arrival(words);
    this.placement = new Placement({ model, gpu, activations, found, arrival }, { weights, pass, prefetch });
  }

  get weights(): GpuWeights {
    return this.placement.weights;
  }

  /** null: all experts are on the GPU. */
  get residency(): Residency | null {
    return this.placement.residency;
  }

  /** What is wrong with weights that have been read so far, or null. */
  get warning(): string | null {
    return this.placement.warning;
  }

  get length(): number {
    return this.position;
  }

  holds(length: number): boolean {
    return this.reach.holds(length);
  }

  truncate(length: number): void {
    const left = Math.max(0, Math.min(length, this.position));
    this.position = this.holds(left) ? left : 0;
    if (this.position === 0) this.reach.reset(0);
  }

  setRouting(plan: RoutingPlan): void {
    this.placement.lanes.routing = plan;
  }

  async forward(ids: readonly number[]): Promise<{ trace: TraceBatch; logits: Float32Array }> {
    const { config } = this.model;
    checkIds(config, this.position, ids);
    const all = await this.planAllLogits();
    const logits = new Float32Array(ids.length * config.vocabulary);
    const batches: TraceBatch[] = [];
    for (let done = 0; done < ids.length; ) {
      const { chunk, ready } = await this.next(ids, done, all.maxTokens);
      batches.push(await this.prefill(ready, chunk, all.head, false));
      const words = await this.arrival(all.staging.fetch(all.logits, chunk.length * config.vocabulary));
      logits.set(new Float32Array(words.buffer), done * config.vocabulary);
      done += chunk.length;
    }
    return { trace: concatBatches(config, batches), logits };
  }

  async read(ids: readonly number[], decoded = false): Promise<TraceBatch> {
    checkIds(this.model.config, this.position, ids);
    const batches: TraceBatch[] = [];
    for (let done = 0; done < ids.length; done += batches[batches.length - 1].count) {
      const { chunk, ready } = await this.next(ids, done, decoded ? this.gpu.tuning.few : ids.length);
      batches.push(await this.prefill(ready, chunk, [], false));
    }
    return concatBatches(this.model.config, batches);
  }

  async inspect(id: number): Promise<Inspection> {
    const { config } = this.model;
    checkRouted(config);
    checkIds(config, this.position, [id]);
    await this.placement.settle();
    const ready = await planned(this.placement.lanes.ready());
    const { lane } = ready;
    const plan = this.inspections.get(lane) ?? planInspection(this.gpu, config, this.weights, lane.a);
    this.inspections.set(lane, plan);
    const { dispatches, staging, found, words } = await planned(plan);
    const batch = await this.run(ready, [id], dispatches, false);
    const { layers } = this.weights;
    return readInspection(await this.arrival(staging.fetch(found, words)), { a: lane.a, layers }, config, batch);
  }

  async aside<T>(from: number, job: () => Promise<T>): Promise<T> {
    const [length, { written }] = [this.position, this.reach];
    const restore = keepCache(this.gpu.device, this.model.config, this.activations, [from, length]);
    try {
      return await job();
    } finally {
      restore();
      this.position = length;
      this.reach.reset(written);
    }
  }

  async score(ids: readonly number[]): Promise<{ losses: Float32Array; trace: TraceBatch }> {
    const { config } = this.model;
    this.truncate(0);
    checkIds(config, 0, ids);
    const all = await this.planAllLogits();
    const losses = new Float32Array(ids.length - 1);
    const batches: TraceBatch[] = [];
    for (let first = 0; first < ids.length; first = this.position) {
      const { chunk, ready } = await this.next(ids, first, all.maxTokens);
      // The last position has nothing to predict; its target is any token, its loss is not taken.
      const targets = chunk.map((_, t) => ids[first + t + 1] ?? 0);
      this.gpu.device.queue.writeBuffer(all.targets, 0, new Uint32Array(targets));
      batches.push(await this.prefill(ready, chunk, [...all.head, all.loss], false));
      const words = await this.arrival(all.staging.fetch(all.losses, chunk.length));
      losses.set(new Float32Array(words.buffer).subarray(0, Math.min(chunk.length, losses.length - first)), first);
    }
    this.truncate(0);
    return { losses, trace: concatBatches(config, batches) };
  }

  async *generate(options: GenerateOptions): AsyncIterable<TraceBatch> {
    await this.placement.settle();
    const { residency } = this;
    if (!residency) return yield* this.written(options);
    residency.signal = options.signal;
    try {
      yield* this.written(options);
    } catch (error) {
      // Who stops a text does not wait for an expert first.
      if (!options.signal?.aborted || error !== options.signal.reason) throw error;
    } finally {
      residency.signal = undefined;
    }
  }

  private async *written({ ids, maxTokens, sampling, signal }: GenerateOptions): AsyncIterable<TraceBatch> {
    const choice = checkedSampling(sampling);
    checkLength(maxTokens);
    checkIds(this.model.config, this.position, ids);
    writeSampling(this.gpu.device, this.activations, choice);
    let next = 0;
    for (let done = 0; done < ids.length; ) {
      if (signal?.aborted) return;
      const { chunk, ready } = await this.next(ids, done);
      done += chunk.length;
      const last = done === ids.length;
      const batch = await this.prefill(ready, chunk, last ? ready.lane.pass.head : [], last);
      next = batch.sampled[batch.count - 1];
      yield batch;
    }
    const { contextLength } = this.model.config;
    const start = {
      token: next,
      position: this.position,
      limit: Math.min(maxTokens - 1, contextLength - this.position),
    };
    const ready = () => planned(this.placement.lanes.ready());
    // Steps in the air run past the end of a text.
    const ahead = () => this.reach.note(Math.min(this.position + FLIGHT * FLIGHTS, contextLength));
    ahead();
    for await (const batch of decode(this.placement.site, {
      ...start,
      ends: this.model.tokenizer.ends,
      signal,
      ready,
    })) {
      this.position += batch.count;
      ahead();
      yield batch;
    }
  }

  destroy(): void {
    this.gpu.device.destroy();
  }

  /** What one pass takes of `ids` from `done` on, as the routing in force allows. */
  private async next(
    ids: readonly number[],
    done: number,
    most = ids.length,
  ): Promise<{ chunk: number[]; ready: Ready }> {
    await this.placement.settle();
    const ready = await planned(this.placement.lanes.ready());
    const count = Math.min(most, ready.lane.a.maxTokens, ids.length - done);
    // Decode's kernels need all experts of a token at once, so fewer tokens go together where few experts have room.
    const { residency } = this;
    const all = residency?.entries === this.model.config.experts;
    const room = residency && !all ? Math.floor(residency.entries / ready.slots) : count;
    return { ready, chunk: ids.slice(done, done + (count <= this.gpu.tuning.few ? Math.min(count, room) : count)) };
  }

  /** One pass over a chunk of known tokens, then `head`. */
  private async prefill(
    ready: Ready,
    ids: readonly number[],
    head: readonly Dispatch[],
    drawn: boolean,
  ): Promise<TraceBatch> {
    const { few, many } = ready.lane.pass;
    const body = ids.length <= this.gpu.tuning.few ? few : await planned(many());
    return this.run(ready, ids, [...body, ...head], drawn);
  }

  private async run(
    ready: Ready,
    ids: readonly number[],
    dispatches: readonly Dispatch[],
    drawn: boolean,
  ): Promise<TraceBatch> {
    const known = { tokens: new Uint32Array(ids), position: this.position };
    this.reach.note(this.position + ids.length);
    const batch = await runPass(this.placement.site, ready, known, { dispatches, drawn });
    this.position += batch.count;
    return batch;
  }

  private planAllLogits(): Promise<AllLogits> {
    this.allLogits ??= planned(planAllLogits(this.gpu, this.model.config, this.weights, this.activations));
    return this.allLogits;
  }

  /** Waits for what the GPU brings. @throws UserError device-lost, wrong-results */
  arrival<T>(words: Promise<T>): Promise<T> {
    return this.watch.arrival(words);
  }
}
