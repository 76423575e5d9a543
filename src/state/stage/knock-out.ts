/** Text of every kind without the experts that one kind uses most: measured on this page, else when the model was made. */

import { prove } from '../interventions/proving.ts';
import { type Card, fetchCard, type KnockedOut, knockedOut } from '../models/card.ts';
import type { Session } from '../session/session.ts';
import { signal } from '../session/signals.ts';

export class KnockingOut {
  private readonly card = signal<Card | null>(null);

  constructor(
    private readonly session: Session,
    readonly kind: string,
  ) {}

  /** What is known; null until the card is here, or where it does not say. */
  get(): KnockedOut | null {
    const measure = this.session.measuring.proof.get();
    if (measure.state === 'done' && measure.result.domain === this.kind) {
      const { experts, losses, device } = measure.result;
      const changes = losses.map(({ domain, before, after }) => ({ kind: domain, nats: after - before }));
      return { experts, changes, tokens: Math.min(...losses.map(({ tokens }) => tokens)), device };
    }
    const card = this.card.get();
    return card && knockedOut(card, this.kind);
  }

  /** How the kind shares out its work on held-out text, by layer and expert, as the card says. */
  shares(): readonly (readonly number[])[] | null {
    return this.card.get()?.kinds.find(({ kind }) => kind === this.kind)?.shares ?? null;
  }

  /** As a list of interventions. */
  off() {
    const experts = this.get()?.experts ?? [];
    return experts.map(({ layer, expert }) => ({ kind: 'off' as const, layer, expert }));
  }

  /** The card of the model that is open, or will be. */
  async fetch(): Promise<void> {
    const { engine, catalog } = this.session;
    const now = engine.get();
    const list = catalog.get();
    const entry = now.phase === 'ready' ? now.entry : list?.models.find(({ id }) => id === list.default);
    if (!entry || this.card.get()) return;
    this.card.set(await fetchCard(entry).catch(() => null));
  }

  /** Measures it here, where that takes seconds. */
  async measure(): Promise<void> {
    const { opened, measuring } = this.session;
    const info = opened.get()?.info;
    if (info?.kind !== 'webgpu' || info.fallback || measuring.proof.get().state !== 'none') return;
    await prove(this.session, this.kind);
  }
}
