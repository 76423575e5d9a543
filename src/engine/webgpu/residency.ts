/**
 * Which experts are on the GPU, where a layer has room for some of them alone. What is missing comes from wherever the model's
 * tensors have their bytes, an expert at a time, between two passes: nothing is fetched while one runs.
 */
import type { Gpu } from '../../gpu/types.ts';
import { submittedWorkDone } from '../../gpu/waits.ts';
import { type RowWriter, rowWriter, type WeightMatrix } from '../../kernels/weights.ts';
import { NonFinite } from '../../model/nonFinite.ts';
import type { LayerWeights, Model, ModelConfig, Tensor } from '../../model/types.ts';
import { NO_EXPERT, type ResidencyCounts, type RoutingPlan, type TraceBatch, UserError } from '../types.ts';
import { ExpertEntries, expertBytes } from './expertEntries.ts';
import { isOnMachine, orAborted, readExpert } from './expertReading.ts';
import { type GpuWeights, stackExpert } from './weights.ts';

/** Experts that are read at a time. */
const TOGETHER = 4;
/** Bytes that may wait in the GPU's queue, which keeps a copy of each write until it is done. */
const QUEUED = 2 ** 24;

/** Milliseconds after which a pass that asked for experts is taken to have ended in some other way. */
const BETWEEN_LAYERS = 2000;

/** An expert of a layer. */
export interface Place {
  readonly layer: number;
  readonly expert: number;
}

interface Cache {
  readonly entries: ExpertEntries;
  readonly layer: LayerWeights;
  readonly bytes: number;
  /** Writes an expert's matrices, and its biases if it has them, into an entry. */
  readonly write: (entry: number, expert: readonly Tensor[]) => void;
  /** Experts fetched for the pass that is under way, beyond those that were guessed. */
  fetched: number;
  /** For the token that is under way; empty where nothing was. */
  guessed: readonly number[];
  /** Experts came that the routers have not been told of. */
  untold: boolean;
  /** What the router gave each expert so far, summed over tokens. [E] */
  readonly given: Float64Array;
  /** Those whose weights have been looked at. */
  readonly seen: Set<number>;
}

const NONE = { hits: 0, misses: 0, tokens: 0, bytesMoved: 0, guessed: 0, guessedRight: 0 };

export class Residency {
  /** None in a layer that routes nothing. */
  private readonly caches: readonly (Cache | null)[];
  private counted = { ...NONE };
  private queued = 0;
  private passing = true;
  private fetching = 0;
  private asked = performance.now();
  private readonly config: ModelConfig;
  /** Ends a wait for experts that do not come. */
  signal: AbortSignal | undefined;

  constructor(
    private readonly gpu: Gpu,
    { weights: { layers }, config }: Model,
    weights: GpuWeights,
    readonly entries: number,
    private readonly found = new NonFinite(),
  ) {
    this.config = config;
    this.caches = layers.map((layer, index) => {
      if (!layer.router) return null;
      const { gateUp, down, biases } = weights.layers[index];
      return {
        entries: new ExpertEntries(config.experts, entries),
        layer,
        bytes: expertBytes(layer),
        write: expertWriter(gpu, [gateUp, down, ...(biases ? [biases.gateUp, biases.down] : [])]),
        fetched: 0,
        guessed: [],
        untold: false,
        given: new Float64Array(config.experts),
        seen: new Set<number>(),
      };
    });
  }

  countAnew(): void {
    this.counted = { ...NONE };
  }

  get warning(): string | null {
    return this.found.warning();
  }

  get counts(): ResidencyCounts {
    return { entries: this.entries, ...this.counted };
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
    return this.caches[layer]?.entries.held ?? [];
  }

  bytesOf(layer: number): number {
    return this.caches[layer]?.bytes ?? 0;
  }

  /** Expert → entry, or MISSING; undefined in a layer that routes nothing. */
  table(layer: number): Uint16Array | undefined {
    return this.caches[layer]?.entries.table;
  }

  /** In which order a layer that is asked for more experts than have room takes them: those that are there first. */
  groups(layer: number, wanted: readonly number[]): number[][] {
    const { entries } = this.caches[layer]!;
    const order = [...wanted].sort((a, b) => Number(entries.has(b)) - Number(entries.has(a)) || a - b);
    const groups: number[][] = [];
    for (let i = 0; i < order.length; i += this.entries) groups.push(order.slice(i, i + this.entries));
    return groups;
  }

  /** Puts those of a layer's wanted experts that are not there where others give way. To be called between passes. */
  async bring(layer: number, wanted: readonly number[]): Promise<void> {
    const cache = this.caches[layer]!;
    this.passing = true;
    this.fetching++;
    try {
      const fetched = await this.fetch(cache, wanted);
      cache.fetched += fetched;
      this.counted.misses += fetched;
    } finally {
      this.fetching--;
      this.asked = performance.now();
    }
  }

  /** All experts of all layers are on the GPU, each where it is in a model that was uploaded whole. */
  get whole(): boolean {
    return this.caches.every((cache) => !cache || cache.entries.whole);
  }

  /** No pass waits for an expert, nor is likely to in a moment. */
  get quiet(): boolean {
    const since = performance.now() - this.asked;
    return this.fetching === 0 && since > (this.passing ? BETWEEN_LAYERS : 0);
  }

