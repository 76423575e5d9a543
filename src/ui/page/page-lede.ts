/** What this page is, in one sentence with the numbers of the model on the screen. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { million, percent } from '../kit/format.ts';
import { SessionElement } from '../kit/shared.ts';
import { costOf, savedWords } from '../meter/saved.ts';

@customElement('page-lede')
export class PageLede extends SessionElement {
  static override styles = css`
    :host {
      display: block;
      font: 400 1.05rem / 1.35 var(--text-face);
    }
    p {
      margin: 0;
    }
    /* A phone's badge says it, too. */
    @media (max-width: 30rem) {
      :host {
        font-size: 1rem;
        line-height: 1.32;
      }
      .here {
        display: none;
      }
    }
    b {
      font-weight: 600;
      font-variant-numeric: tabular-nums lining-nums;
    }
  `;

  override render() {
    const { session } = this;
    const parameters = session.parameters.get();
    const { experts, expertsPerToken } = session.shape.get();
    if (!experts) {
      return html`<p>A language model made of experts writes here, and you see which of them work on every word: in every
        layer a router picks a few, and only those compute.</p>`;
    }
    if (experts === 1) {
      return html`<p>This model is dense: ${parameters ? html`all of its <b>${million(parameters.total)}</b> weights work` : 'every weight works'}
        for every token, and there is no router. Open the MoE to see one choose.</p>`;
    }
    const holds = parameters
      ? html`Of this language model’s <b data-figure="weights">${million(parameters.total)}</b> weights a token takes
          <b data-figure="weights active, share">${percent(parameters.active / parameters.total)}</b>: in every layer a router`
      : html`In every layer of this language model a router`;
    const cost = costOf(session);
    const words = cost && savedWords(session, cost);
    const saved = words
      ? html`, <b data-figure="saved">${words}</b> ${words.startsWith('as') ? 'as' : 'than'} in a dense model of its size`
      : nothing;
    return html`<p>${holds} picks <b data-figure="experts per token">${expertsPerToken} of ${experts}</b> experts${saved}.<span class="here"> Here you see which, ${this.where()}.</span></p>`;
  }

  private where(): string {
    const source = this.session.source.get();
    if (source.kind === 'live') {
      const { kind, fallback } = source.info;
      return kind === 'webgpu' && !fallback ? 'on your own GPU' : 'on your own processor';
    }
    if (source.kind === 'imported') return 'in a trace from a file';
    return this.session.place.device === 'recorded' ? 'in a recording' : 'in a recording for now';
  }
}
