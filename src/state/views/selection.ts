/** What the visitor looks at: a token, an expert. Every view reads it here, so that the same thing is lit everywhere. */
import { computed, signal } from '../session/signals.ts';
import type { Shape } from '../text/trace-store.ts';

export interface Expert {
  readonly layer: number;
  readonly expert: number;
}

export interface PinnedExpert extends Expert {
  /** 0 … 7, its own for as long as it is pinned. */
  readonly hue: number;
}

export const HUES = 8;
/** With more experts a layer than this, colour says nothing about which one: then place alone does. */
const COLOURED_EXPERTS = 2 * HUES;

export function sameExpert(a: Expert | null, b: Expert | null): boolean {
  return a?.layer === b?.layer && a?.expert === b?.expert;
}

export class Selection {
  /** The token under the cursor or the focus, and the one that was pinned by a click. */
  readonly hovered = signal<number | null>(null);
  readonly pinned = signal<number | null>(null);
  readonly hoveredExpert = signal<Expert | null>(null);
  /** In the order of pinning, at most eight. */
  readonly pinnedExperts = signal<readonly PinnedExpert[]>([]);
  /** The expert that the views speak of: looked at, else the one pinned last. */
  readonly inspectedExpert = computed<Expert | null>(
    () => this.hoveredExpert.get() ?? this.pinnedExperts.get().at(-1) ?? null,
  );

  /** Looks at an expert, or at none; setting the same one again wakes nobody. */
  hoverExpert(to: Expert | null): void {
    if (!sameExpert(this.hoveredExpert.get(), to)) this.hoveredExpert.set(to);
  }

  pinOf(expert: Expert): PinnedExpert | null {
    return this.pinnedExperts.get().find((pin) => sameExpert(pin, expert)) ?? null;
  }

  /** Pins an expert, or lets it go. The ninth takes the place and the hue of the first. */
  togglePin({ layer, expert }: Expert): void {
    const pins = this.pinnedExperts.get();
    const rest = pins.filter((pin) => !sameExpert(pin, { layer, expert }));
    if (rest.length < pins.length) this.pinnedExperts.set(rest);
    else this.pin({ layer, expert });
  }

  /** Pins an expert; one that is pinned already becomes the last pinned. */
  pin({ layer, expert }: Expert): void {
    const old = this.pinOf({ layer, expert });
    const rest = this.pinnedExperts.get().filter((pin) => pin !== old);
    const kept = rest.slice(Math.max(0, rest.length - HUES + 1));
    const hue = old?.hue ?? Array.from({ length: HUES }, (_, i) => i).find((i) => !kept.some((pin) => pin.hue === i))!;
    this.pinnedExperts.set([...kept, { layer, expert, hue }]);
  }

  hover(token: number | null): void {
    this.hovered.set(token);
  }

  pinToken(token: number | null): void {
    this.pinned.set(token);
  }

  /** Pins a token, or lets it go. */
  toggleToken(token: number): void {
    this.pinned.set(this.pinned.get() === token ? null : token);
  }

  /** Lets go of the text's tokens. */
  forgetTokens(): void {
    this.pinned.set(null);
    this.hovered.set(null);
  }

  /** Lets go of all that was pinned. */
  unpin(): void {
    this.pinned.set(null);
    this.pinnedExperts.set([]);
  }

  /** Lets go of experts that a model of this shape does not have. */
  fit({ layers, experts }: Shape): void {
    this.hoverExpert(null);
    const there = this.pinnedExperts.get().filter((pin) => pin.layer < layers && pin.expert < experts);
    if (there.length < this.pinnedExperts.get().length) this.pinnedExperts.set(there);
  }
}

/** Who wears which look, see hues.ts. */
interface Slots {
  slot(layer: number, expert: number): number;
}

/** Whether hue tells experts of such a layer apart by itself (with a second sign for the second eight). */
export function isColoured({ experts }: Shape): boolean {
  return experts > 1 && experts <= COLOURED_EXPERTS;
}

/** The hue of an expert, 0 … 7: with few experts its own, the same in text and wall; else its pin's, or null. */
export function hueOf(shape: Shape, expert: Expert, pins: readonly PinnedExpert[], hues: Slots): number | null {
  if (isColoured(shape)) return hues.slot(expert.layer, expert.expert) % HUES;
  return pins.find((pin) => sameExpert(pin, expert))?.hue ?? null;
}
