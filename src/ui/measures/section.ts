import { html } from 'lit';
import { part, type Section, sub } from '../article/section.ts';

export const measuresSection: Section = {
  view: 'measures',
  words: 'Measures',
  claim: () => 'All measures of the routers, each beside chance',
  body: (session) => html`
    ${part(session, {
      words: 'Measures',
      view: 'measures',
      room: 34,
      sleeps: true,
      load: () => import('./routing-measures.ts'),
      show: (of) => html`<routing-measures .session=${of}></routing-measures>`,
    })}
    ${sub(
      'Does rounding change what a router chooses?',
      html`A choice between two experts can be close. The same text is run in float64 and with fewer bits, and every choice that comes out
        otherwise is counted.`,
    )}
    ${part(session, {
      words: 'Router flips',
      view: null,
      room: 8,
      load: () => import('./router-flips.ts'),
      show: (of) => html`<router-flips .session=${of}></router-flips>`,
    })}
    ${sub('Which kernels run here is decided by timing them')}
    ${part(session, {
      words: 'Kernels',
      view: null,
      room: 12,
      load: () => import('../saves/tuning-panel.ts'),
      show: (of) => html`<tuning-panel .session=${of}></tuning-panel>`,
    })}
    ${sub('The model’s card')}
    ${part(session, {
      words: 'Card',
      view: null,
      room: 24,
      load: () => import('../models/model-card.ts'),
      show: (of) => html`<model-card .session=${of}></model-card>`,
    })}`,
};
