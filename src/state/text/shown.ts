/** The text on the page: where it comes from, how it goes and how it ended. */
import type { EngineInfo } from '../../engine/types.ts';
import type { Opened, RunEnd } from '../../worker/protocol.ts';
import type { Phase, Source } from '../session/session-types.ts';
import { signal } from '../session/signals.ts';
import { type Pace, Speed } from './pace.ts';

const HANDOVER_MILLISECONDS = 1100;

export class ShownText {
  readonly source = signal<Source>({ kind: 'none' });
  readonly phase = signal<Phase>('rest');
  readonly end = signal<RunEnd | null>(null);
  readonly pace = signal<Pace>('reading');
  /** Decode speed of the run in tokens per second, only when the page did not hold it back. */
  readonly speed = signal<number | null>(null);
  /** The recording is giving way to the live model. */
  readonly handover = signal(false);
  /** The open model has written a text before the one that stands: only then is there a routing to freeze. */
  readonly hasPrevious = signal(false);
  private clock = new Speed();
  /** The model that it is of. */
  writer: Opened['model'] | null = null;

  /** A recording stands there, and is about to be played. */
  play(source: Source): void {
    this.source.set(source);
  }

  /** A text from elsewhere stands there, written to its end. */
  bring(source: Source): void {
    this.source.set(source);
    this.end.set(null);
    this.phase.set('ended');
  }

  /** For one from elsewhere; the answer brings this one back as it was. */
  putAside(): () => void {
    const [source, phase, end] = [this.source.get(), this.phase.get(), this.end.get()];
    return () => {
      this.source.set(source);
      this.end.set(end);
      this.phase.set(phase);
    };
  }

  /** An empty one of the open model. @param written something stood there */
  empty({ model, info }: Opened, written: boolean): void {
    if (this.writer !== model) this.hasPrevious.set(false);
    else if (written) this.hasPrevious.set(true);
    this.writer = model;
    this.end.set(null);
    this.speed.set(null);
    this.clock = new Speed();
    this.source.set({ kind: 'live', info });
    this.phase.set('rest');
  }

  go(): void {
    this.phase.set('going');
  }

  /** Holds one that goes; true if it did. */
  pause(): boolean {
    const going = this.phase.get() === 'going';
    if (going) this.phase.set('paused');
    return going;
  }

  /** It can be gone on with. @param begun some of it stands there */
  wait(begun = true): void {
    this.phase.set(begun ? 'paused' : 'rest');
  }

  finish(): void {
    this.phase.set('ended');
  }

  /** What was asked of the worker at once is there. @param one it was a single token, which says nothing about speed */
  ran(end: RunEnd, one: boolean): void {
    this.end.set(end);
    if (this.pace.get() === 'full' && !one) this.speed.set(this.clock.add(end.generated, end.decodeMilliseconds));
  }

  /** What was measured at another pace does not hold. */
  setPace(pace: Pace): void {
    this.pace.set(pace);
    this.speed.set(null);
  }

  handOver(): void {
    this.handover.set(true);
    setTimeout(() => this.handover.set(false), HANDOVER_MILLISECONDS);
  }

  /** The engine that writes it runs elsewhere now. */
  moved(info: EngineInfo): void {
    if (this.source.get().kind === 'live') this.source.set({ kind: 'live', info });
  }

  /** The engine that wrote it is gone. */
  strand(): void {
    const source = this.source.get();
    if (source.kind === 'live') this.source.set({ ...source, stopped: true });
  }
}
