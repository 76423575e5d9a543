/** What a text of one kind leaves of the experts that another kind kept busy. */

import { follow } from '../session/follow.ts';
import type { Session } from '../session/session.ts';
import { type Readable, signal, untracked } from '../session/signals.ts';
import { kindOf } from './flow.ts';
import type { Clock } from './idle.ts';

/** Before that the busiest experts are an accident. */
const ENOUGH_TOKENS = 60;
/** A share of a handful of choices is one, too. */
const TOLD_TOKENS = 24;
/** The hall looks at the first text's experts before the second begins. */
const LOOK_MILLISECONDS = 4000;

export interface Reference {
  readonly kind: string;
  /** Its busiest experts, as many as work on a token: layer · E + expert. */
  readonly experts: readonly number[];
}

export interface KindShare {
  readonly kind: string;
  /** Of the kind's choices, those that went to the reference's experts; by chance it is their share of all experts. */
  readonly share: number;
  /** As the model's card says of held-out text: nothing is written live. */
  readonly held: boolean;
}

export class Others {
  readonly reference = signal<Reference | null>(null);
  /** The reference's own, then the other's, once each is known. */
  readonly shares: Readable<readonly KindShare[]>;
  private readonly told = signal<readonly KindShare[]>([]);
  private cancel: (() => void) | null = null;
  private readonly stop: () => void;

  constructor(
    private readonly session: Session,
    clock: Clock,
    /** The kind that is set beside the first. */
    private readonly other: string,
    write: (kind: string) => void,
    /** What the card knows of the other kind: shares of each layer's work. */
    private readonly card: () => readonly (readonly number[])[] | null,
  ) {
    this.shares = this.told;
    this.stop = follow(() => {
      const { trace, writing } = session;
      trace.version.get();
      const kind = kindOf(session.prompt.get());
      // While another text is asked for, the one before still stands.
      if (writing.asked.get() || writing.reading.get() || kind === null) return;
      const reference = this.reference.get();
      if (reference) this.tell(kind, reference);
      else if (kind !== other && trace.count >= ENOUGH_TOKENS) {
        const { layers, expertsPerToken } = trace.shape;
        this.reference.set({ kind, experts: trace.busiestOf(layers * expertsPerToken) });
        this.cancel = clock.after(LOOK_MILLISECONDS, () => write(other));
      }
    });
  }

  /** The kind that follows the text that has ended. */
  next(): string {
    const reference = this.reference.get();
    const now = kindOf(this.session.prompt.get());
    if (reference) return now === this.other ? reference.kind : this.other;
    return now === null || now === this.other ? 'story' : now;
  }

  close(): void {
    this.stop();
    this.cancel?.();
  }

  private tell(kind: string, { kind: first, experts }: Reference): void {
    const { trace } = this.session;
    const all = trace.assignments();
    if (trace.count < TOLD_TOKENS || !all || (kind !== first && kind !== this.other)) return;
    const share = experts.reduce((sum, cell) => sum + (trace.load[cell] ?? 0), 0) / all;
    const others = untracked(() => this.told.get()).filter((each) => each.kind !== kind);
    const next = [...others, { kind, share, held: false }];
    if (this.session.source.get().kind !== 'live' && next.length < 2) next.push(...this.held(experts));
    this.told.set(next.sort((a, b) => Number(b.kind === first) - Number(a.kind === first)));
  }

  private held(experts: readonly number[]): KindShare[] {
    const shares = this.card();
    if (!shares) return [];
    const width = this.session.trace.shape.experts;
    const sum = experts.reduce((all, cell) => all + (shares[Math.floor(cell / width)]?.[cell % width] ?? 0), 0);
    return [{ kind: this.other, share: sum / shares.length, held: true }];
  }
}
