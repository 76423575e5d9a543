/** Below the first screen: what was seen above, explained with this model's own numbers. */

import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Session } from '../state/session.ts';
import { untracked } from '../state/signals.ts';
import { turn } from '../state/turn.ts';
import { article } from './article-styles.ts';
import { percent } from './format.ts';
import { reducedMotion } from './frame.ts';
import './knockout-proof.ts';
import './model-card.ts';
import './published-layers.ts';
import './kinds-of-text/who-does-what.ts';
import './quality-section.ts';
import './residency/expert-cache.ts';
import './router-sum.ts';
import { controls, SessionElement } from './shared.ts';
import { type Facts, factsOf, TOUR_TEXTS } from './tour-texts.ts';
import './train-offer.ts';
import './training-curves.ts';
import './tuning-panel.ts';
import './wall-table.ts';

const BATCHES = [1, 4, 16, 64];

/** Where the program's source lies; whoever builds the page says it (MOESCOPE_SOURCE). */
declare const SOURCE_ADDRESS: string;

const toTop = () => scrollTo({ top: 0, behavior: reducedMotion() ? 'instant' : 'smooth' });

/** What comes after the steps of the tour. */
const REST: readonly ((session: Session) => TemplateResult)[] = [
  (session) => html`<section data-testid="who">
    <h2>Who does what: kinds of text, and the experts they use</h2>
    <div class="prose"><p>Nobody hands out subjects, but the router of this model sends different kinds of text to different experts, the
      more so the deeper the layer.</p></div>
    <who-does-what class="full" .session=${session}></who-does-what>
  </section>`,
  (session) => html`<section>
    <h2>What the experts buy: quality beside speed, measured here</h2>
    <div class="prose"><p>A MoE takes more memory than the dense model that does the same arithmetic. What it may buy is a
      better guess. So the shipped models read text that none was trained on, and then each writes for the clock, all on
      this machine.</p></div>
    <quality-section class="full" .session=${session}></quality-section>
  </section>`,
  (session) => html`<section>
    <h2>One layer of a real model, at its true size, on this machine</h2>
    <div class="prose"><p>The model that writes here is small. These are not: their shapes and routing rules are published, so one layer of
      each can be made here with random weights, which take as long to multiply as trained ones, and be timed beside
      dense layers.</p></div>
    <published-layers class="full" .session=${session}></published-layers>
  </section>`,
  (session) => html`<section data-testid="cache">
    <h2>What if the GPU held only some of the experts?</h2>
    <div class="prose"><p>A token needs few of a layer’s experts, so a machine could hold some and fetch the others when a router asks
      for them. Whether that helps hangs on one thing: do the same experts come again soon?</p></div>
    <expert-cache class="full" .session=${session}></expert-cache>
  </section>`,
  (session) => html`<section data-testid="train">
    <h2>Train one: sixteen experts paint a picture, beside a dense model of the same work</h2>
    <div class="prose"><p>Here nothing was trained before. Two small networks learn a picture, from place to colour, in this tab. A
      router divides it among experts while you watch; the dense model does the same arithmetic for every pixel.</p></div>
    <train-offer class="full" .session=${session}></train-offer>
  </section>`,
  (session) => html`<section>
    <h2>Which kernels run here is decided by timing them</h2>
    <tuning-panel class="full" .session=${session}></tuning-panel>
  </section>`,
  (session) => html`<section>
    <h2>The model’s card</h2>
    <model-card class="full" .session=${session}></model-card>
  </section>`,
  () => html`<footer>
    <p class="note"><strong>Further.</strong> One expert per token: Fedus et al., Switch Transformers
      (<a href="https://arxiv.org/abs/2101.03961">2101.03961</a>). An open 8 × 7B: Jiang et al., Mixtral of Experts
      (<a href="https://arxiv.org/abs/2401.04088">2401.04088</a>). How experts specialise, with the definitions used here:
      Muennighoff et al., OLMoE (<a href="https://arxiv.org/abs/2409.02060">2409.02060</a>). Hundreds of small experts:
      DeepSeek-V3 technical report (<a href="https://arxiv.org/abs/2412.19437">2412.19437</a>).</p>
    <p class="note"><strong>About.</strong> How the model was made and measured: <a href="./models/moe.md">its card in full</a>. Where its
      training text comes from, under which licences: <a href="./models/LICENSES.md">sources</a>.${
        SOURCE_ADDRESS ? html` The program, with its tests: <a href=${SOURCE_ADDRESS}>source</a>.` : nothing
      } By the moescope authors, MIT licence.</p>
    <p class="note">Everything runs in this tab. No text leaves it.</p>
  </footer>`,
];

