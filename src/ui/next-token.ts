/** What the model expects after the token in question, and which of it was drawn. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { percent, visible } from './format.ts';
import { panel } from './panel-styles.ts';
import { controls, SessionElement } from './shared.ts';

const CANDIDATES = 5;

@customElement('next-token')
export class NextToken extends SessionElement {
  static override styles = [
    controls,
    panel,
    css`
      .next {
        list-style: none;
        display: grid;
        grid-auto-rows: 1.35rem;
        align-content: start;
        font-size: var(--size-2);
      }
      .next li {
        display: grid;
        grid-template-columns: 0.8rem 7rem 1fr 2.6rem;
        align-items: center;
        gap: 0.3rem;
      }
      .next .token {
        font: 500 1rem / 1.2 var(--text-face);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: pre;
      }
      .next .drawn .token {
        text-decoration: underline;
        text-decoration-color: var(--now);
        text-decoration-thickness: 2px;
        text-underline-offset: 0.2em;
      }
      .next i {
        display: block;
        height: 6px;
        background: var(--rule-2);
      }
      .next .drawn i {
        background: var(--now);
      }
      .next .figure {
        text-align: right;
        font-size: var(--size-1);
      }
      .sign {
        font-size: 0.7rem;
        color: var(--now-ink);
      }
    `,
  ];

  override render() {
    const { session } = this;
    const at = session.current.get();
    session.trace.version.get();
    const isDrawn = (session.trace.candidates[at] ?? []).some((candidate) => candidate.drawn);
    return html`<h2>Next token <span class="where">${isDrawn ? 'expected, and drawn ▸' : 'expected'}</span></h2>${this.next(at)}`;
  }

  private next(at: number) {
    const all = this.session.trace.candidates[at] ?? [];
    const shown = all.filter((candidate, rank) => rank < CANDIDATES - 1 || candidate.drawn).slice(0, CANDIDATES);
    const most = Math.max(...shown.map(({ probability }) => probability || 0));
    if (!shown.length) return html`<p class="none">${at < 0 ? '' : 'Inside the prompt nothing is drawn.'}</p>`;
    return html`<ol class="next" data-testid="next">
      ${shown.map(
        ({ text, probability, drawn }) => html`<li class=${drawn ? 'drawn' : ''}>
          <span class="sign">${drawn ? html`▸<span class="hidden">drawn: </span>` : ''}</span><span class="token">${visible(text)}</span>
          <i style=${`width:${Number.isNaN(probability) ? 0 : Math.max(1, (probability / most) * 100)}%`}></i>
          <span class="figure">${Number.isNaN(probability) ? 'rare' : percent(probability)}</span></li>`,
      )}
    </ol>`;
  }
}
