/** The text: playing the recording, writing live, pausing, one token at a time. */
import type { RunEnd } from '../../worker/protocol.ts';
import { isCancelled } from '../session/faults.ts';
import type { WriteRequest } from '../session/inputs.ts';
import type { Page } from '../session/page.ts';
import { signal } from '../session/signals.ts';
import { Begun } from './begun.ts';
import { Flight } from './flight.ts';
import { readForm } from './form.ts';
import { Left } from './left.ts';
import { FULL_SPEED, type Pace, SLICE, TOKENS_PER_SECOND } from './pace.ts';
import { Pacer } from './pacer.ts';
import { type Beginning, Receiving } from './receiving.ts';
import { Replay } from './replay.ts';

export class Writing {
  /** The visitor asked for text before the model was there. */
  readonly asked = signal(false);
  /** A new text was asked for; the old one stands until the worker has read the prompt. */
  readonly reading = signal(false);
  /** The text on the page. */
  readonly begun = new Begun();
  private readonly pacer: Pacer;
  private readonly recorded: Replay;
  private readonly receiving: Receiving;
  /** Counts the visitor's wishes: whoever waited for the worker gives up when a newer wish came. */
  private turn = 0;
  private readonly flight = new Flight(() => this.session.client.cancel());
  private readonly left = new Left();
  private wish: WriteRequest | null = null;

  constructor(private readonly session: Page) {
    this.pacer = new Pacer((chunk, from, to) => {
      this.session.trace.append(chunk, from, to);
      if (this.begun.heldBack.get()) this.pause();
      this.goOn();
    }, this.settle);
    this.recorded = new Replay(session, this.pacer, () => this.proceed(), this.settle);
    this.receiving = new Receiving(session, this.pacer, (begun) => this.reading.get() && this.beginAnew(begun));
  }

  /** From the prompt on, anew. */
  async write(tokens = FULL_SPEED): Promise<void> {
    const { session } = this;
    const wish = readForm(this.session);
    if (!wish) return;
    if (!session.opened.get()) {
      this.asked.set(true);
      if (session.engine.get().phase === 'failed') void session.opening.retry();
      return;
    }
    this.asked.set(false);
    session.clearNotice();
    const turn = ++this.turn;
    this.reading.set(true);
    this.receiving.giveWay();
    await this.halt();
    if (turn !== this.turn) return;
    this.pacer.clear();
    this.reading.set(true);
    this.wish = wish;
    this.left.tokens = this.begun.wanted(wish);
    await this.request(session.prompt.get(), tokens);
  }

  /** A text is wanted as soon as there is a model, or none is any more; true if one was. */
  ask(wanted = true): boolean {
    const asked = this.asked.get();
    this.asked.set(wanted);
    return asked;
  }

  /** The big button: whatever goes on next. */
  async toggle(): Promise<void> {
    const { session } = this;
    const phase = session.phase.get();
    if (this.reading.get()) {
      // Nothing of one that gave way comes by itself.
      if (this.begun.hold() || phase !== 'paused' || !this.left.tokens) return;
    }
    if (phase === 'going') return this.pause();
    if (session.isPlayed()) {
      if (session.opened.get()) return this.write();
      return phase === 'paused' ? this.proceed() : this.recorded.play();
    }
    return phase === 'paused' ? this.resume() : this.write();
  }

  pause(): void {
    this.begun.hold(this.reading.get());
    if (!this.session.shown.pause()) return;
    this.pacer.stop();
    this.flight.cancel();
  }

  async oneToken(): Promise<void> {
    const { session } = this;
    this.pause();
    if (this.pacer.one()) return;
    if (session.isPlayed()) return session.opened.get() ? this.write(1) : undefined;
    const turn = ++this.turn;
    await this.flight.land();
    // What the worker had under way when it was paused comes first.
    if (turn !== this.turn || this.pacer.one()) return;
    if (session.trace.count === 0 || this.receiving.isOver) return this.write(1);
    this.wish = this.begun.goesOn(readForm(this.session)) ?? this.wish;
    if (!session.problem.get()) await this.request(null, 1);
  }

  /** Ends the run; what was already drawn is shown. */
  async stop(): Promise<void> {
    this.left.tokens = 0;
    this.begun.until = null;
    this.flight.cancel();
    this.pacer.stop();
    await this.flight.land();
    this.begun.hold(false);
    this.reading.set(false);
    this.pacer.flush();
    this.session.shown.finish();
  }

  async reset(): Promise<void> {
    const { session } = this;
    session.clearNotice();
    session.mark(null);
    session.measuring.cancel();
    if (session.isPlayed() && !session.opened.get()) return this.recorded.play();
    await this.halt();
    this.showLive();
    await session.client.reset().catch((thrown) => session.fail(thrown));
  }

  /** Pauses; resolves when nothing of the text is on its way any more. */
  land(): Promise<void> {
    this.pause();
    return this.flight.land();
  }

  /** Makes way for another text, once it has landed; the answer lets this one go on where it stands. */
  readonly setAside = () => this.pacer.setAside();

  /** Pauses for something else; the answer lets the text go on, unless somebody has decided about it meanwhile. */
  giveWay(): () => void {
    if (this.session.phase.get() !== 'going') return () => {};
    const held = this.begun.heldBack.get();
    this.pause();
    const { turn } = this;
    return () => {
      if (turn !== this.turn || this.session.phase.get() !== 'paused') return;
      this.begun.hold(held);
      this.proceed();
      this.goOn();
      this.settle();
    };
  }