@customElement('moe-article')
export class MoeArticle extends SessionElement {
  /** How many stand on the page. */
  @state() private parts = 1;

  static override styles = [
    controls,
    article,
    css`
      article {
        max-width: 74rem;
        margin: 0 auto;
        padding: 1.2rem 2rem 5rem;
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 40rem) minmax(0, 1fr);
        gap: 1.2rem 4rem;
        padding: 3.5rem 0 0;
      }
      /* What is out of sight is not laid out. */
      section {
        content-visibility: auto;
        contain-intrinsic-block-size: auto 28rem;
      }
      section > h2 {
        grid-column: 1 / -1;
        max-width: 22em;
        margin: 0;
      }
      aside {
        align-self: start;
        border-top: 1px solid var(--ink);
        padding-top: 0.6rem;
      }
      .full {
        grid-column: 1 / -1;
      }
      footer {
        margin-top: 4rem;
        padding-top: 1rem;
        border-top: 1px solid var(--ink);
        display: grid;
        gap: 0.4rem;
      }
      @media (max-width: 60rem) {
        section {
          grid-template-columns: minmax(0, 1fr);
          padding-top: 2.5rem;
        }
        article {
          padding: 0.6rem 1.25rem 2rem;
        }
      }
      @media (max-width: 46rem) {
        article {
          padding: 0.6rem 1rem 2rem;
        }
      }
    `,
  ];

  /** Part by part: it is long, and somebody may be at work above. */
  protected override async updated(): Promise<void> {
    if (this.parts > TOUR_TEXTS.length + REST.length) return;
    await turn();
    this.parts++;
  }

  override render() {
    const { session } = this;
    const facts = factsOf(session);
    const steps = TOUR_TEXTS.slice(0, this.parts);
    return html`<article>
      <wall-table .session=${session}></wall-table>
      ${steps.map(
        ({ title, text }, step) => html`<section data-step=${step + 1}>
          <h2>${title(facts)}</h2>
          <div class="prose">
            ${text(facts).map((paragraph) => html`<p>${paragraph}</p>`)}
            ${session.isHidden('tour') ? nothing : html`<p class="note"><a href=${untracked(() => session.carrier.stepReference(step + 1))} @click=${toTop}>Show it on this model</a></p>`}
          </div>
          ${this.beside(step + 1, facts)}
        </section>`,
      )}
      ${REST.slice(0, Math.max(0, this.parts - TOUR_TEXTS.length)).map((part) => part(session))}
    </article>`;
  }

  /** What a section shows from this run or this model. */
  private beside(step: number, { experts, perToken }: Facts) {
    const { session } = this;
    switch (step) {
      case 2:
        return html`<aside>
          <h3>Read the wall</h3>
          <p class="note">Rows are layers, columns are experts, both counted from 0 as in the model file. Expert 3 of one layer
            has nothing to do with expert 3 of the next.</p>
          <p class="note">A cell’s shade is its share of the layer’s slots so far. Each token fills ${perToken} slots in each layer,
            so even use would give every expert ${percent(1 / experts, 1)}: the chance level.</p>
        </aside>`;
      case 4:
        return html`<aside><router-sum .session=${session}></router-sum></aside>`;
      case 5:
        return html`<knockout-proof class="full" .session=${session}></knockout-proof>`;
      case 9:
        return html`<aside>${this.touched(experts, perToken)}</aside>`;
      case 10:
        return html`<training-curves class="full" .session=${session}></training-curves>`;
      default:
        return nothing;
    }
  }

  /** E(1 − (1 − k/E)^N): how many experts N tokens touch if the router chose evenly and independently. */
  private touched(experts: number, perToken: number) {
    return html`<h3>Experts of one layer that N tokens touch</h3>
      <table><thead><tr><th>tokens at once</th><th>experts read</th><th>of all</th></tr></thead><tbody>
        ${BATCHES.map((batch) => {
          const share = 1 - (1 - perToken / experts) ** batch;
          return html`<tr><th>${batch}</th><td>${(experts * share).toFixed(1)} of ${experts}</td><td>${percent(share)}</td></tr>`;
        })}
      </tbody></table>
      <p class="note">Computed: E (1 − (1 − k/E)<sup>N</sup>), for even and independent choices. Real text repeats itself, so real
        routers touch somewhat fewer.</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'moe-article': MoeArticle;
  }
}