  /** What has to be fetched from elsewhere before it can be used, of a layer, in ascending order. */
  away(layer: number): readonly number[] {
    const cache = this.caches[layer];
    if (!cache) return [];
    const all = [...cache.given.keys()];
    return all.filter((expert) => !cache.entries.has(expert) && !isOnMachine(cache.layer, expert));
  }

  /** Whether an expert has come: to the GPU where all have room, else to this machine. */
  has({ layer, expert }: Place): boolean {
    const { entries, layer: weights } = this.caches[layer]!;
    return entries.has(expert) || (!this.roomForAll && isOnMachine(weights, expert));
  }

  /** The experts that are to come without being asked for, whom the routers gave most so far first. */
  get lacking(): Place[] {
    const all = this.caches.flatMap((cache, layer) =>
      cache ? Array.from(cache.given, (given, expert) => ({ layer, expert, given })) : [],
    );
    return all.filter((place) => !this.has(place)).sort((a, b) => b.given - a.given);
  }

  private get roomForAll(): boolean {
    return this.entries === this.config.experts;
  }

  /** Reads an expert that nobody asked for; where all have room it goes to the GPU. @param turn awaited before each piece */
  async take({ layer, expert }: Place, turn: () => Promise<void>): Promise<void> {
    const cache = this.caches[layer]!;
    const matrices = await this.read(cache, expert, turn);
    if (!this.roomForAll || cache.entries.has(expert)) return;
    this.place(cache, expert, matrices, new Set());
    cache.untold = true;
    this.counted.bytesMoved += cache.bytes;
    await this.drain(cache.bytes);
  }

  /** Layers whose routers have to be told of experts that came by themselves; once. */
  *untold(): Iterable<number> {
    for (const [layer, cache] of this.caches.entries()) {
      if (!cache?.untold) continue;
      cache.untold = false;
      yield layer;
    }
  }

  /** The same for what a layer is guessed to ask for. */
  async bringGuessed(layer: number, guessed: readonly number[]): Promise<void> {
    const cache = this.caches[layer];
    if (!cache) return;
    cache.guessed = guessed;
    await this.fetch(cache, guessed);
  }

  /** Returns how many were missing. */
  private async fetch(cache: Cache, wanted: readonly number[]): Promise<number> {
    const { entries } = cache;
    const together = new Set(wanted);
    const missing = wanted.filter((expert) => !entries.has(expert));
    for (let i = 0; i < missing.length; i += TOGETHER) {
      const next = missing.slice(i, i + TOGETHER);
      const reading = Promise.all(next.map((expert) => this.read(cache, expert)));
      const matrices = await (this.signal ? orAborted(reading, this.signal) : reading);
      for (const [j, each] of matrices.entries()) this.place(cache, next[j], each, together);
      this.counted.bytesMoved += next.length * cache.bytes;
      await this.drain(next.length * cache.bytes);
    }
    return missing.length;
  }

  private place(
    { entries, write }: Cache,
    expert: number,
    matrices: readonly Tensor[],
    wanted: ReadonlySet<number>,
  ): void {
    const entry = entries.free(wanted, expert);
    write(entry, matrices);
    entries.fill(entry, expert);
  }

  /** In the order of expertWriter(): gate and up together, down, and the same of the biases. */
  private async read({ layer, seen }: Cache, expert: number, turn?: () => Promise<void>): Promise<Tensor[]> {
    const stacks = await readExpert(layer, expert, turn);
    // What was in memory from the start has been looked at.
    if (layer.gate.stored && !seen.has(expert)) for (const tensor of stacks.flat()) this.found.add(tensor);
    seen.add(expert);
    return stacks.map(stackExpert);
  }

  /** Counts what tokens that ran took, each for itself or all together as one pass. */
  note({ count, slots, expertIds, probabilities }: TraceBatch, together: boolean): void {
    const { experts: E } = this.config;
    this.passing = false;
    this.counted.tokens += count;
    const layers = this.caches.length;
    for (const [layer, cache] of this.caches.entries()) {
      if (!cache) continue;
      for (let t = 0; t < count; t++)
        for (let expert = 0, at = (t * layers + layer) * E; expert < E; expert++)
          cache.given[expert] += probabilities[at + expert];
      const taken = Array.from({ length: count }, (_, t) => idsOf(expertIds, (t * layers + layer) * slots, slots));
      for (const experts of together ? [taken.flat()] : taken) {
        const asked = new Set(experts);
        cache.entries.use(asked);
        this.counted.hits += asked.size - cache.fetched;
        cache.fetched = 0;
        this.counted.guessed += cache.guessed.length;
        this.counted.guessedRight += cache.guessed.filter((expert) => asked.has(expert)).length;
        cache.guessed = [];
      }
    }
  }

  private async drain(bytes: number): Promise<void> {
    this.queued += bytes;
    if (this.queued < QUEUED) return;
    this.queued = 0;
    await submittedWorkDone(this.gpu.device);
  }
}

/** Slots of a token that an expert took. */
export const idsOf = (ids: Uint16Array | Uint32Array, from: number, slots: number): number[] =>
  [...ids.subarray(from, from + slots)].filter((id) => id !== NO_EXPERT);
function expertWriter(gpu: Gpu, matrices: readonly WeightMatrix[]): Cache['write'] {
  const writers: RowWriter[] = matrices.map((matrix) => rowWriter(gpu, matrix));
  return (entry, expert) => {
    for (const [i, write] of writers.entries()) write(entry * matrices[i].rows, expert[i].data);
  };
}
