/** How fast the text goes on the page. */
export type Pace = 'slow' | 'reading' | 'full';

export const FULL_SPEED = Number.POSITIVE_INFINITY;

export const TOKENS_PER_SECOND: Record<Pace, number> = { slow: 3, reading: 12, full: FULL_SPEED };

/**
 * At a pace below full speed the worker is asked for a few tokens at a time: what the visitor switches off or pauses takes
 * hold within half a second, not after everything that was drawn ahead. Draws depend on seed and position alone, so the
 * text is the same as in one run.
 */
export const SLICE: Record<Pace, number> = { slow: 2, reading: 6, full: FULL_SPEED };

/** Decode speed over the slices of one text. */
export class Speed {
  private tokens = 0;
  private milliseconds = 0;

  /** Tokens per second so far, or null before there is anything to divide by. */
  add(generated: number, decodeMilliseconds: number): number | null {
    // The first token of a run comes out of the prefill.
    this.tokens += Math.max(0, generated - 1);
    this.milliseconds += decodeMilliseconds;
    return this.milliseconds > 0 && this.tokens > 0 ? (this.tokens * 1000) / this.milliseconds : null;
  }
}
