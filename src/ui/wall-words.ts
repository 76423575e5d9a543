/** Above the wall: how much of the machine the current word used, in words. Below it: the ramp's legend. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { million, percent, visible } from './format.ts';
import { controls, SessionElement } from './shared.ts';

@customElement('wall-words')
export class WallWords extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        align-items: baseline;
        flex-wrap: wrap;
        gap: 0.1rem 0.9rem;
      }
      .count {
        font: 500 var(--size-5) / 1.1 var(--text-face);
        font-variant-numeric: tabular-nums lining-nums;
        letter-spacing: -0.012em;
        white-space: nowrap;
      }
      .count em {
        font-style: normal;
        color: var(--now-ink);
      }
      .weights,
      .word {
        color: var(--ink-2);
      }
      /* The word comes last on its line, and is cut there: whatever its length, nothing else moves. */
      .word {
        flex: 1 1 5rem;
        min-width: 0;
        min-height: 1.4em;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: pre;
      }
      .word b {
        color: var(--ink);
        font: 500 1.05em / 1.3 var(--text-face);
      }
      @media (max-width: 46rem) {
        .count {
          font-size: 1.5rem;
        }
        .weights {
          order: 1;
          flex: 1 0 100%;
          min-height: 1.45em;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { layers, experts, perToken } = session.shape.get();
    const at = session.current.get();
    if (!experts) return html`<p class="count">No expert is lit yet</p><p class="word unfilled">for each token</p>`;
    const parameters = session.parameters.get();
    if (experts === 1) {
      return html`
        <p class="count" data-testid="count"><em>All</em> of the weights</p>
        <p class="weights">for every token${parameters ? html`: ${million(parameters.active)} of ${million(parameters.total)}` : nothing}. A dense model has no experts to choose from.</p>
      `;
    }
    const usual = layers * perToken;
    // Somebody may have changed k, or switched on more for this token.
    let active = at < 0 ? usual : 0;
    for (let layer = 0; at >= 0 && layer < layers; layer++) active += session.trace.chosen(at, layer);
    return html`
      <p class="count" data-testid="count"><em>${active} of ${layers * experts}</em> experts</p>
      ${
        session.place.guest
          ? html`<p class="weights">${
              parameters && active === usual
                ? html`<span data-figure="weights active, share">${percent(parameters.active / parameters.total)}</span> of the weights:
            ${million(parameters.active)} of ${million(parameters.total)}`
                : nothing
            }</p>`
          : nothing
      }
      <p class="word">${at >= 0 ? html`for <b translate="no" lang="" dir="auto">${visible(session.trace.texts[at] ?? '')}</b>` : 'for each token'}</p>
    `;
  }
}
