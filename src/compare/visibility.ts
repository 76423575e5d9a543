/** A hidden tab is throttled and its GPU clocked down: what is timed meanwhile is thrown away and taken again. */
import type { Stopwatch } from './sampler.ts';

/** What the page tells of its tab. */
export class Visibility {
  private hidden = false;
  private changes = 0;
  private waiting: (() => void)[] = [];

  set(hidden: boolean): void {
    if (hidden === this.hidden) return;
    this.hidden = hidden;
    this.changes++;
    if (hidden) return;
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Resolves once the tab is in front, with a test of whether it has been since. @throws the signal's reason */
  async shown(signal?: AbortSignal): Promise<() => boolean> {
    signal?.throwIfAborted();
    if (this.hidden) {
      const aborted = new Promise<void>((resolve) =>
        signal?.addEventListener('abort', () => resolve(), { once: true }),
      );
      await Promise.race([new Promise<void>((resolve) => this.waiting.push(resolve)), aborted]);
      signal?.throwIfAborted();
    }
    const changes = this.changes;
    return () => changes === this.changes;
  }
}

export interface WatchedStopwatch extends Stopwatch {
  /** Runs that were taken again. */
  readonly discarded: number;
}

/** A stopwatch that waits while the tab is hidden, and takes again what ran while it was. */
export function watched(watch: Stopwatch, visibility: Visibility, signal?: AbortSignal): WatchedStopwatch {
  let discarded = 0;
  return {
    clock: watch.clock,
    get discarded() {
      return discarded;
    },
    async run(work, repeats) {
      for (;;) {
        const stillShown = await visibility.shown(signal);
        const reading = await watch.run(work, repeats);
        if (stillShown()) return reading;
        discarded++;
      }
    },
    destroy: () => watch.destroy(),
  };
}
