import { html } from 'lit';
import { part, type Section } from '../article/section.ts';

export const trainSection: Section = {
  view: 'train',
  words: 'Train one',
  claim: () => 'Train one: sixteen experts paint a picture, beside a dense model of the same work',
  body: (session) => html`
    <div class="prose" data-testid="train"><p>Here nothing was trained before. Two small networks learn a picture, from place to colour, in this tab. A
      router divides it among experts while you watch; the dense model does the same arithmetic for every pixel.</p></div>
    ${part(session, {
      words: 'Train one',
      view: 'train',
      room: 4,
      load: () => import('./train-offer.ts'),
      show: (of) => html`<train-offer .session=${of}></train-offer>`,
    })}`,
};
