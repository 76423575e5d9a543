/** Everything the router did since the text began: append-only columns that views read by position. */

import type { Change } from '../../engine/trace.ts';
import { NO_EXPERT } from '../../engine/types.ts';
import { selectionMargin } from '../measures/router.ts';
import { signal } from '../session/signals.ts';
import { PagedRows } from './paged-rows.ts';

export interface Shape {
  readonly layers: number;
  readonly experts: number;
  readonly expertsPerToken: number;
}

/** Consecutive positions, from a recording or from the worker. Row-major, as in TraceBatch. */
export interface Chunk {
  readonly position: number;
  readonly count: number;
  /** How many of the positions, from the first, belong to the prompt. */
  readonly promptCount: number;
  readonly texts: readonly string[];
  /** Vocabulary ids of the tokens that went in. */
  readonly ids: ArrayLike<number>;
  /** The token drawn last, which has not run yet. */
  readonly pending: string;
  /** Entries of expertIds and gateWeights for one token in one layer, at least K; K when left out. */
  readonly slots?: number;
  /** Unused slots hold NO_EXPERT and weight 0. [T, L, slots] */
  readonly expertIds: ArrayLike<number>;
  readonly gateWeights: ArrayLike<number>;
  /** null when a recording leaves them out. */
  readonly probabilities: ArrayLike<number> | null;
  /** Per position, best first; empty where nothing was drawn. */
  readonly candidates: readonly (readonly Candidate[])[];
  /** Where other interventions came into force. */
  readonly changes?: readonly Change[];
}

export interface Candidate {
  readonly text: string;
  readonly probability: number;
  /** This is the one the sampler took. */
  readonly drawn: boolean;
}

/** What a share is a share of: the layer's (token, expert) pairs, or its tokens. The second is K times the first. */
export type ShareOf = 'assignments' | 'tokens';

export class TraceStore {
  shape: Shape = { layers: 0, experts: 0, expertsPerToken: 0 };
  count = 0;
  promptCount = 0;
  readonly texts: string[] = [];
  readonly ids: number[] = [];
  readonly candidates: (readonly Candidate[])[] = [];
  /** Where other interventions came into force, by position; none before the first. */
  readonly changes: Change[] = [];
  pending = '';
  hasProbabilities = true;
  /** Assignments so far, [L, E]. */
  load = new Uint32Array(0);
  /** Assignments so far, [L]: K for every token unless somebody changed K. */
  assigned = new Uint32Array(0);
  /** Moves with every change; views that read it are drawn again. */
  readonly version = signal(0);
  /** Moves when the text starts over. */
  readonly epoch = signal(0);

  /** Slots that are kept for one token in one layer; grows with the most that any token used. */
  private slots = 0;
  private expertIds = new PagedRows(Uint16Array, 0);
  private gateWeights = new PagedRows(Float32Array, 0);
  private probabilities = new PagedRows(Float32Array, 0);

  clear(shape: Shape = this.shape): void {
    this.shape = shape;
    this.count = 0;
    this.promptCount = 0;
    this.texts.length = 0;
    this.ids.length = 0;
    this.candidates.length = 0;
    this.changes.length = 0;
    this.pending = '';
    this.hasProbabilities = true;
    this.load = new Uint32Array(shape.layers * shape.experts);
    this.assigned = new Uint32Array(shape.layers);
    this.slots = shape.expertsPerToken;
    this.expertIds = new PagedRows(Uint16Array, shape.layers * shape.expertsPerToken);
    this.gateWeights = new PagedRows(Float32Array, shape.layers * shape.expertsPerToken);
    this.probabilities = new PagedRows(Float32Array, shape.layers * shape.experts);
    this.epoch.set(this.epoch.get() + 1);
    this.touch();
  }

  /** Takes all of it out, and leaves the store empty; the answer puts it back as it was. */
  takeOut(): () => void {
    const { shape, count, promptCount, pending, hasProbabilities, load, assigned, slots } = this;
    const { expertIds, gateWeights, probabilities } = this;
    const columns = { shape, count, promptCount, pending, hasProbabilities, load, assigned, slots };
    const lists = (['texts', 'ids', 'candidates', 'changes'] as const).map((name) => [name, [...this[name]]] as const);
    this.clear();
    return () => {
      Object.assign(this, columns, { expertIds, gateWeights, probabilities });
      for (const [name, entries] of lists) {
        const list: unknown[] = this[name];
        list.length = 0;
        for (const entry of entries) list.push(entry);
      }
      this.epoch.set(this.epoch.get() + 1);
      this.touch();
    };
  }

  /** Takes positions [from, to) of the chunk. Positions already held are passed over. */
  append(chunk: Chunk, from = 0, to = chunk.count): void {
    if ((chunk.slots ?? 0) > this.slots) this.widen(chunk.slots!);
    for (let t = from; t < to; t++) {
      if (chunk.position + t < this.count) continue;
      const at = this.count++;
      this.route(chunk, t, at);
      if (chunk.probabilities) {
        const row = this.probabilities.row(at);
        const start = t * row.length;
        for (let r = 0; r < row.length; r++) row[r] = chunk.probabilities[start + r];
      } else this.hasProbabilities = false;
      this.texts.push(chunk.texts[t]);
      this.changes.push(...(chunk.changes ?? []).filter(({ position }) => position === at));
      this.ids.push(chunk.ids[t]);
      this.candidates.push(chunk.candidates[t] ?? []);
      if (t < chunk.promptCount) this.promptCount = this.count;
      this.pending = t + 1 < chunk.count ? chunk.texts[t + 1] : chunk.pending;
    }
    this.touch();
  }

