/** What the text on the page was asked for with, whatever stands in the form since. */
import type { Sampling } from '../../engine/types.ts';
import type { RunEnd } from '../../worker/protocol.ts';
import type { WriteRequest } from '../session/inputs.ts';
import type { PageStore } from '../session/page-store.ts';
import { signal } from '../session/signals.ts';

const same = (a: Sampling, b: Sampling): boolean =>
  a.temperature === b.temperature && a.topK === b.topK && a.topP === b.topP && a.seed === b.seed;

export class Begun {
  private prompt = '';
  /** null before there is a text, and once it went on with another. */
  sampling: Sampling | null = null;
  /** Drawn tokens after which it pauses. */
  until: number | null = null;
  /** The same of the text that a link asks for, and that does not stand there yet. */
  linked: number | null = null;

  /** Paused while its prompt is still read: it pauses once that stands there. */
  readonly heldBack = signal(false);

  /** Whether it is to be held back when it begins; unless said, other than before. */
  hold(held = !this.heldBack.get()): boolean {
    this.heldBack.set(held);
    return held;
  }

  /** How many tokens are written of a text that is asked for. */
  wanted({ length }: WriteRequest): number {
    return this.linked ?? length;
  }

  text(prompt: string, { sampling }: WriteRequest): void {
    this.prompt = prompt;
    this.sampling = sampling;
    this.until = this.linked;
    this.linked = null;
  }

  /** It goes on with what the form says now. */
  goesOn(wish: WriteRequest | null): WriteRequest | null {
    if (wish && this.sampling && !same(this.sampling, wish.sampling)) this.sampling = null;
    return wish;
  }

  /** All that was asked for stands there: how many tokens are left, where it pauses now and does not end. */
  pauses(end: RunEnd | null, wish: WriteRequest | null): number | null {
    const { until } = this;
    this.until = null;
    return until !== null && wish && end?.reason === 'length' ? Math.max(0, wish.length - until) : null;
  }

  /** It is the text that the form asks for. */
  isOf(prompt: string, sampling: Sampling): boolean {
    return this.sampling !== null && this.prompt === prompt && same(this.sampling, sampling);
  }
}

/** Tokens that the model has drawn and that stand on the page; the last of them has not run yet. */
export function written({ trace, source, phase, end }: PageStore): number {
  trace.version.get();
  const over = phase.get() === 'ended' && end.get()?.reason === 'eos';
  const live = source.get().kind === 'live';
  const drawn = live && !over ? (trace.candidates.at(-1)?.length ?? 0) > 0 : trace.pending !== '';
  return trace.generated() + (drawn ? 1 : 0);
}
