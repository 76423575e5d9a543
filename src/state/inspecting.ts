/** What has to be asked of the engine about one token: logits and outputs, and what the runner-up expert would have done. */
import { signal } from '@lit-labs/signals';
import type { PositionInspection, RunnerUp } from '../worker/protocol.ts';
import { asFault } from './faults.ts';
import type { Session } from './session.ts';

export type Answer<T> =
  | { readonly state: 'none' }
  | { readonly state: 'waiting'; readonly key: string }
  | { readonly state: 'here'; readonly key: string; readonly result: T }
  | { readonly state: 'failed'; readonly key: string; readonly message: string };

/** A pointer that runs over the text asks nothing. */
const SETTLE_MILLISECONDS = 180;
const KEPT = 64;

/** One kind of question: the latest wish is asked when the one before is answered; answers are kept. */
class Question<T> {
  readonly answer = signal<Answer<T>>({ state: 'none' });
  private readonly kept = new Map<string, T>();
  private wish: { readonly key: string; readonly ask: () => Promise<T> } | null = null;
  private asking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  want(key: string, ask: () => Promise<T>): void {
    const now = this.answer.get();
    if (now.state !== 'none' && now.key === key) return;
    const known = this.kept.get(key);
    clearTimeout(this.timer);
    if (known) {
      this.wish = null;
      this.answer.set({ state: 'here', key, result: known });
      return;
    }
    this.wish = { key, ask };
    this.answer.set({ state: 'waiting', key });
    this.timer = setTimeout(() => void this.next(), SETTLE_MILLISECONDS);
  }

  drop(): void {
    clearTimeout(this.timer);
    this.wish = null;
    if (this.answer.get().state !== 'none') this.answer.set({ state: 'none' });
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
      if (this.isWaited(key)) this.answer.set({ state: 'here', key, result });
    } catch (thrown) {
      const { message } = asFault(thrown, 'The engine gave no answer.');
      if (this.isWaited(key)) this.answer.set({ state: 'failed', key, message });
    } finally {
      this.asking = false;
    }
    await this.next();
  }

  private isWaited(key: string): boolean {
    const now = this.answer.get();
    return now.state === 'waiting' && now.key === key;
  }
}

export class Inspecting {
  private readonly inspections = new Question<PositionInspection>();
  private readonly swaps = new Question<RunnerUp>();
  readonly inspection = this.inspections.answer;
  readonly swap = this.swaps.answer;

  constructor(private readonly session: Session) {}

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
