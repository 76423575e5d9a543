/** The end of the article: what to read further, and who made this. */
import { css, html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { controls } from '../kit/shared.ts';
import { article } from './article-styles.ts';

/** Where the program's source lies; whoever builds the page says it (MOESCOPE_SOURCE). */
declare const SOURCE_ADDRESS: string;

@customElement('see-further')
export class SeeFurther extends LitElement {
  static override styles = [
    controls,
    article,
    css`
      footer {
        margin-top: 3rem;
        padding-top: 1rem;
        border-top: 1px solid var(--ink);
        display: grid;
        gap: 0.4rem;
      }
    `,
  ];

  override render() {
    return html`<footer>
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
    </footer>`;
  }
}
