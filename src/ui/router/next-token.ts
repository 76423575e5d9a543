/** What the model expects after the token in question, what of it was drawn, and what the runner-up expert would have expected. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Comparison, compared } from '../../state/interventions/compared.ts';
import { panel } from '../article/panel-styles.ts';
import { percent, visible } from '../kit/format.ts';
import { STRIPES } from '../kit/kinds.ts';
import { parts, say } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const SHOWN = 5;

type Where = 'layer' | 'all';

@customElement('next-token')
export class NextToken extends SessionElement {
  /** Where ranks k and k + 1 change places. */
  @state() private where: Where = 'layer';

  static override styles = [
    controls,
    panel,
    css`
      .head {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 0 1rem;
      }
      .hint {
        color: var(--now-ink);
      }
      .where-buttons {
        display: flex;
        gap: 0.7rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .where-buttons button[aria-checked='true'] {
        color: var(--ink);
        font-weight: 600;
        text-decoration-color: var(--ink);
        text-decoration-thickness: 2px;
      }
      table {
        width: 100%;
        table-layout: fixed;
      }
      thead th {
        padding-bottom: 0;
        line-height: 1.2;
      }
      th,
      td {
        padding: 0 0.4rem 0 0;
        height: 1.2rem;
        line-height: 1.15;
      }
      tbody tr {
        border: 0;
      }
      td.sign {
        width: 0.9rem;
        padding: 0;
        font-size: 0.7rem;
        color: var(--now-ink);
      }
      th.token {
        width: 6.4rem;
        text-align: left;
      }
      td.figure {
        width: 3.3rem;
      }
      .drawn .token {
        text-decoration: underline;
        text-decoration-color: var(--now);
        text-decoration-thickness: 2px;
        text-underline-offset: 0.2em;
      }
      .plot i {
        display: block;
        height: 5px;
        background: var(--rule-2);
      }
      .drawn .plot i.base {
        background: var(--now);
      }
      .plot i.swapped {
        height: 3px;
        margin-top: 1px;
        background: ${STRIPES};
      }
      .kl {
        padding-top: 0.15rem;
        min-height: 1.5em;
        line-height: 1.2;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .kl strong {
        font-weight: 600;
        color: var(--ink);
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { trace } = session;
    const at = session.current.get();
    trace.version.get();
    session.phase.get();
    session.pinned.get();
    const candidates = trace.candidates[at] ?? [];
    const isDrawn = candidates.some((candidate) => candidate.drawn);
    const answer = session.inspecting.swap.get();
    const swap = answer.state === 'here' ? answer.result : null;
    const rows = compared(candidates, swap, SHOWN);
    return html`<div class="head"><h2>${say('next-token')} <span class="where">${isDrawn ? html`<span class="hint">▸</span> ${say('drawn')}` : ''}</span></h2>
        ${session.shape.get().experts > 1 ? this.places() : nothing}</div>
      ${rows.length ? this.table(rows) : html`<p class="none">${at < 0 ? '' : say('in-prompt')}</p>`}
      ${session.shape.get().experts > 1 ? html`<p class="kl" role="status" data-testid="swap">${this.told(at)}</p>` : nothing}`;
  }

  protected override updated(): void {
    const { session } = this;
    session.inspecting.wantSwap(session.current.get(), this.where === 'all' ? null : session.layer.get());
  }

  private places() {
    const words: readonly [Where, string][] = [
      ['layer', say('layer-at', { layer: this.session.layer.get() })],
      ['all', say('all-layers')],
    ];
    return html`<span class="where-buttons" role="radiogroup" aria-label=${say('runner-up-where')}>${parts<unknown>(
      'runner-up-in',
      {
        where: words.map(
          ([where, said]) =>
            html`<button class="link" role="radio" aria-checked=${this.where === where} tabindex=${this.where === where ? 0 : -1}
          @keydown=${this.onKey} @click=${() => this.choose(where)}>${said}</button>`,
        ),
      },
    )}</span>`;
  }

  private choose(where: Where): void {
    this.where = where;
  }

  private onKey = async (event: KeyboardEvent): Promise<void> => {
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    this.choose(this.where === 'all' ? 'layer' : 'all');
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('[aria-checked=true]')?.focus();
  };

  private table(rows: readonly Comparison[]) {
    const routed = this.session.shape.get().experts > 1;
    const most = Math.max(...rows.flatMap(({ base, swapped }) => [base.value, swapped?.value ?? 0]));
    const width = (value: number) => `width:${Math.max(1, (value / most) * 100)}%`;
    const print = ({ value, below }: Comparison['base']) => (below ? `< ${percent(value, 1)}` : percent(value, 1));
    return html`<table data-testid="next"><thead><tr><td class="sign"></td><th class="token" translate="no" scope="col"><span class="hidden">${say('token')}</span></th><td></td>
        <th class="figure" scope="col">${say(routed ? 'as-it-was' : 'probability')}</th>${routed ? html`<th class="figure" scope="col">${say('runner-up')}</th>` : nothing}</tr></thead>
      <tbody>${rows.map(
        ({ text, drawn, base, swapped }) => html`<tr class=${drawn ? 'drawn' : ''}>
          <td class="sign">${drawn ? html`▸<span class="hidden">${say('drawn')}</span>` : ''}</td>
          <th scope="row" class="token" translate="no">${visible(text)}</th>
          <td class="plot"><i class="base" .style=${width(base.value)}></i>${swapped ? html`<i class="swapped" .style=${width(swapped.value)}></i>` : nothing}</td>
          <td class="figure">${print(base)}</td>${routed ? html`<td class="figure">${swapped ? print(swapped) : nothing}</td>` : nothing}</tr>`,
      )}</tbody></table>`;
  }

  private told(at: number) {
    const { session } = this;
    const answer = session.inspecting.swap.get();
    if (at < 0) return '';
    if (answer.state === 'here') {
      return html`<strong>KL ${answer.result.kl.toFixed(4)} nats</strong><span class="hidden">${say('kl-over')}</span>${this.pair(at)}`;
    }
    if (answer.state === 'waiting') return say('asking');
    if (answer.state === 'failed') return answer.message;
    if (session.source.get().kind !== 'live') return say('runner-up-live');
    return say('runner-up-pin');
  }

  /** Which two experts change places. */
  private pair(at: number) {
    const { trace } = this.session;
    const layer = this.session.layer.get();
    const router = trace.router(at, layer);
    const chosen = trace.chosen(at, layer);
    if (this.where === 'all' || !router || chosen >= trace.shape.experts) return nothing;
    let next = -1;
    for (let e = 0; e < router.length; e++) {
      if (trace.rankOf(at, layer, e) < 0 && (next < 0 || router[e] > router[next])) next = e;
    }
    return say('expert-for', { next, last: trace.expert(at, layer, chosen - 1) });
  }
}
