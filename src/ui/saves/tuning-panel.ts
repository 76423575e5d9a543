/** The search for the quickest kernels on this adapter: what was tried, what it took, what was chosen. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { SearchedFamily, TuningSearch } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { BUSY } from '../kit/busy.ts';
import { adapterWords, plusMinus, time } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const NAMES: Readonly<Record<SearchedFamily['family'], string>> = {
  gemv: 'Decode: matrix × vector',
  gemm: 'Prefill: matrix × matrix',
  attention: 'Attention',
};

@customElement('tuning-panel')
export class TuningPanel extends SessionElement {
  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        gap: 0.9rem;
      }
      .families {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr));
        gap: 1.2rem 3rem;
        align-items: start;
      }
      table {
        width: 100%;
      }
      caption {
        text-align: left;
        font-weight: 600;
        font-size: var(--size-2);
        padding-bottom: 0.2rem;
      }
      caption small {
        display: block;
        font-weight: 400;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .chosen > * {
        font-weight: 600;
      }
      td:last-child,
      th:last-child {
        padding-right: 0;
      }
      .action {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.4rem 0.8rem;
      }
      .warning {
        color: var(--ink);
        font-weight: 550;
      }
    `,
  ];

  override render() {
    const { measuring } = this.session;
    const search = measuring.search.get();
    const result = search.state === 'done' ? search.result : null;
    return html`
      <div class="prose"><p>The same sum can be spread over a GPU in many ways: how many neighbours share a row, how large a
        tile is, whether it is staged in shared memory. Which way is quickest differs from chip to chip, so a handful of
        candidates is timed here, on the model that is open. Each is first checked against the kernels that run already;
        one that computes anything else is never chosen.</p></div>
      ${result ? html`<div class="families" data-testid="searched">${result.families.map((family) => this.family(family))}</div>` : nothing}
      <p class="note">${this.caption(result)}</p>
      <div class="action">${this.action(result)}</div>
    `;
  }

  private family({ family, work, candidates, chosen }: SearchedFamily) {
    return html`<table><caption>${Object.hasOwn(NAMES, family) ? NAMES[family] : ''}<small>${work}</small></caption>
      <thead><tr><th>candidate</th><th>time</th><th>n</th></tr></thead>
      <tbody>${candidates.map((candidate) => {
        const is = candidate.name === chosen;
        return html`<tr class=${is ? 'chosen' : ''}><th scope="row">${candidate.name}${is ? ', chosen' : ''}</th>
          ${
            candidate.time
              ? html`<td>${time(candidate.time.median)}${candidate.time.samples > 1 ? ` ${plusMinus(candidate.time.median, candidate.time.spread)}` : ''}</td><td>${candidate.time.samples}</td>`
              : html`<td colspan="2">${candidate.error === null ? 'does not run here' : 'wrong result'}</td>`
          }</tr>`;
      })}</tbody></table>`;
  }

  private caption(result: TuningSearch | null) {
    const search = this.session.measuring.search.get();
    const opened = this.session.opened.get();
    if (search.state === 'failed') return html`<span class="warning">${search.message}</span>`;
    if (result) {
      return html`${result.software ? html`<span class="warning">Software adapter: these times mean nothing about a GPU. </span>` : nothing}
        Searched on ${result.adapter} with “${result.model}”, ${result.clock === 'timestamps' ? 'GPU timestamps' : 'wall clock'}, median of n
        samples ± half the interquartile range; in all ${(result.milliseconds / 1000).toFixed(1)}\u00a0s. Whoever is slower than the best by half at first sight is not timed
        again. Kept in this browser.`;
    }
    if (!opened?.tuningKey) return 'There is nothing to search without WebGPU.';
    if (opened.info.fallback)
      return 'Not searched: a software adapter runs the kernels without barriers unless you ask.';
    return 'Not searched yet: the default for GPUs runs.';
  }

  private action(result: TuningSearch | null) {
    const { measuring, opened } = this.session;
    const search = measuring.search.get();
    if (search.state === 'running') {
      return html`<progress max=${search.total || 1} .value=${search.done} aria-label="Timing the candidates"></progress>
        <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`;
    }
    const info = opened.get()?.info;
    if (info?.kind === 'cpu') return nothing;
    return html`<button @click=${() => measuring.searchTuning()} ?disabled=${!opened.get()?.tuningKey || measuring.busy.get()} data-testid="search">
        ${result ? 'Search again' : `Search on ${adapterWords(info)}`}</button>
      ${result ? html`<button class="link" @click=${() => measuring.forgetSearch()} ?disabled=${measuring.busy.get()} data-testid="forget-search">Forget</button>` : nothing}
      ${measuring.busy.get() ? html`<span class="label">${BUSY}</span>` : nothing}`;
  }
}
