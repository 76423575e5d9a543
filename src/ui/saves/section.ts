import { html } from 'lit';
import { part, type Section, step, sub } from '../article/section.ts';

export const savesSection: Section = {
  view: 'saves',
  words: 'What it saves',
  claim: () => 'It saves arithmetic. It does not save memory',
  body: (session) => html`
    ${part(session, {
      words: 'What it saves',
      view: 'saves',
      room: 60,
      load: () => import('./saves-panel.ts'),
      show: (of) => html`<saves-panel .session=${of}></saves-panel>`,
    })}
    <div class="pair">${step(session, 8)}${step(session, 9)}</div>
    ${sub(
      'One prompt, three models',
      html`The MoE and two dense models write from the same words with the same seed. They share one device, so they take turns of 16
        tokens. Only one computes at a time, its clock runs during its own turns alone, and the next turn goes to the model whose clock is
        furthest behind. So each text is as long as it would be if its model had the device to itself.`,
    )}
    ${part(session, {
      words: 'Three models write',
      view: 'abreast',
      room: 20,
      load: () => import('../abreast/texts-abreast.ts'),
      show: (of) => html`<texts-abreast .session=${of}></texts-abreast>`,
    })}
    ${sub(
      'What the experts buy: quality beside speed',
      html`A MoE takes more memory than the dense model that does the same arithmetic. What it may buy is a better guess. So the shipped
        models read text that none was trained on, and then each writes against the clock, all on this machine.`,
    )}
    ${part(session, {
      words: 'Quality beside speed',
      view: 'quality',
      room: 30,
      load: () => import('../quality/quality-section.ts'),
      show: (of) => html`<quality-section .session=${of}></quality-section>`,
    })}
    ${step(session, 10)}
    ${part(session, {
      words: 'Training curves',
      view: null,
      room: 24,
      load: () => import('../quality/training-curves.ts'),
      show: (of) => html`<training-curves .session=${of}></training-curves>`,
    })}
    ${sub(
      'Results of others',
      html`What a GPU makes of it differs from GPU to GPU. Here is what was measured elsewhere, for one token per step, as it was handed on.`,
    )}
    ${part(session, {
      words: 'Results of others',
      view: 'results',
      room: 16,
      load: () => import('../results/shared-results.ts'),
      show: (of) => html`<shared-results .session=${of}></shared-results>`,
    })}
    <div data-testid="cache">${sub(
      'What if the GPU held only some of the experts?',
      html`A token needs few of a layer’s experts, so a machine could hold some and fetch the others when a router asks for them. Whether
        that helps depends on one thing: do the same experts come again soon?`,
    )}
    ${part(session, {
      words: 'Expert cache',
      view: null,
      room: 24,
      load: () => import('../residency/expert-cache.ts'),
      show: (of) => html`<expert-cache .session=${of}></expert-cache>`,
    })}</div>
    ${sub(
      'What has to be here before the first word?',
      html`A dense model needs every byte of its file before it can write. A MoE needs its dense part and the experts that the routers ask
        for. Here both are fetched over a line as slow as you say.`,
    )}
    ${part(session, {
      words: 'Over a line',
      view: null,
      room: 10,
      load: () => import('../residency/over-line.ts'),
      show: (of) => html`<over-line .session=${of}></over-line>`,
    })}`,
};