  /** The rank-th expert of a token in a layer, most probable first; NO_EXPERT where fewer were chosen. */
  expert(position: number, layer: number, rank = 0): number {
    return this.holds(position, layer, rank) ? this.expertIds.get(position, layer * this.slots + rank) : NO_EXPERT;
  }

  gate(position: number, layer: number, rank = 0): number {
    return this.holds(position, layer, rank) ? this.gateWeights.get(position, layer * this.slots + rank) : 0;
  }

  /** A view may ask for a place of the text before, while another model's takes its place. */
  private holds(position: number, layer: number, rank: number): boolean {
    return rank < this.slots && position < this.count && layer < this.shape.layers;
  }

  /** How many experts a token used in a layer. */
  chosen(position: number, layer: number): number {
    let used = 0;
    while (this.expert(position, layer, used) !== NO_EXPERT) used++;
    return used;
  }

  /** The rank at which a token chose the expert, or −1. */
  rankOf(position: number, layer: number, expert: number): number {
    for (let rank = 0; rank < this.slots; rank++) if (this.expert(position, layer, rank) === expert) return rank;
    return -1;
  }

  /** The selection margin p(k) − p(k+1): how far the runner-up was from being taken; null when nothing tells. */
  margin(position: number, layer: number): number | null {
    const router = this.router(position, layer);
    return router && selectionMargin(router, this.chosen(position, layer));
  }

  /** The router's softmax over the layer's experts; null when it was not recorded. */
  router(position: number, layer: number): Float32Array | null {
    if (!this.hasProbabilities || !this.holds(position, layer, 0)) return null;
    const { experts } = this.shape;
    return this.probabilities.row(position).subarray(layer * experts, (layer + 1) * experts);
  }

  /** Share of the layer's assignments that went to the expert (sums to 1), or of its tokens (sums to K). */
  share(layer: number, expert: number, of: ShareOf = 'assignments'): number {
    const whole = of === 'assignments' ? this.assigned[layer] : this.count;
    return whole ? this.load[layer * this.shape.experts + expert] / whole : 0;
  }

  /** What share() would be if every expert were taken alike: 1/E, or (mean number chosen)/E. */
  chance(layer: number, of: ShareOf = 'assignments'): number {
    const { experts, expertsPerToken } = this.shape;
    if (of === 'assignments') return 1 / experts;
    return (this.count ? this.assigned[layer] / this.count : expertsPerToken) / experts;
  }

  /** (token, expert) pairs so far, over all layers. */
  assignments(): number {
    return this.assigned.reduce((sum, each) => sum + each, 0);
  }

  /** How many experts of the whole wall have been used at least once. */
  touched(): number {
    let used = 0;
    for (const assignments of this.load) if (assignments) used++;
    return used;
  }

  /** The experts with most assignments so far, of all layers: layer · E + expert. */
  busiestOf(count: number): number[] {
    const order = Array.from(this.load.keys()).sort((a, b) => this.load[b] - this.load[a]);
    return order.slice(0, count);
  }

  /** The expert of a layer with most assignments so far. */
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

  private route(chunk: Chunk, t: number, at: number): void {
    const { layers, experts, expertsPerToken } = this.shape;
    const width = chunk.slots ?? expertsPerToken;
    const ids = this.expertIds.row(at).fill(NO_EXPERT);
    const gates = this.gateWeights.row(at);
    for (let layer = 0; layer < layers; layer++) {
      const start = (t * layers + layer) * width;
      for (let rank = 0; rank < width; rank++) {
        const expert = chunk.expertIds[start + rank];
        if (expert === NO_EXPERT) break;
        ids[layer * this.slots + rank] = expert;
        gates[layer * this.slots + rank] = chunk.gateWeights[start + rank];
        this.load[layer * experts + expert]++;
        this.assigned[layer]++;
      }
    }
  }

  /** Makes room for more experts a token: what is held already keeps its place, with empty slots behind it. */
  private widen(slots: number): void {
    const { layers } = this.shape;
    const old = { ids: this.expertIds, gates: this.gateWeights, slots: this.slots };
    this.slots = slots;
    this.expertIds = new PagedRows(Uint16Array, layers * slots);
    this.gateWeights = new PagedRows(Float32Array, layers * slots);
    for (let at = 0; at < this.count; at++) {
      const ids = this.expertIds.row(at).fill(NO_EXPERT);
      const gates = this.gateWeights.row(at);
      for (let layer = 0; layer < layers; layer++) {
        const [from, to] = [layer * old.slots, (layer + 1) * old.slots];
        ids.set(old.ids.row(at).subarray(from, to), layer * slots);
        gates.set(old.gates.row(at).subarray(from, to), layer * slots);
      }
    }
  }

  private touch(): void {
    this.version.set(this.version.get() + 1);
  }
}
