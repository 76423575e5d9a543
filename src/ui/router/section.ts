import { html } from 'lit';
import { part, type Section, step, sub } from '../article/section.ts';
import { percent } from '../kit/format.ts';
import { factsOf } from '../page/tour-texts.ts';

export const routerSection: Section = {
  view: 'next',
  words: 'A router picks',
  claim: ({ experts, expertsPerToken }) =>
    `A router picks ${expertsPerToken} of ${experts} experts, in every layer, for every token`,
  body: (session) => {
    const { experts, expertsPerToken } = factsOf(session);
    return html`
      ${part(session, {
        words: 'This token',
        view: 'next',
        room: 13,
        sleeps: true,
        load: () => import('./router-panel.ts'),
        show: (of) => html`<router-panel .session=${of}></router-panel>`,
      })}
      <div class="pair">${step(session, 1)}${step(session, 2)}</div>
      ${step(session, 3)}
      ${part(session, {
        words: 'Router, step by step',
        view: 'router',
        room: 20,
        sleeps: true,
        load: () => import('./router-maths.ts'),
        show: (of) => html`<router-maths .session=${of}></router-maths>`,
      })}
      ${step(session, 4)}
      ${sub(
        'The same text, in every layer',
        html`Rows are layers, columns are experts, both counted from 0 as in the model file. Expert 3 of one layer has nothing to do with
          expert 3 of the next. Each token fills ${expertsPerToken} slots in each layer, so even use would give every expert
          ${percent(1 / experts, 1)} of them: the chance level.`,
      )}
      ${part(session, {
        words: 'Every layer',
        view: 'layers',
        room: 15,
        sleeps: true,
        load: () => import('../wall/layer-strip.ts'),
        show: (of) => html`<layer-strip .session=${of}></layer-strip>`,
      })}`;
  },
};
