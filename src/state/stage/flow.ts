/** Text after text for as long as a scene stands: what a hall looks at is never a text that has ended. */

import { follow } from '../session/follow.ts';
import type { Session } from '../session/session.ts';
import { PRESETS } from '../text/presets.ts';
import type { Clock } from './idle.ts';

/** Long enough to see that a text came to its end. */
const REST_MILLISECONDS = 2500;

/** The kind of text that a prompt of the page begins; null for a prompt of somebody's own. */
export const kindOf = (prompt: string): string | null =>
  PRESETS.find((preset) => preset.prompt === prompt)?.domain ?? null;

export class Flow {
  private cancel: (() => void) | null = null;
  private readonly stop: () => void;

  /** @param next the kind of text that follows, null for the same prompt drawn otherwise; undefined: none follows now */
  constructor(
    private readonly session: Session,
    private readonly clock: Clock,
    private readonly next: () => string | null | undefined,
  ) {
    this.stop = follow(() => {
      const { phase, pinned, training } = session;
      const rests = phase.get() === 'ended' && pinned.get() === null && training.get() === null;
      const follows = rests && this.next() !== undefined;
      this.cancel?.();
      this.cancel = follows ? this.later() : null;
    });
  }

  /** Another kind of text now, in the middle of the one that is written. */
  async write(kind: string | null): Promise<void> {
    const { session } = this;
    const preset = PRESETS.find(({ domain }) => domain === kind);
    if (preset) session.prompt.choose(preset.prompt);
    // Drawn otherwise, so that nobody reads the same text twice.
    const sampling = session.sampling.get();
    session.sampling.choose({ ...sampling, seed: String((Number.parseInt(sampling.seed, 10) || 0) + 1) });
    await session.writing.write();
  }

  close(): void {
    this.stop();
    this.cancel?.();
  }

  private later(): () => void {
    return this.clock.after(REST_MILLISECONDS, () => {
      this.cancel = null;
      const { session } = this;
      const kind = this.next();
      if (kind === undefined || session.phase.get() !== 'ended') return;
      // What the page measures by itself between two texts gives way; what the speaker asked for does not.
      const measures = session.measuring.running.get();
      if (measures) session.measuring.giveWay();
      // A hidden page writes nothing; it looks again when it may be seen.
      if (measures || globalThis.document?.hidden) this.cancel = this.later();
      else if (session.source.get().kind === 'live') void this.write(kind);
      // Until the model is here, and where none comes, the recording goes round.
      else if (!session.opened.get()) void session.writing.toggle();
    });
  }
}
