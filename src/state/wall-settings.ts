/** How the wall counts: over which tokens, as a share of what, and in which order a layer's experts stand. */
import { signal } from '@lit-labs/signals';
import type { ShareOf, TraceStore } from './trace-store.ts';

/** token: the one that is looked at; window: the last few; all: the text so far. */
export type Scope = 'token' | 'window' | 'all';

export class WallSettings {
  readonly scope = signal<Scope>('all');
  /** Tokens of the window. */
  readonly window = signal(32);
  readonly shareOf = signal<ShareOf>('assignments');
  /** Per layer, the experts from left to right; null: by number. Stands as it was when asked for, so nothing jumps. */
  readonly order = signal<readonly Uint16Array[] | null>(null);

  /** Orders every layer by its load as it is now, most first; equal loads by number. */
  sortByLoad({ shape, load }: TraceStore): void {
    const { layers, experts } = shape;
    this.order.set(
      Array.from({ length: layers }, (_, layer) =>
        Uint16Array.from({ length: experts }, (_, e) => e).sort(
          (a, b) => load[layer * experts + b] - load[layer * experts + a] || a - b,
        ),
      ),
    );
  }

  sortByNumber(): void {
    this.order.set(null);
  }
}
