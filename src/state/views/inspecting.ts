/** What has to be asked of the engine about one token: logits and outputs, and what the runner-up expert would have done. */

import type { PositionInspection, RunnerUp } from '../../worker/protocol.ts';
import { asFault } from '../session/faults.ts';
import type { Page } from '../session/page.ts';
import { signal } from '../session/signals.ts';

export type Answer<T> =
  | { readonly state: 'none' }
  | { readonly state: 'waiting'; readonly key: string }
  | { readonly state: 'here'; readonly key: string; readonly result: T }
  | { readonly state: 'failed'; readonly key: string; readonly message: string };

/** A pointer that runs over the text asks nothing. */
const SETTLE_MILLISECONDS = 180;
const KEPT = 64;

/**
 * One kind of question: the latest wish is asked when the one before is answered; answers are kept. A view wishes while it
 * is drawn, and what changes in the middle of that would not draw it again: so every answer comes a moment later.
 */
export class Question<T> {
  readonly answer = signal<Answer<T>>({ state: 'none' });
  private readonly kept = new Map<string, T>();
  private wish: { readonly key: string; readonly ask: () => Promise<T> } | null = null;
  private asking = false;
  private wanted: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  want(key: string, ask: () => Promise<T>): void {
    if (this.wanted === key) return;
    this.wanted = key;
    clearTimeout(this.timer);
    const known = this.kept.get(key);
    this.wish = known ? null : { key, ask };
    this.tell(key, known ? { state: 'here', key, result: known } : { state: 'waiting', key });
    if (!known) this.timer = setTimeout(() => void this.next(), SETTLE_MILLISECONDS);
  }

  drop(): void {
    if (this.wanted === null) return;
    clearTimeout(this.timer);
    this.wanted = null;
    this.wish = null;
    this.tell(null, { state: 'none' });
  }

  private tell(key: string | null, answer: Answer<T>): void {
    queueMicrotask(() => {
      if (this.wanted === key) this.answer.set(answer);
    });
  }

  private async next(): Promise<void> {
    if (this.asking || !this.wish) return;
    const { key, ask } = this.wish;
    this.wish = null;
    this.asking = true;
    try {
      const result = await ask();
      this.kept.set(key, result);
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
      this.tell(key, { state: 'here', key, result });
    } catch (thrown) {
      const { message } = asFault(thrown, 'The engine gave no answer.');
      this.tell(key, { state: 'failed', key, message });
    } finally {
      this.asking = false;
    }
    await this.next();
  }
}

export class Inspecting {
  private readonly inspections = new Question<PositionInspection>();
  private readonly swaps = new Question<RunnerUp>();
  readonly inspection = this.inspections.answer;
  readonly swap = this.swaps.answer;

  constructor(private readonly session: Page) {}

  /** Whether the engine can be asked: of the live text, about a token that stays, or while nothing is written. */
  private may(position: number): boolean {
    const { session } = this;
    const live = session.source.get().kind === 'live' && session.opened.get() !== null;
    const rests = session.phase.get() !== 'going' || session.pinned.get() === position;
    return live && rests && position >= 0 && session.shape.get().experts > 1 && !session.writing.reading.get();
  }

  wantInspection(position: number): void {
    const { client } = this.session;
    if (!this.may(position)) this.inspections.drop();
    else this.inspections.want(this.key(position), () => client.inspect(position));
  }

  /** @param layer null swaps in every layer */
  wantSwap(position: number, layer: number | null): void {
    const { client } = this.session;
    if (!this.may(position)) this.swaps.drop();
    else this.swaps.want(`${this.key(position)}:${layer}`, () => client.runnerUp(position, layer));
  }

  /** The text, and the position in it. */
  private key(position: number): string {
    return `${this.session.trace.epoch.get()}:${position}`;
  }
}
