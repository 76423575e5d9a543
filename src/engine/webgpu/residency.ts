/**
 * Which experts are on the GPU, where a layer has room for some of them alone. What is missing comes from wherever the model's
 * tensors have their bytes, an expert at a time, between two passes: nothing is fetched while one runs.
 */
import type { Gpu } from '../../gpu/types.ts';
import { submittedWorkDone } from '../../gpu/waits.ts';
import { type RowWriter, rowWriter } from '../../kernels/weights.ts';
import { expertOf } from '../../model/stored.ts';
import type { LayerWeights, Model, ModelConfig, Tensor } from '../../model/types.ts';
import type { RoutingPlan } from '../interventions.ts';
import { NO_EXPERT, type ResidencyCounts, type TraceBatch, UserError } from '../types.ts';
import { ExpertEntries } from './expertEntries.ts';
import { stackBytes, withExperts } from './fit.ts';
import { type GpuWeights, stackExpert } from './weights.ts';

/** Experts that are read at a time. */
const TOGETHER = 4;
/** Bytes that may wait in the GPU's queue, which keeps a copy of each write until it is done. */
const QUEUED = 2 ** 24;

/** Bytes that one expert of a layer takes on the GPU. */
export const expertBytes = ({ gate, up, down }: LayerWeights): number =>
  stackBytes([gate, up].map(one)) + stackBytes([one(down)]);

const one = (tensor: Tensor) => withExperts(tensor, 1);

/** Entries of a layer's cache, where `asked` experts are to be on the GPU. @throws UserError bad-input */
export function entriesFor({ experts, expertsPerToken }: ModelConfig, asked: number): number {
  if (asked >= expertsPerToken) return Math.min(asked, experts);
  throw new UserError(
    'bad-input',
    `A token takes ${expertsPerToken} experts of a layer: ${asked} on the GPU are too few.`,
    `Give at least ${expertsPerToken}.`,
  );
}

interface Cache {
  readonly entries: ExpertEntries;
  readonly layer: LayerWeights;
  readonly bytes: number;
  readonly write: { readonly gateUp: RowWriter; readonly down: RowWriter };
  readonly rows: { readonly gateUp: number; readonly down: number };
  /** Experts fetched for the pass that is under way, beyond those that were guessed. */
  fetched: number;
  /** For the token that is under way; empty where nothing was. */
  guessed: readonly number[];
}

export class Residency {
  readonly #gpu: Gpu;
  /** None in a layer that routes nothing. */
  readonly #caches: readonly (Cache | null)[];
  #counts = { hits: 0, misses: 0, bytesMoved: 0, guessed: 0, guessedRight: 0 };
  #queued = 0;

  constructor(
    gpu: Gpu,
    { weights: { layers }, config }: Model,
    weights: GpuWeights,
    readonly entries: number,
  ) {
    this.#gpu = gpu;
    this.#caches = layers.map((layer, index) => {
      if (!layer.router) return null;
      const { gateUp, down } = weights.layers[index];
      return {
        entries: new ExpertEntries(config.experts, entries),
        layer,
        bytes: expertBytes(layer),
        write: { gateUp: rowWriter(gpu, gateUp), down: rowWriter(gpu, down) },
        rows: { gateUp: gateUp.rows, down: down.rows },
        fetched: 0,
        guessed: [],
      };
    });
  }

  get counts(): ResidencyCounts {
    return { entries: this.entries, ...this.#counts };
  }

  /** @throws UserError bad-input where a token takes more experts than have room */
  check({ slots }: RoutingPlan): void {
    if (slots <= this.entries) return;
    throw new UserError(
      'bad-input',
      `A token is to take ${slots} experts of a layer, and ${this.entries} have room on the GPU.`,
      'Ask for fewer, or let more be on the GPU.',
    );
  }

  /** Experts of a layer that are on the GPU, in ascending order. */
  held(layer: number): readonly number[] {
    return this.#caches[layer]?.entries.held ?? [];
  }

  /** Expert → entry, or MISSING; undefined in a layer that routes nothing. */
  table(layer: number): Uint16Array | undefined {
    return this.#caches[layer]?.entries.table;
  }

  /** In which order a layer that is asked for more experts than have room takes them: those that are there first. */
  groups(layer: number, wanted: readonly number[]): number[][] {
    const { entries } = this.#caches[layer]!;
    const order = [...wanted].sort((a, b) => Number(entries.has(b)) - Number(entries.has(a)) || a - b);
    const groups: number[][] = [];
    for (let i = 0; i < order.length; i += this.entries) groups.push(order.slice(i, i + this.entries));
    return groups;
  }

  /** Puts those of a layer's wanted experts that are not there where others give way. To be called between passes. */
  async bring(layer: number, wanted: readonly number[]): Promise<void> {
    const cache = this.#caches[layer]!;
    const fetched = await this.#fetch(cache, wanted);
    cache.fetched += fetched;
    this.#counts.misses += fetched;
  }

  /** The same for what a layer is guessed to ask for. */
  async bringGuessed(layer: number, guessed: readonly number[]): Promise<void> {
    const cache = this.#caches[layer];
    if (!cache) return;
    cache.guessed = guessed;
    await this.#fetch(cache, guessed);
  }

  /** Returns how many were missing. */
  async #fetch(cache: Cache, wanted: readonly number[]): Promise<number> {
    const { entries } = cache;
    const together = new Set(wanted);
    const missing = wanted.filter((expert) => !entries.has(expert));
    for (let i = 0; i < missing.length; i += TOGETHER) {
      const next = missing.slice(i, i + TOGETHER);
      const matrices = await Promise.all(next.map((expert) => readExpert(cache.layer, expert)));
      for (const [j, { gateUp, down }] of matrices.entries()) {
        const entry = entries.free(together);
        cache.write.gateUp(entry * cache.rows.gateUp, gateUp.data);
        cache.write.down(entry * cache.rows.down, down.data);
        entries.fill(entry, next[j]);
      }
      this.#counts.bytesMoved += next.length * cache.bytes;
      await this.#drain(next.length * cache.bytes);
    }
    return missing.length;
  }

  /** Counts what tokens that ran took, each for itself or all together as one pass. */
  note({ count, slots, expertIds }: TraceBatch, together: boolean): void {
    const layers = this.#caches.length;
    for (const [layer, cache] of this.#caches.entries()) {
      if (!cache) continue;
      const taken = Array.from({ length: count }, (_, t) => idsOf(expertIds, (t * layers + layer) * slots, slots));
      for (const experts of together ? [taken.flat()] : taken) {
        const asked = new Set(experts);
        cache.entries.use(asked);
        this.#counts.hits += asked.size - cache.fetched;
        cache.fetched = 0;
        this.#counts.guessed += cache.guessed.length;
        this.#counts.guessedRight += cache.guessed.filter((expert) => asked.has(expert)).length;
        cache.guessed = [];
      }
    }
  }

  async #drain(bytes: number): Promise<void> {
    this.#queued += bytes;
    if (this.#queued < QUEUED) return;
    this.#queued = 0;
    await submittedWorkDone(this.#gpu.device);
  }
}

/** Slots of a token that an expert took. */
export const idsOf = (ids: Uint16Array | Uint32Array, from: number, slots: number): number[] =>
  [...ids.subarray(from, from + slots)].filter((id) => id !== NO_EXPERT);

async function readExpert({ gate, up, down }: LayerWeights, expert: number) {
  const read = await Promise.all([gate, up, down].map((tensor) => expertOf(tensor, expert)));
  return { gateUp: stackExpert(read.slice(0, 2)), down: stackExpert(read.slice(2)) };
}
