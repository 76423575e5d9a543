/**
 * The model in plain TypeScript: activations and sums in float64, weights exactly the file's numbers. It is the oracle
 * of the WebGPU engine, and how the page works without WebGPU.
 */
import type { Model } from '../../model/types.ts';
import { matmul } from '../../reference/linear.ts';
import type { Routing } from '../../reference/route.ts';
import { candidates, sample } from '../../reference/sample.ts';
import { slotNorms } from '../../reference/slotNorms.ts';
import { tokenLoss } from '../../reference/tokenLoss.ts';
import { concatBatches, emptyBatch } from '../batch.ts';
import { checkedSampling, checkIds, checkLength, checkRouted } from '../checks.ts';
import { planRouting } from '../interventions.ts';
import {
  CANDIDATES,
  type Engine,
  type EngineInfo,
  type GenerateOptions,
  type Inspection,
  type RoutingPlan,
  type TraceBatch,
} from '../types.ts';
import { openAir } from './air.ts';
import { addRow, attention, KvCache, rmsNorm } from './attention.ts';
import { convolve } from './convolution.ts';
import { attendLatent } from './latent.ts';
import { linear } from './linear.ts';
import { combineOutputs, expertOutputs, routeTokens, sharedOutput, withNormed } from './moe.ts';
import { type Kept, keptBy, type Precision } from './precision.ts';
import { type CpuWeights, dequantiseWeights } from './weights.ts';

/** Tokens of one prefill pass: weights are read once a pass, and a cancel is heard between two (about 0.1 s). */
const CHUNK = 32;

const INFO: EngineInfo = { kind: 'cpu', name: 'CPU (JavaScript, float64)', fallback: false, features: [] };

/** The model has to be in memory: see residentModel(). */
export function createCpuEngine(model: Model, precision: Precision = {}): Engine {
  if (model.streamed) throw new TypeError('The CPU engine needs the weights in memory.');
  return new CpuEngine(model, precision);
}

/** What one layer did, before its experts' outputs are added to x. */
interface TakenLayer {
  readonly index: number;
  readonly x: Float64Array;
  readonly routing: Routing;
  /** What the router read. [T, D] */
  readonly read: Float64Array;
  readonly outputs: Float64Array;
}

class CpuEngine implements Engine {
  readonly info = INFO;
  readonly residency = null;
  readonly holds = () => true;
  private readonly weights: CpuWeights;
  private readonly caches: KvCache[];
  private routing: RoutingPlan;
  private position = 0;
  private readonly kept: Kept;

  constructor(
    readonly model: Model,
    precision: Precision,
  ) {
    this.weights = dequantiseWeights(model);
    this.kept = keptBy(precision);
    this.caches = model.weights.layers.map(() => new KvCache(precision));
    this.routing = planRouting(model.config, []);
  }

  get length(): number {
    return this.position;
  }

  truncate(length: number): void {
    this.position = Math.max(0, Math.min(length, this.position));
  }

  setRouting(plan: RoutingPlan): void {
    this.routing = plan;
  }

  async forward(ids: readonly number[]): Promise<{ trace: TraceBatch; logits: Float32Array }> {
    const { vocabulary } = this.model.config;
    checkIds(this.model.config, this.position, ids);
    const logits = new Float32Array(ids.length * vocabulary);
    const trace = await this.readInChunks(ids, (hidden, from, count) =>
      logits.set(this.head(hidden, count), from * vocabulary),
    );
    return { trace, logits };
  }

  read(ids: readonly number[]): Promise<TraceBatch> {
    checkIds(this.model.config, this.position, ids);
    return this.readInChunks(ids, () => {});
  }

  async inspect(id: number): Promise<Inspection> {
    const { config } = this.model;
    const { layers, experts, width } = config;
    checkRouted(config);
    checkIds(config, this.position, [id]);
    const { slots } = this.routing;
    const found = {
      logits: new Float32Array(layers * experts),
      outputNorms: new Float32Array(layers * slots),
      sumNorms: new Float32Array(layers),
      residualNorms: new Float32Array(layers),
    };
    const { batch } = this.pass([id], ({ index, x, routing, read, outputs }) => {
      const router = this.weights.layers[index].router!;
      const norms = slotNorms(outputs, routing.ids, routing.weights, x);
      const { routerBias } = this.weights.layers[index];
      const logits = matmul(read, router, width);
      if (routerBias) addRow(logits, routerBias);
      found.logits.set(logits, index * experts);
      found.outputNorms.set(norms.subarray(0, slots), index * slots);
      [found.sumNorms[index], found.residualNorms[index]] = norms.subarray(slots);
    });
    const { position, expertIds, gateWeights, probabilities } = batch;
    return { position, slots, expertIds, gateWeights, probabilities, ...found };
  }

