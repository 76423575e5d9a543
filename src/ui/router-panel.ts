/** One token in the chosen layer: what the router gave every expert, who was taken, and what the model expects next. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { percent, visible } from './format.ts';
import { controls, SessionElement } from './shared.ts';

const CANDIDATES = 5;

@customElement('router-panel')
export class RouterPanel extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 15.5rem;
        grid-template-rows: auto minmax(0, 1fr);
        gap: 0.4rem 2rem;
        min-height: 0;
      }
      h2 {
        font: 600 var(--size-2) / 1.3 var(--figure-face);
      }
      h2 .said {
        font: 500 1.05rem / 1.2 var(--text-face);
        white-space: pre;
      }
      h2 span {
        font-weight: 400;
        color: var(--ink-2);
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
      .bar {
        position: relative;
        height: 100%;
        display: flex;
        align-items: flex-end;
      }
      .bar i {
        display: block;
        width: 100%;
        min-height: 1px;
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
        left: -0.6rem;
        right: -0.6rem;
        text-align: center;
        font: 600 0.75rem / 1 var(--figure-face);
        color: var(--ink);
      }
      .chance {
        position: absolute;
        left: 0;
        right: 0;
        border-top: 1px dashed var(--ink-2);
      }
      .chance span {
        position: absolute;
        right: 0;
        top: -0.5em;
        width: 4.6rem;
        white-space: nowrap;
        font-size: 0.6875rem;
        line-height: 1;
        color: var(--ink-2);
        background: var(--paper);
        padding-left: 0.4em;
      }
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
      .none {
        color: var(--ink-2);
        font-size: var(--size-1);
      }
      @media (max-width: 46rem) {
        :host {
          grid-template-columns: minmax(0, 1fr);
          grid-template-rows: auto;
          gap: 0.6rem;
        }
        .bars {
          height: 7rem;
          order: 1;
        }
        .second {
          order: 2;
        }
        .next {
          order: 3;
        }
        .next li {
          grid-template-columns: 0.8rem 8rem 1fr 2.6rem;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const at = session.current.get();
    const layer = session.layer.get();
    const token = session.trace.texts[at] ?? '';
    const dense = session.shape.get().experts === 1;
    const where = session.inspected.get() === null ? 'latest token' : `token ${at}`;
    return html`
      <h2>${at < 0 ? 'The router' : html`<span class="said">${visible(token)}</span>`}
        <span>${at < 0 ? '' : dense ? where : `${where}, as the router of layer ${layer} saw it`}</span></h2>
      <h2 class="second">Next token <span>${this.isDrawn(at) ? 'expected, and drawn ▸' : 'expected'}</span></h2>
      ${dense ? this.noRouter() : at < 0 ? this.emptyBars() : this.bars(at, layer)} ${this.next(at)}
    `;
  }

  private isDrawn(at: number): boolean {
    return (this.session.trace.candidates[at] ?? []).some((candidate) => candidate.drawn);
  }

  private emptyBars() {
    return html`<p class="none">Each layer’s router gives every expert a share; only the first few work.</p>`;
  }

  private noRouter() {
    return html`<p class="none">A dense model has no router: the one FFN of a layer takes every token.</p>`;
  }

  private bars(at: number, layer: number) {
    const { trace } = this.session;
    const { experts, perToken } = trace.shape;
    const router = trace.router(at, layer);
    const taken = new Map<number, number>();
    for (let rank = 0; rank < perToken; rank++) taken.set(trace.expert(at, layer, rank), trace.gate(at, layer, rank));
    const height = (expert: number) => (router ? router[expert] : (taken.get(expert) ?? 0));
    const top = Math.max(0.5, ...Array.from({ length: experts }, (_, expert) => height(expert)));
    const every = Math.ceil(experts / 20);
    const chosen = [...taken].map(([expert, gate]) => `expert ${expert} with gate weight ${gate.toFixed(2)}`);
    const scale = (share: number) => `${(share / top) * 84}%`;
    return html`<div class="bars" role="img" data-testid="router-bars"
        aria-label=${`Taken: ${chosen.join(', ')}. Chance is ${percent(1 / experts, 1)}.`}>
      ${Array.from({ length: experts }, (_, expert) => {
        const gate = taken.get(expert);
        const share = height(expert);
        return html`<div class="bar ${gate === undefined ? '' : 'taken'}">
          ${gate === undefined ? nothing : html`<em style=${`bottom:calc(${scale(share)} + 3px)`}>${gate.toFixed(2)}</em>`}
          <i style=${`height:${scale(share)}`}></i>
          ${expert % every === 0 || gate !== undefined ? html`<b>${expert}</b>` : nothing}
        </div>`;
      })}
      ${
        router
          ? html`<div class="chance" style=${`bottom:calc(1.2rem + (100% - 1.2rem) * ${(0.84 / experts / top).toFixed(4)})`}><span>chance ${percent(1 / experts, 1)}</span></div>`
          : nothing
      }
    </div>`;
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
