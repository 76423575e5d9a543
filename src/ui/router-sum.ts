/** The router's sum, with the numbers of the token that is being looked at: the one part of the article that each token changes. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { article } from './article-styles.ts';
import { visible } from './format.ts';
import { controls, SessionElement } from './shared.ts';

@customElement('router-sum')
export class RouterSum extends SessionElement {
  static override styles = [
    controls,
    article,
    css`
      .sum {
        font: 500 1.1875rem / 1.7 var(--text-face);
        font-variant-numeric: tabular-nums lining-nums;
      }
      em {
        font-style: normal;
        color: var(--now-ink);
      }
    `,
  ];

  override render() {
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
}