  async aside<T>(from: number, job: () => Promise<T>): Promise<T> {
    const length = this.position;
    const kept = this.caches.map((cache) => cache.copy(from, length));
    try {
      return await job();
    } finally {
      for (const restore of kept) restore();
      this.position = length;
    }
  }

  async score(ids: readonly number[]): Promise<{ losses: Float32Array; trace: TraceBatch }> {
    this.truncate(0);
    checkIds(this.model.config, 0, ids);
    const losses = new Float32Array(ids.length - 1);
    const trace = await this.readInChunks(ids, (hidden, from, count) => {
      // The last position has nothing to predict.
      const targets = ids.slice(from + 1, from + 1 + count);
      losses.set(tokenLoss(this.head(hidden, targets.length), targets), from);
    });
    this.truncate(0);
    return { losses, trace };
  }

  async *generate({ ids, maxTokens, sampling, signal }: GenerateOptions): AsyncIterable<TraceBatch> {
    const { config, tokenizer } = this.model;
    const choice = checkedSampling(sampling);
    checkLength(maxTokens);
    checkIds(config, this.position, ids);
    const air = openAir();
    try {
      let next = 0;
      for (let from = 0; from < ids.length; from += CHUNK) {
        await air.breathe();
        if (signal?.aborted) return;
        const chunk = ids.slice(from, from + CHUNK);
        const { batch, hidden } = this.pass(chunk);
        if (from + CHUNK >= ids.length) next = this.draw(hidden, batch, choice);
        yield batch;
      }
      for (let drawn = 1; drawn < maxTokens && !tokenizer.ends.has(next); drawn++) {
        await air.breathe();
        if (signal?.aborted || this.position >= config.contextLength) return;
        const { batch, hidden } = this.pass([next]);
        next = this.draw(hidden, batch, choice);
        yield batch;
      }
    } finally {
      air.close();
    }
  }

  destroy(): void {
    this.caches.length = 0;
  }

  /** Runs known tokens chunk by chunk; `take` gets each chunk's hidden states [count, D], and the first one's place. */
  private async readInChunks(
    ids: readonly number[],
    take: (hidden: Float64Array, from: number, count: number) => void,
  ): Promise<TraceBatch> {
    const air = openAir();
    const batches: TraceBatch[] = [];
    try {
      for (let from = 0; from < ids.length; from += CHUNK) {
        await air.breathe();
        const { batch, hidden } = this.pass(ids.slice(from, from + CHUNK));
        take(hidden, from, batch.count);
        batches.push(batch);
      }
    } finally {
      air.close();
    }
    return concatBatches(this.model.config, batches);
  }

