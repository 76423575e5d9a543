/** What the wall shows: over which tokens it counts, as a share of what, and in which order a layer's experts stand. */

import { WindowLoad } from '../measures/window.ts';
import { choice, signal } from '../session/signals.ts';
import type { ShareOf, TraceStore } from '../text/trace-store.ts';

/** token: the router's probabilities for the one that is looked at; window: load of the last few; all: of the text so far. */
export type Scope = 'token' | 'window' | 'all';

export class Wall {
  readonly scope = choice<Scope>('all');
  /** Tokens of the window. */
  readonly window = choice(32);
  readonly shareOf = choice<ShareOf>('assignments');
  /** Per layer, the experts from left to right; null: by number. */
  readonly order = signal<readonly Uint16Array[] | null>(null);
  private windowed: WindowLoad | null = null;
  private epoch = -1;
  private buffer = new Float32Array(0);

  /** @param current the token that is looked at, or the latest; −1 before there is one */
  constructor(
    private readonly trace: TraceStore,
    private readonly current: { get(): number },
  ) {}

  /** Tokens the load is counted over. */
  tokens(): number {
    const scope = this.scope.get();
    if (scope === 'window') return this.followed().tokens;
    return scope === 'all' ? this.trace.count : Math.min(1, this.trace.count);
  }

  /** What the legend says it is. */
  share(layer: number, expert: number): number {
    return this.reader()(layer, expert);
  }

  /** All of it, [L, E], in O(L·E). The array is filled anew by the next call. */
  shares(): Float32Array {
    const { layers, experts } = this.trace.shape;
    if (this.buffer.length !== layers * experts) this.buffer = new Float32Array(layers * experts);
    const read = this.reader();
    for (let layer = 0; layer < layers; layer++)
      for (let expert = 0; expert < experts; expert++) this.buffer[layer * experts + expert] = read(layer, expert);
    return this.buffer;
  }

  private reader(): (layer: number, expert: number) => number {
    const { trace } = this;
    const { experts } = trace.shape;
    const scope = this.scope.get();
    if (scope === 'token') {
      const at = this.current.get();
      if (at < 0) return () => 0;
      return (layer, expert) => {
        const router = trace.router(at, layer);
        if (router) return router[expert];
        const rank = trace.rankOf(at, layer, expert);
        return rank < 0 ? 0 : trace.gate(at, layer, rank);
      };
    }
    const { load, assigned, tokens } =
      scope === 'window' ? this.followed() : { load: trace.load, assigned: trace.assigned, tokens: trace.count };
    const ofTokens = this.shareOf.get() === 'tokens';
    return (layer, expert) => {
      const whole = ofTokens ? tokens : assigned[layer];
      return whole ? load[layer * experts + expert] / whole : 0;
    };
  }

  /** The same share if every expert were taken, or thought of, alike. */
  chance(layer: number): number {
    const { trace } = this;
    if (this.scope.get() === 'token' || this.shareOf.get() === 'assignments') return 1 / trace.shape.experts;
    if (this.scope.get() === 'all') return trace.chance(layer, 'tokens');
    const { assigned, tokens } = this.followed();
    return (tokens ? assigned[layer] / tokens : trace.shape.expertsPerToken) / trace.shape.experts;
  }

  /** Orders every layer by its share as it is now, most first; equal ones by number. It stays so until asked again. */
  sort(): void {
    const { layers, experts } = this.trace.shape;
    const all = this.shares();
    this.order.set(
      Array.from({ length: layers }, (_, layer) => {
        const shares = all.subarray(layer * experts, (layer + 1) * experts);
        return Uint16Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a] || a - b);
      }),
    );
  }

  unsort(): void {
    this.order.set(null);
  }

  /** The layer's experts from left to right; null: by number. An order made for a wall of another shape does not count. */
  columns(layer: number): Uint16Array | null {
    const order = this.order.get();
    const { layers, experts } = this.trace.shape;
    return order?.length === layers && order[layer]?.length === experts ? order[layer] : null;
  }

  expertAt(layer: number, column: number): number {
    return this.columns(layer)?.[column] ?? column;
  }

  columnOf(layer: number, expert: number): number {
    return this.columns(layer)?.indexOf(expert) ?? expert;
  }

  private followed(): WindowLoad {
    const size = this.window.get();
    const epoch = this.trace.epoch.get();
    if (this.windowed?.size !== size || this.epoch !== epoch) {
      this.windowed = new WindowLoad(this.trace, size);
      this.epoch = epoch;
    }
    this.windowed.follow();
    return this.windowed;
  }
}
