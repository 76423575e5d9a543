/** The words of a scene with the figures of the model on the screen, which stand out where the scene is a picture. */
import { html, nothing } from 'lit';
import type { Session } from '../../state/session/session.ts';
import { costOf, times } from '../meter/saved.ts';
import { factsOf } from '../page/tour-texts.ts';

export type Figures = Readonly<Record<'layers' | 'experts' | 'perToken' | 'parts' | 'working' | 'saved', string>>;

const FIELD = /\{(layers|experts|perToken|parts|working|saved)\}/;

export function figuresOf(session: Session): Figures {
  const { layers, experts, expertsPerToken } = factsOf(session);
  const parameters = session.parameters.get();
  const cost = costOf(session);
  // Before there is a text, as a token costs by the model's own k.
  const saved = cost?.moe ? cost['same-total'] / cost.moe : parameters ? parameters.total / parameters.active : null;
  const now = session.current.get();
  // Somebody may have changed k.
  let working = now < 0 ? layers * expertsPerToken : 0;
  for (let layer = 0; now >= 0 && layer < layers; layer++) working += session.trace.chosen(now, layer);
  return {
    layers: String(layers),
    experts: String(experts),
    perToken: String(expertsPerToken),
    parts: String(layers * experts),
    working: String(working),
    saved: saved === null ? '' : times(saved),
  };
}

/** As plain text. */
export function fill(words: string, figures: Figures): string {
  return words.replace(new RegExp(FIELD, 'g'), (_, key: keyof Figures) => figures[key]);
}

/** With each figure in an element of its own; nothing while one of them is not known. */
export function fillLarge(words: string, figures: Figures) {
  const parts = words.split(FIELD);
  if (parts.some((part, at) => at % 2 && !figures[part as keyof Figures])) return nothing;
  return parts.map((part, at) => (at % 2 ? html`<b>${figures[part as keyof Figures]}</b>` : part));
}