  readonly playRecording = (): Promise<void> => this.recorded.playFirst();

  /** Rests while nobody can see the text. */
  readonly rest = (resting: boolean): void => this.pacer.hold(resting);

  setPace(pace: Pace): void {
    const { session } = this;
    session.shown.setPace(pace);
    this.pacer.rate = TOKENS_PER_SECOND[pace];
    // A run at full speed is far ahead of a reader: it ends, and goes on in slices.
    if (pace !== 'full') this.flight.cancel();
  }

  /** Cancels the run and forgets what was not shown; resolves when the worker is free. */
  async halt(): Promise<void> {
    this.begun.hold(false);
    this.left.tokens = 0;
    this.flight.cancel();
    this.pacer.stop();
    this.session.shown.pause();
    await this.flight.land();
    if (this.session.source.get().kind === 'live') this.pacer.clear();
  }

  /** An empty text of the open model, under a live badge, of which so many tokens are to come. */
  showLive(tokens = 0): void {
    this.pacer.clear();
    this.left.tokens = tokens;
    this.reading.set(false);
    this.session.emptyText();
  }

  /** The worker has read the prompt: its text takes the place of the old one. */
  private beginAnew({ prompt, framed }: Beginning): void {
    this.showLive(this.left.tokens);
    this.begun.text(prompt, this.wish!);
    // A link carries the question alone.
    if (this.session.talk.get()?.begun(prompt, framed)) this.begun.sampling = null;
    this.proceed();
  }

  private proceed(): void {
    this.pacer.rate = TOKENS_PER_SECOND[this.session.pace.get()];
    this.session.shown.go();
    this.pacer.start();
  }

  /** One more length of tokens from where the text stands; a text that came to its own end is written anew. */
  keepWriting(): void {
    if (this.session.phase.get() === 'going') return;
    if (this.receiving.isOver) return void this.write();
    if (this.left.tokens < 1) this.left.tokens = readForm(this.session)?.length ?? 0;
    this.resume();
  }

  private resume(): void {
    this.wish = this.begun.goesOn(readForm(this.session));
    if (!this.wish) return;
    this.session.clearNotice();
    this.proceed();
    this.goOn();
    this.settle();
  }

  /** Asks for the next slice when the page has shown almost all of the last one. */
  private goOn(): void {
    if (this.flight.inAir || this.left.tokens < 1 || this.session.phase.get() !== 'going' || !this.wish) return;
    if (this.pacer.waiting <= SLICE[this.session.pace.get()] / 2) void this.request(null, FULL_SPEED);
  }

  private async request(prompt: string | null, most: number): Promise<void> {
    const { session } = this;
    if (session.engine.get().phase === 'failed') return session.opening.revive(most !== 1);
    // Writing comes first: the worker does one thing at a time.
    session.measuring.cancel();
    const one = most === 1;
    const again = this.left.ask(prompt === null ? session.trace.count + this.pacer.waiting : null);
    const maxTokens = again + (one ? 1 : Math.min(most, this.left.tokens, SLICE[session.pace.get()]));
    this.proceed();
    if (one) this.pacer.rate = FULL_SPEED;
    await this.flight.during(async () => {
      try {
        this.ended(await this.receiving.ask(prompt, maxTokens, this.wish!.sampling), one);
      } catch (thrown) {
        this.broken(thrown);
      }
    });
    this.goOn();
    this.settle();
  }

  private ended(end: RunEnd, one: boolean): void {
    const { session } = this;
    session.shown.ran(end, one);
    this.left.ended(end);
    if (end.reason !== 'cancelled') this.reading.set(false);
    // By the worker, where another model takes over, which knows nothing of the text.
    if (end.reason === 'cancelled' && !this.flight.cancelled) session.shown.pause();
    if (one) {
      this.pacer.flush();
      session.shown.wait();
    }
    if (end.reason === 'context') session.contextFull();
  }

  /** The worker is gone with its text. What had come of it is shown, to be gone on with; true if it was being written. */
  lose(): boolean {
    const { session } = this;
    this.turn++;
    if (session.source.get().kind !== 'live') return false;
    const going = session.shown.pause();
    this.pacer.flush();
    this.pacer.stop();
    if (this.reading.get()) this.asked.set(true);
    else this.left.lost(session.trace, this.flight.inAir);
    this.reading.set(false);
    return going;
  }

  private broken(thrown: unknown): void {
    const { session } = this;
    if (session.engine.get().phase === 'failed') return;
    this.pacer.flush();
    this.left.tokens = 0;
    this.reading.set(false);
    session.shown.wait(session.trace.count > 0);
    if (!isCancelled(thrown)) session.failWriting(thrown);
  }

  /** The run is over once the worker has ended it and the page has shown all of it. */
  private readonly settle = (): void => {
    const { session } = this;
    const more = session.source.get().kind === 'live' && this.left.tokens > 0;
    if (this.flight.inAir || more || this.pacer.waiting || session.phase.get() !== 'going') return;
    const left = this.begun.pauses(session.end.get(), this.wish);
    this.left.tokens = left ?? 0;
    if (left === null) {
      session.shown.finish();
      void session.betweenTexts.ended();
    } else session.shown.wait();
  };
}
