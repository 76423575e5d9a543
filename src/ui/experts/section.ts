import { html } from 'lit';
import { part, type Section, step, sub } from '../article/section.ts';

export const expertsSection: Section = {
  view: 'kinds',
  words: 'Who does what',
  claim: () => 'Different kinds of text go to different experts, and nobody told them to',
  body: (session) => html`
    ${part(session, {
      words: 'Who does what',
      view: 'kinds',
      room: 34,
      load: () => import('./who-does-what.ts'),
      show: (of) => html`<who-does-what .session=${of}></who-does-what>`,
    })}
    <div class="pair">${step(session, 7)}${step(session, 6)}</div>
    ${sub('One expert', html`Which tokens went in, what the model expected after them, with which experts it works and when, each beside chance.`)}
    ${part(session, {
      words: 'Expert',
      view: 'expert',
      room: 20,
      sleeps: true,
      load: () => import('./expert-page.ts'),
      show: (of) => html`<expert-page .session=${of}></expert-page>`,
    })}`,
};
