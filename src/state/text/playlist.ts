/** Text after text, each of another kind, until somebody takes over: a page that nobody touches never stands still. */

import type { Page } from '../session/page.ts';
import { PRESETS } from './presets.ts';

/** In this order neighbours differ most. */
const ORDER = ['story', 'french', 'code', 'german', 'verse', 'spanish', 'prose', 'math'];
const NAMES: Readonly<Record<string, string>> = {
  story: 'A story',
  french: 'French',
  code: 'Code',
  german: 'German',
  verse: 'Verse',
  spanish: 'Spanish',
  prose: 'A novel',
  math: 'A sum',
};
const REST_MILLISECONDS = 3000;
/** About ten minutes; then the machine may rest, too. */
const MOST_TEXTS = 30;
/** Before that the busiest experts are an accident. */
const ENOUGH_TOKENS = 40;

export class Playlist {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private played = 0;
  private now = 0;
  private before: ReadonlySet<number> | null = null;

  constructor(private readonly session: Page) {}

  /** A text came to its end: the next one follows after a rest, if nobody has taken over. */
  ended(): void {
    clearTimeout(this.timer);
    if (!this.goesOn()) return;
    this.timer = setTimeout(() => {
      if (!this.goesOn()) return;
      if (document.hidden) this.ended();
      else this.next();
    }, REST_MILLISECONDS);
  }

  /** How this text differs from the one before: which of its busiest experts are other ones, beside what chance would give. */
  told(): string | null {
    const { trace, betweenTexts } = this.session;
    const { before } = this;
    if (!before || betweenTexts.takenOver || trace.generated() < ENOUGH_TOKENS) return null;
    const { layers, experts, expertsPerToken } = trace.shape;
    const busiest = trace.busiestOf(layers * expertsPerToken);
    const others = busiest.filter((expert) => !before.has(expert)).length;
    const chance = busiest.length * (1 - before.size / (layers * experts));
    return `${NAMES[ORDER[this.now]]} now: ${others} of its ${busiest.length} busiest experts are other ones than before (by chance ${chance.toFixed(1)}).`;
  }

  private goesOn(): boolean {
    const { session } = this;
    const { scenes, kiosk } = session.stage.get();
    const mine = !session.betweenTexts.takenOver && !scenes && !kiosk && session.step.get() === null;
    const resting = session.phase.get() === 'ended' && !session.measuring.running.get();
    return mine && resting && this.played < MOST_TEXTS && !matchMedia('(prefers-reduced-motion: reduce)').matches;
  }

  private next(): void {
    const { session } = this;
    if (session.source.get().kind === 'recorded') {
      // On a slow line the recording goes round until the model is here.
      if (session.engine.get().phase === 'loading') void session.writing.toggle();
      return;
    }
    const { layers, expertsPerToken } = session.trace.shape;
    this.before = new Set(session.trace.busiestOf(layers * expertsPerToken));
    this.played++;
    this.now = this.played % ORDER.length;
    session.prompt.choose(PRESETS.find(({ domain }) => domain === ORDER[this.now])!.prompt);
    void session.writing.write();
  }
}
