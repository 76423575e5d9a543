/** Above the wall: how much of the machine the current word used, in words. Below it: the ramp's legend. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { million, percent, visible } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { parts, say } from '../kit/words.ts';

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
    const { layers, experts, expertsPerToken } = session.shape.get();
    const at = session.current.get();
    if (!experts) return html`<p class="count">${say('not-lit')}</p><p class="word unfilled">${say('for-each')}</p>`;
    const parameters = session.parameters.get();
    if (experts === 1) {
      return html`
        <p class="count" data-testid="count">${say('dense-lit')}</p>
        <p class="weights">${say('dense-weights')}</p>
      `;
    }
    const usual = layers * expertsPerToken;
    // Somebody may have changed k, or switched on more for this token.
    let active = at < 0 ? usual : 0;
    for (let layer = 0; at >= 0 && layer < layers; layer++) active += session.trace.chosen(at, layer);
    return html`
      <p class="count" data-testid="count">${parts('lit', { count: html`<em>${say('of', { count: active, all: layers * experts })}</em>` })}</p>
      ${
        session.place.guest
          ? html`<p class="weights">${
              parameters && active === usual
                ? parts('of-weights', {
                    share: html`<span data-figure="weights active, share">${percent(parameters.active / parameters.total)}</span>`,
                    count: say('of', { count: million(parameters.active), all: million(parameters.total) }),
                  })
                : nothing
            }</p>`
          : nothing
      }
      <p class="word">${at >= 0 ? parts('for-token', { token: html`<b translate="no" lang="" dir="auto">${visible(session.trace.texts[at] ?? '')}</b>` }) : say('for-each')}</p>
    `;
  }
}
