/** How long the rest of a file takes, at the pace of the last seconds: what lies on this machine already came faster. */

/** Milliseconds that the pace is taken over: from one such span to two. */
const SPAN = 4000;

export class TimeLeft {
  private marks: { readonly at: number; readonly done: number }[] = [];

  /** Seconds; null before a pace is known. @param now in milliseconds */
  of(done: number, total: number, now = performance.now()): number | null {
    const last = this.marks.at(-1);
    if (!last || done < last.done) this.marks = [{ at: now, done }];
    else if (now - last.at >= SPAN) this.marks = [last, { at: now, done }];
    const [first] = this.marks;
    const came = done - first.done;
    return now - first.at < SPAN / 2 || came <= 0 || done >= total
      ? null
      : ((total - done) * (now - first.at)) / came / 1000;
  }
}

/** 40 s, 7 min, 1.5 h: no finer than such a guess is. */
export function roughly(seconds: number): string {
  if (seconds < 55) return `${Math.max(5, 5 * Math.round(seconds / 5))}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${Math.max(1, minutes)}\u00a0min` : `${(minutes / 60).toFixed(1)}\u00a0h`;
}
