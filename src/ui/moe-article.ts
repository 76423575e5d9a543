/** Below the first screen: what was seen above, explained with this model's own numbers. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { article } from './article-styles.ts';
import { million, percent, visible } from './format.ts';
import './knockout-proof.ts';
import './model-card.ts';
import { controls, SessionElement } from './shared.ts';
import './training-curves.ts';
import './tuning-panel.ts';
import './wall-table.ts';

const BATCHES = [1, 4, 16, 64];

@customElement('moe-article')
export class MoeArticle extends SessionElement {
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
      .sum {
        font: 500 1.1875rem / 1.7 var(--text-face);
        font-variant-numeric: tabular-nums lining-nums;
      }
      .sum em {
        font-style: normal;
        color: var(--now-ink);
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

  override render() {
    const { session } = this;
    const { layers, experts, perToken } = session.shape.get();
    const parameters = session.parameters.get();
    const many = experts > 1;
    const [l, e, k] = many ? [layers, experts, perToken] : [6, 16, 2];
    return html`<article>
      <wall-table .session=${session}></wall-table>
      <section>
        <h2>An expert is a small network that nobody told what to be good at</h2>
        <div class="prose">
          <p>A language model guesses the next token of a text, again and again. Most of its weights sit in feed-forward
            blocks: one in every layer, which each token passes through whole. A mixture of experts cuts that block into
            smaller ones. In the model above each of the ${l} layers has ${e} of them, and a token uses ${k}.</p>
          <p>“Expert” promises more than it keeps. Nobody hands out subjects; training rewards whatever split of the work makes
            the next token easier to guess. That may follow a language or a kind of text, and often it follows spelling,
            punctuation or the word just before. So the page counts, prints the chance level beside every count, and
            leaves naming to you.</p>
        </div>
        <aside>
          <h3>Read the wall</h3>
          <p class="note">Rows are layers, columns are experts, both counted from 0 as in the model file. Expert 3 of one layer
            has nothing to do with expert 3 of the next.</p>
          <p class="note">A cell’s shade is its share of the layer’s slots so far. Each token fills ${k} slots in each layer, so
            even use would give every expert ${percent(1 / e, 1)}: the chance level.</p>
          <p class="note">The lit cells are the current token’s. The fuller the cell, the larger its gate weight.</p>
        </aside>
      </section>
      <section>
        <h2>The router picks ${k} of ${e}, and adds up what they say</h2>
        <div class="prose">
          <p>Before the experts stands a router, a single small matrix. It gives every expert a score for this token; a
            softmax turns the scores into shares. The ${k} experts with the largest shares run, and their outputs are added,
            each times its gate weight. The others are not computed at all: for this token they might as well not be
            there.</p>
          <p>Switch one off by clicking its cell and the router must do with the rest. The text goes on, perhaps a little
            worse, and how much worse depends on who needed that expert.</p>
        </div>
        <aside>${this.example()}</aside>
      </section>
      <section>
        <h2>It saves arithmetic, not memory</h2>
        <div class="prose">
          <p>Each token multiplies with ${parameters ? html`${million(parameters.active)} of ${million(parameters.total)} weights` : 'a part of the weights'}.
            Against a dense model of the same total size that is less arithmetic for every token, always, and less to read
            from memory while one text is written at a time.</p>
          <p>Every expert must still be held, because the next token may need it. A mixture of experts needs as much memory as
            the dense model of its total size. And once many tokens are computed together, they touch nearly all experts
            between them, so the reading is no longer saved; the arithmetic still is.</p>
          <p>Against a dense model of the same <em>active</em> size it is not faster at all: same arithmetic, the router on top,
            several times the memory. What it buys there is quality: it holds more. The curves below show how much.</p>
        </div>
        <aside>${this.touched(e, k)}</aside>
      </section>
      <section>
        <h2>Switch off the expert that French uses most</h2>
        <knockout-proof class="full" .session=${session}></knockout-proof>
      </section>
      <section>
        <h2>The same tokens for every model: what the experts buy</h2>
        <training-curves class="full" .session=${session}></training-curves>
      </section>
      <section>
        <h2>Which kernels run here is decided by timing them</h2>
        <tuning-panel class="full" .session=${session}></tuning-panel>
      </section>
      <section>
        <h2>The model’s card</h2>
        <model-card class="full" .session=${session}></model-card>
      </section>
      <footer>
        <p class="note"><strong>Further.</strong> Routing to one expert: Fedus et al., Switch Transformers (2021). An open 8 × 7B:
          Jiang et al., Mixtral of Experts (2024). How experts specialise, with definitions used here: Muennighoff et al., OLMoE
          (2024). Hundreds of small experts: DeepSeek-V3 technical report (2024).</p>
        <p class="note">Everything runs in this tab. No text leaves it.</p>
      </footer>
    </article>`;
  }

  /** The router's sum, with the numbers of the token that is being looked at. */
  private example() {
    const { session } = this;
    const { trace } = session;
    const at = session.current.get();
    const layer = session.layer.get();
    if (at < 0) return nothing;
    const terms = Array.from({ length: trace.chosen(at, layer) }, (_, rank) => {
      const plus = rank ? html` + ` : nothing;
      return html`${plus}<em>${trace.gate(at, layer, rank).toFixed(2)}</em> × expert ${trace.expert(at, layer, rank)}`;
    });
    return html`<h3>For “${visible(trace.texts[at])}” in layer ${layer}</h3>
      <p class="sum">${terms}</p>
      <p class="note">These are the gate weights of the token that is lit on the wall, from the run itself.</p>`;
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
