/** A section of the article: a claim, its pictures, its words. Each lives in the folder of what it shows. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../../state/session/session.ts';
import { untracked } from '../../state/session/signals.ts';
import type { View } from '../../state/views/view.ts';
import { reducedMotion } from '../kit/frame.ts';
import { type Facts, factsOf, TOUR_TEXTS } from '../page/tour-texts.ts';
import type { Part } from './moe-part.ts';
import './moe-part.ts';

export interface Section {
  /** What a link to its beginning says. */
  readonly view: View;
  /** In the list of sections. */
  readonly words: string;
  readonly claim: (facts: Facts) => string;
  readonly body: (session: Session) => TemplateResult;
}

export const part = (session: Session, what: Part): TemplateResult =>
  html`<moe-part .session=${session} .what=${what} data-testid="panel" data-part=${what.words} data-view=${what.view ?? nothing}></moe-part>`;

const toTop = () => scrollTo({ top: 0, behavior: reducedMotion() ? 'instant' : 'smooth' });

/** A step of the tour, whose words stand here as well, with the way back to it. */
export function step(session: Session, number: number, beside: TemplateResult | typeof nothing = nothing) {
  const facts = factsOf(session);
  const { title, text } = TOUR_TEXTS[number - 1];
  return html`<section class="step" data-step=${number}>
    <h3>${title(facts)}</h3>
    <div class="prose">${text(facts).map((paragraph) => html`<p>${paragraph}</p>`)}
      ${
        session.isHidden('tour')
          ? nothing
          : html`<p class="note"><a href=${untracked(() => session.pageLink.stepReference(number))} @click=${toTop}>Show it on this model</a></p>`
      }</div>
    ${beside}
  </section>`;
}

/** A part of a section that has a claim of its own. */
export const sub = (title: string, words: TemplateResult | typeof nothing = nothing): TemplateResult =>
  html`<div class="sub"><h3>${title}</h3>${words === nothing ? nothing : html`<div class="prose"><p>${words}</p></div>`}</div>`;
