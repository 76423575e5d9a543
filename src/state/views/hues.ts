/**
 * Which of sixteen looks an expert wears: eight hues with a whole line, the same eight with a broken one. The whole ones go
 * to the experts that are busiest in their layer, so that neighbours in a text differ. What an expert wears follows from the
 * text alone, and changes only when the text has doubled in length.
 */

import type { TraceStore } from '../text/trace-store.ts';
import { HUES } from './selection.ts';

/** Tokens after which the busiest are counted anew; no later, because a text must not change its colours for ever. */
const STAGES: readonly number[] = [16, 32, 64, 128, 256];

export class Hues {
  private known = '';
  private readonly slots = new Map<number, readonly number[]>();

  constructor(private readonly trace: TraceStore) {}

  /** Moves when an expert may wear another look. */
  stage(): string {
    const { trace } = this;
    return `${trace.epoch.get()} ${STAGES.findLast((each) => each <= trace.count) ?? 0}`;
  }

  /** 0 … 15: the hue is the remainder by eight. */
  slot(layer: number, expert: number): number {
    const stage = this.stage();
    if (stage !== this.known) this.slots.clear();
    this.known = stage;
    const slots = this.slots.get(layer) ?? this.deal(layer);
    this.slots.set(layer, slots);
    return slots[expert] ?? expert;
  }

  /** Stage by stage, so that whoever stays among the busiest keeps its hue. */
  private deal(layer: number): readonly number[] {
    const { trace } = this;
    const { experts } = trace.shape;
    let slots = Array.from({ length: experts }, (_, expert) => expert);
    if (experts <= HUES) return slots;
    const first = new Uint32Array(experts);
    let at = 0;
    for (const stage of STAGES) {
      if (stage > trace.count) break;
      for (; at < stage; at++) first[trace.expert(at, layer)]++;
      slots = exchanged(slots, first);
    }
    return slots;
  }
}

/** Those newly among the eight busiest change places with those that are no longer. */
function exchanged(slots: readonly number[], load: ArrayLike<number>): number[] {
  const order = slots.map((_, expert) => expert).sort((a, b) => load[b] - load[a] || slots[a] - slots[b]);
  const busiest = new Set(order.slice(0, HUES));
  const coming = order.filter((expert) => busiest.has(expert) && slots[expert] >= HUES);
  const going = order.filter((expert) => !busiest.has(expert) && slots[expert] < HUES);
  const next = [...slots];
  for (const [i, expert] of coming.entries()) [next[expert], next[going[i]]] = [slots[going[i]], slots[expert]];
  return next;
}
