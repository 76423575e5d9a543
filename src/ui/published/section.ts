import { html } from 'lit';
import { part, type Section } from '../article/section.ts';

export const publishedSection: Section = {
  view: 'models',
  words: 'Real models',
  claim: () => 'Real models: open one, or time one layer of it at its true size',
  body: (session) => html`
    <div class="prose"><p>The model that writes here is small. A GGUF file of a larger MoE opens in its place, from this machine or from an
      address, as long as it fits: the same walls, the same measures.</p>
      <p><button @click=${() => session.elsewhere.choose('')}>Open a model…</button></p>
      <p>And where it does not fit: shapes and routing rules of many are published, so one layer of each can be made here with random
        weights, which take as long to multiply as trained ones, and be timed beside dense layers.</p></div>
    ${part(session, {
      words: 'Published layers',
      view: 'models',
      room: 40,
      load: () => import('./published-layers.ts'),
      show: (of) => html`<published-layers .session=${of}></published-layers>`,
    })}`,
};
