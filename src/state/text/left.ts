/** How many tokens of the text are still to be drawn. */
import type { RunEnd } from '../../worker/protocol.ts';
import type { TraceStore } from './trace-store.ts';

export class Left {
  tokens = 0;
  /** 1 where a new worker has to draw the last token again, which only the old one knew. */
  private again = 0;
  /** Positions that were there when the run in flight was asked for; null for one that began with a prompt. */
  private from: number | null = 0;

  /** A run is asked for. Returns how many more it has to draw than it is to add. */
  ask(from: number | null): number {
    this.from = from;
    if (from === null) this.again = 0;
    return this.again;
  }

  ended({ reason, generated }: RunEnd): void {
    const goesOn = reason === 'length' || reason === 'cancelled';
    this.tokens = goesOn ? this.tokens - Math.max(0, generated - this.again) : 0;
    if (generated > 0) this.again = 0;
  }

  /** The worker is gone; all that had come of the text is in the trace. */
  lost(trace: TraceStore, inFlight: boolean): void {
    if (inFlight) {
      // The first run draws one token more than it runs; what a later one draws last, too, is drawn again.
      const drawn = this.from === null ? trace.generated() + 1 : trace.count - this.from - this.again;
      this.tokens = Math.max(0, this.tokens - Math.max(0, drawn));
    }
    this.again = 1;
  }
}
