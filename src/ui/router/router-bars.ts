/** One token in the chosen layer: what its router gave every expert, and who was taken. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { panel } from '../article/panel-styles.ts';
import { million, percent, visible } from '../kit/format.ts';
import { say } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';

/** More bars than this are too thin for a number each. */
const MOST_NUMBERED = 24;

/** What is left of a bar of next to nothing, as a share of the height: about a pixel. */
const LEAST = 0.012;

@customElement('router-bars')
export class RouterBars extends SessionElement {
  static override styles = [
    controls,
    panel,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        gap: 0.4rem;
      }
      .bars {
        position: relative;
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(0, 1fr);
        align-items: end;
        gap: 2px;
        min-height: 5.5rem;
        height: 100%;
        padding: 0 4.8rem 1.2rem 0;
      }
      .bars.many {
        gap: 0;
      }
      .many .bar b {
        left: -1rem;
        right: -1rem;
      }
      .bar {
        position: relative;
        height: 100%;
      }
      /* Bars grow by being stretched: that moves nothing in the layout, and costs none. */
      .bar i {
        display: block;
        height: 100%;
        transform-origin: bottom;
        background: var(--rule-2);
      }
      .bar.taken i {
        background: var(--now);
      }
      .bar b {
        position: absolute;
        left: 0;
        right: 0;
        bottom: -1.2rem;
        text-align: center;
        font: 400 0.6875rem / 1.2rem var(--figure-face);
        color: var(--ink-2);
      }
      .bar.taken b {
        color: var(--ink);
        font-weight: 700;
      }
      .bar em {
        position: absolute;
        inset: 0 -0.6rem 3px;
        align-content: end;
        text-align: center;
        font: 600 0.75rem / 1 var(--figure-face);
        color: var(--ink);
      }
      .chance {
        position: absolute;
        inset: 0 0 1.2rem;
        border-bottom: 1px dashed var(--ink-2);
        pointer-events: none;
      }
      .chance span {
        position: absolute;
        right: 0;
        bottom: -0.5em;
        width: 4.6rem;
        white-space: nowrap;
        font-size: 0.6875rem;
        line-height: 1;
        color: var(--ink-2);
        background: var(--paper);
        padding-left: 0.4em;
      }
    `,
  ];

  override render() {
    const { session } = this;
    const at = session.current.get();
    const layer = session.layer.get();
    session.trace.version.get();
    const dense = session.shape.get().experts === 1;
    const where = session.inspected.get() === null ? say('latest-token') : say('token-at', { at });
    return html`
      <h2>${at < 0 ? say('the-router') : html`<span class="said" translate="no">${visible(session.trace.texts[at] ?? '')}</span>`}
        <span class="where">${at < 0 ? '' : dense ? where : say('router-saw', { token: where, layer })}</span></h2>
      ${dense ? this.noRouter() : at < 0 ? this.emptyBars() : this.bars(at, layer)}
    `;
  }

  private emptyBars() {
    return html`<p class="none">${say('router-waits')}</p>`;
  }

  private noRouter() {
    const total = this.session.parameters.get()?.total;
    return html`<p class="none">${say('router-dense', { count: total ? million(total) : '' })}</p>`;
  }

  private bars(at: number, layer: number) {
    const { trace } = this.session;
    const { experts } = trace.shape;
    const router = trace.router(at, layer);
    const taken = new Map<number, number>();
    const count = trace.chosen(at, layer);
    for (let rank = 0; rank < count; rank++) taken.set(trace.expert(at, layer, rank), trace.gate(at, layer, rank));
    const height = (expert: number) => (router ? router[expert] : (taken.get(expert) ?? 0));
    const top = Math.max(router ? 4 / experts : 0.5, ...Array.from({ length: experts }, (_, expert) => height(expert)));
    const many = experts > MOST_NUMBERED;
    const chosen = [...taken].map(([expert, gate]) => say('taken-expert', { expert, weight: gate.toFixed(2) }));
    const scale = (share: number) => (0.84 * share) / top;
    // Where bars are too thin to be numbered each, only chosen ones are, and only where there is room.
    let last = Number.NEGATIVE_INFINITY;
    const isNumbered = (expert: number) => {
      if (!many) return true;
      if (!taken.has(expert) || expert - last < experts / 24) return false;
      last = expert;
      return true;
    };
    return html`<div class="bars ${many ? 'many' : ''}" role="img" data-testid="router-bars"
        aria-label=${say('taken', { experts: chosen.join(', '), share: percent(1 / experts, 1) })}>
      ${Array.from({ length: experts }, (_, expert) => {
        const gate = taken.get(expert);
        const share = height(expert);
        return html`<div class="bar ${gate === undefined ? '' : 'taken'}">
          ${gate === undefined || many ? nothing : html`<em .style=${`transform:translateY(${-100 * scale(share)}%)`}>${gate.toFixed(2)}</em>`}
          <i .style=${`transform:scaleY(${Math.max(scale(share), LEAST)})`}></i>
          ${isNumbered(expert) ? html`<b>${expert}</b>` : nothing}
        </div>`;
      })}
      ${
        router
          ? html`<div class="chance" .style=${`transform:translateY(${-100 * scale(1 / experts)}%)`}><span>${say('chance', { share: percent(1 / experts, 1) })}</span></div>`
          : nothing
      }
    </div>`;
  }
}
