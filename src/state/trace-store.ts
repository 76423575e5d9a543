/** Everything the router did since the text began: append-only columns that views read by position. */
import { signal } from '@lit-labs/signals';

export interface Shape {
  readonly layers: number;
  readonly experts: number;
  readonly perToken: number;
}

/** Consecutive positions, from a recording or from the worker. Row-major, as in TraceBatch. */
export interface Chunk {
  readonly position: number;
  readonly count: number;
  /** How many of the positions, from the first, belong to the prompt. */
  readonly promptCount: number;
  readonly texts: readonly string[];
  /** The token drawn last, which has not run yet. */
  readonly pending: string;
  readonly expertIds: ArrayLike<number>;
  readonly gateWeights: ArrayLike<number>;
  /** null when a recording leaves them out. */
  readonly probabilities: ArrayLike<number> | null;
  /** Per position, best first; empty where nothing was drawn. */
  readonly candidates: readonly (readonly Candidate[])[];
}

export interface Candidate {
  readonly text: string;
  readonly probability: number;
  /** This is the one the sampler took. */
  readonly drawn: boolean;
}

function grown<T extends Uint16Array | Float32Array>(array: T, needed: number): T {
  if (array.length >= needed) return array;
  const next = new (array.constructor as new (n: number) => T)(Math.max(needed, array.length * 2, 1024));
  next.set(array as never);
  return next;
}

export class TraceStore {
  shape: Shape = { layers: 0, experts: 0, perToken: 0 };
  count = 0;
  promptCount = 0;
  readonly texts: string[] = [];
  readonly candidates: (readonly Candidate[])[] = [];
  pending = '';
  hasProbabilities = true;
  /** Slots so far, [L, E]. */
  load = new Uint32Array(0);
  /** Moves with every change; views that read it are drawn again. */
  readonly version = signal(0);
  /** Moves when the text starts over. */
  readonly epoch = signal(0);

  private expertIds = new Uint16Array(0);
  private gateWeights = new Float32Array(0);
  private probabilities = new Float32Array(0);

  clear(shape: Shape = this.shape): void {
    this.shape = shape;
    this.count = 0;
    this.promptCount = 0;
    this.texts.length = 0;
    this.candidates.length = 0;
    this.pending = '';
    this.hasProbabilities = true;
    this.load = new Uint32Array(shape.layers * shape.experts);
    this.epoch.set(this.epoch.get() + 1);
    this.touch();
  }

  /** Takes positions [from, to) of the chunk. Positions already held are passed over. */
  append(chunk: Chunk, from = 0, to = chunk.count): void {
    const { layers, experts, perToken } = this.shape;
    const slots = layers * perToken;
    const routed = layers * experts;
    for (let t = from; t < to; t++) {
      if (chunk.position + t < this.count) continue;
      const at = this.count++;
      this.expertIds = grown(this.expertIds, this.count * slots);
      this.gateWeights = grown(this.gateWeights, this.count * slots);
      for (let s = 0; s < slots; s++) {
        const expert = chunk.expertIds[t * slots + s];
        this.expertIds[at * slots + s] = expert;
        this.gateWeights[at * slots + s] = chunk.gateWeights[t * slots + s];
        this.load[Math.floor(s / perToken) * experts + expert]++;
      }
      if (chunk.probabilities) {
        this.probabilities = grown(this.probabilities, this.count * routed);
        for (let r = 0; r < routed; r++) this.probabilities[at * routed + r] = chunk.probabilities[t * routed + r];
      } else this.hasProbabilities = false;
      this.texts.push(chunk.texts[t]);
      this.candidates.push(chunk.candidates[t] ?? []);
      if (t < chunk.promptCount) this.promptCount = this.count;
      this.pending = t + 1 < chunk.count ? chunk.texts[t + 1] : chunk.pending;
    }
    this.touch();
  }

  /** The rank-th expert of a token in a layer, most probable first. */
  expert(position: number, layer: number, rank = 0): number {
    const { layers, perToken } = this.shape;
    return this.expertIds[(position * layers + layer) * perToken + rank];
  }

  gate(position: number, layer: number, rank = 0): number {
    const { layers, perToken } = this.shape;
    return this.gateWeights[(position * layers + layer) * perToken + rank];
  }

  /** The router's softmax over the layer's experts; null when it was not recorded. */
  router(position: number, layer: number): Float32Array | null {
    if (!this.hasProbabilities || position >= this.count) return null;
    const { layers, experts } = this.shape;
    const start = (position * layers + layer) * experts;
    return this.probabilities.subarray(start, start + experts);
  }

  /** Share of the layer's slots that went to the expert: sums to 1 over a layer, chance is 1/E. */
  share(layer: number, expert: number): number {
    const slots = this.count * this.shape.perToken;
    return slots ? this.load[layer * this.shape.experts + expert] / slots : 0;
  }

  /** How many experts of the whole wall have been used at least once. */
  touched(): number {
    let used = 0;
    for (const slots of this.load) if (slots) used++;
    return used;
  }

  /** The expert of a layer with most slots so far. */
  busiest(layer: number): number {
    const { experts } = this.shape;
    let best = 0;
    for (let e = 1; e < experts; e++) {
      if (this.load[layer * experts + e] > this.load[layer * experts + best]) best = e;
    }
    return best;
  }

  generated(): number {
    return this.count - this.promptCount;
  }

  text(): string {
    return this.texts.join('') + this.pending;
  }

  private touch(): void {
    this.version.set(this.version.get() + 1);
  }
}
