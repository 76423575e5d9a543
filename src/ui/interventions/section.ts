import { html } from 'lit';
import { part, type Section, step, sub } from '../article/section.ts';

export const interventionsSection: Section = {
  view: 'proof',
  words: 'Switch them off',
  claim: () => 'Switch off the experts that French uses most, and French alone pays',
  body: (session) => html`
    ${part(session, {
      words: 'Proof',
      view: 'proof',
      room: 9,
      load: () => import('./knockout-proof.ts'),
      show: (of) => html`<knockout-proof .session=${of}></knockout-proof>`,
    })}
    ${step(session, 5)}
    ${sub(
      'Change what the routers do',
      html`Force an expert, favour it, change how many work, deal them out in turn or by lot. Then measure what it costs: on this text, on
        a second one from the same seed, and on held-out text.`,
    )}
    ${part(session, {
      words: 'Interventions',
      view: 'effect',
      room: 14,
      load: () => import('./intervention-effect.ts'),
      show: (of) => html`<intervention-effect .session=${of}></intervention-effect>`,
    })}
    ${sub('Two runs, side by side')}
    ${part(session, {
      words: 'Two runs',
      view: 'runs',
      room: 16,
      load: () => import('./two-runs.ts'),
      show: (of) => html`<two-runs .session=${of}></two-runs>`,
    })}`,
};