  /** One pass over a chunk: its routing, and the hidden states [T, D] before the last norm. */
  private pass(
    ids: readonly number[],
    onLayer?: (taken: TakenLayer) => void,
  ): { batch: TraceBatch; hidden: Float64Array } {
    const { config } = this.model;
    const { residualScale, normEpsilon } = config;
    const [kept, { layers }, count] = [this.kept, this.weights, ids.length];
    const { slots, controls, revision } = this.routing;
    const batch = emptyBatch(config, this.position, Uint32Array.from(ids), slots);
    batch.revisions.fill(revision);
    const x = this.embed(ids);
    const normed = new Float64Array(x.length);
    const addTo = (delta: Float64Array) => {
      for (let i = 0; i < x.length; i++) x[i] += residualScale * delta[i];
      kept(x);
    };
    /** What attention or FFN gives, normed where the model does. */
    const branch = (delta: Float64Array, norm: Float32Array | null) => {
      if (norm) rmsNorm(kept(delta), count, norm, normEpsilon, delta);
      return kept(delta);
    };
    for (const [index, layer] of layers.entries()) {
      const asked = { slots, control: controls[index], position: this.position };
      const early = config.routesEarly && layer.router ? routeTokens(x, layer, config, asked) : null;
      rmsNorm(x, count, layer.attentionNorm, normEpsilon, normed);
      if (layer.attentionNormBias) addRow(normed, layer.attentionNormBias);
      const mix = layer.convolution ? convolve : layer.latent ? attendLatent : attention;
      addTo(
        branch(mix(kept(normed), count, this.position, layer, this.caches[index], config), layer.postAttentionNorm),
      );
      const chosen = early ?? routeTokens(x, layer, config, asked);
      const routing = early || layer.routerNorm ? withNormed(chosen, x, layer, config) : chosen;
      kept(routing.h);
      // A dense layer in a sparse model has nothing to record.
      if (layer.router || config.experts === 1) this.record(batch, index, routing);
      const outputs = kept(expertOutputs(routing, layer, config));
      if (layer.router) onLayer?.({ index, x, routing, read: chosen.h, outputs });
      const sum = branch(kept(combineOutputs(outputs, routing, config)), layer.postExpertsNorm);
      const shared = sharedOutput({ h: routing.h, x }, layer, config);
      // What is normed together is added before.
      const together = layer.postFfnNorm ? shared : null;
      for (let i = 0; together && i < sum.length; i++) sum[i] += together[i];
      addTo(branch(sum, layer.postFfnNorm));
      if (shared && !together) addTo(shared);
      if (layer.outputScale !== 1) for (let i = 0; i < x.length; i++) x[i] *= layer.outputScale;
    }
    this.position += count;
    return { batch, hidden: x };
  }

  private embed(ids: readonly number[]): Float64Array {
    const { width: D, embeddingScale } = this.model.config;
    const x = new Float64Array(ids.length * D);
    ids.forEach((id, t) => {
      for (let i = 0; i < D; i++) x[t * D + i] = this.weights.tokenEmbedding[id * D + i] * embeddingScale;
    });
    return x;
  }

  /** Copies one layer's routing into the batch, whose rows are [T, L, …]. */
  private record(batch: TraceBatch, layer: number, { ids, weights, probabilities }: Routing): void {
    const { layers, experts: E } = this.model.config;
    const K = batch.slots;
    for (let t = 0; t < batch.count; t++) {
      const row = t * layers + layer;
      batch.expertIds.set(ids.subarray(t * K, (t + 1) * K), row * K);
      batch.gateWeights.set(weights.subarray(t * K, (t + 1) * K), row * K);
      batch.probabilities.set(probabilities.subarray(t * E, (t + 1) * E), row * E);
    }
  }

  /** Logits [T, V] of hidden states [T, D]. */
  private head(hidden: Float64Array, count: number): Float64Array {
    const { width: D, vocabulary: V, normEpsilon, logitScale, logitCap } = this.model.config;
    const normed = new Float64Array(count * D);
    const { outputNormBias, outputBias } = this.weights;
    rmsNorm(hidden, count, this.weights.outputNorm, normEpsilon, normed);
    if (outputNormBias) addRow(normed, outputNormBias);
    const logits = new Float64Array(count * V);
    linear(normed, count, this.weights.output, 0, D, V, logits);
    if (outputBias) addRow(logits, outputBias);
    if (logitScale !== 1) for (let i = 0; i < logits.length; i++) logits[i] /= logitScale;
    if (logitCap) for (let i = 0; i < logits.length; i++) logits[i] = logitCap * Math.tanh(logits[i] / logitCap);
    return logits;
  }

  /** Draws what follows the batch's last position and notes it there. */
  private draw(hidden: Float64Array, batch: TraceBatch, sampling: GenerateOptions['sampling']): number {
    const [D, last] = [this.model.config.width, batch.count - 1];
    const logits = this.head(hidden.subarray(last * D), 1);
    const { id } = sample(logits, sampling, this.position);
    const likeliest = candidates(logits, CANDIDATES, id);
    batch.sampled[last] = id;
    batch.candidateIds.set(likeliest.ids, last * CANDIDATES);
    batch.candidateProbabilities.set(likeliest.probabilities, last * CANDIDATES);
    return id;
  }
}
