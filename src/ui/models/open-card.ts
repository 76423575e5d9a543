/** The card of the open model, or of the default one while none is; fetched when it is first asked for. */
import type { ReactiveElement } from 'lit';
import { type Card, fetchCard } from '../../state/models/card.ts';
import type { Session } from '../../state/session/session.ts';
import type { ModelEntry } from '../../worker/protocol.ts';

export class OpenCard {
  /** null until it is here. */
  card: Card | null = null;
  /** Why it is not; empty while nothing is known to be wrong. */
  failed = '';
  private asked = '';

  /** @param host is drawn anew when the card has come, or has not. */
  constructor(private readonly host: Pick<ReactiveElement, 'requestUpdate'>) {}

  /** The entry whose card it is: null before the list of models is here, 'own' for a model from elsewhere, which has none. */
  ask(session: Session): ModelEntry | 'own' | null {
    const engine = session.engine.get();
    const catalog = session.catalog.get();
    if (engine.phase === 'ready' && !engine.entry) return 'own';
    const open = engine.phase === 'ready' ? engine.entry : null;
    const entry = open ?? catalog?.models.find((model) => model.id === catalog.default) ?? null;
    if (entry) this.fetch(entry);
    return entry;
  }

  private fetch(entry: ModelEntry): void {
    if (this.asked === entry.id) return;
    this.asked = entry.id;
    this.card = null;
    this.failed = '';
    fetchCard(entry)
      .then(
        (card) => {
          if (this.asked === entry.id) this.card = card;
        },
        (thrown) => {
          if (this.asked === entry.id) this.failed = thrown.message;
        },
      )
      .finally(() => this.host.requestUpdate());
  }
}
