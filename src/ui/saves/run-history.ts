/** Earlier runs on this machine, from this browser alone: to set beside the one on the page, and to erase. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Comparison } from '../../state/comparison.ts';
import { type Run, runOf } from '../../state/history.ts';
import { KIND_WORDS, KINDS } from '../kinds.ts';
import { panel } from '../panel-styles.ts';
import { controls, SessionElement } from '../shared.ts';
import { savesStyles } from './styles.ts';
import { timeOf } from './words.ts';

const when = (date: string): string => `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;

@customElement('run-history')
export class RunHistory extends SessionElement {
  @property({ attribute: false }) comparison: Comparison | null = null;

  static override styles = [
    controls,
    panel,
    savesStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.5rem;
      }
      td:not(.figure),
      th {
        text-align: left;
      }
      @media (pointer: coarse) {
        .runs button.link {
          min-height: var(--touch);
          min-width: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const { comparing } = this.session;
    const runs = comparing.history.get();
    if (!runs.length) return nothing;
    const other = comparing.beside.get();
    return html`<h3>Runs of this machine <small>kept in this browser alone</small></h3>
      <div class="wide" tabindex="0" role="region" aria-label="Runs of this machine"><table class="runs" data-testid="history">
        <thead><tr><th scope="col">when</th><th scope="col">model</th><th scope="col">on</th><th scope="col">steps</th><th scope="col"><span class="hidden">Compare</span></th><th scope="col"><span class="hidden">Erase</span></th></tr></thead>
        <tbody>${runs.map((run) => this.row(run, run.date === other?.date))}</tbody></table></div>
      <div class="action"><button class="link" @click=${() => comparing.eraseAll()} data-testid="erase-all">Erase all</button></div>
      ${other && this.comparison ? this.compared(runOf(this.comparison), other) : nothing}`;
  }

  private row(run: Run, chosen: boolean) {
    const { comparing } = this.session;
    const steps = run.times.map(({ tokens }) => tokens);
    const here = run.date === this.comparison?.date;
    return html`<tr><th scope="row">${when(run.date)}</th><td>${run.model}</td>
      <td>${run.device}${run.fallback ? ' (software)' : ''}, ${run.browser}, ${run.clock === 'timestamps' ? 'timestamps' : 'wall clock'}</td>
      <td>${Math.min(...steps)} to ${Math.max(...steps)}</td>
      <td>${
        here
          ? 'stands above'
          : this.comparison
            ? html`<button class="link" aria-pressed=${chosen} @click=${() => comparing.setBeside(chosen ? null : run)}>${chosen ? 'Put away' : 'Set beside'}<span class="hidden"> the run of ${when(run.date)}</span></button>`
            : nothing
      }</td>
      <td><button class="link" @click=${() => comparing.erase(run)}>Erase<span class="hidden"> the run of ${when(run.date)}</span></button></td></tr>`;
  }

  private compared(now: Run, then: Run) {
    const strange =
      now.device !== then.device ||
      now.model !== then.model ||
      now.browser !== then.browser ||
      now.clock !== then.clock;
    const batches = [...new Set(now.times.map(({ tokens }) => tokens))].filter((tokens) =>
      then.times.some((time) => time.tokens === tokens),
    );
    const cell = (run: Run, tokens: number, kind: Run['times'][number]['kind']) => {
      const found = run.times.find((time) => time.tokens === tokens && time.kind === kind);
      return html`<td class="figure">${found ? timeOf(found) : '–'}</td>`;
    };
    return html`<h4>Now, and ${when(then.date)}</h4>
      ${strange ? html`<p class="warning">Not the same machine, browser, clock or model: these runs cannot be compared as they stand.</p>` : nothing}
      <div class="wide" tabindex="0" role="region" aria-label="Two runs compared"><table data-testid="runs-compared">
        <thead><tr><th scope="col">tokens per step</th><th scope="col">block</th><th scope="col">now</th><th scope="col">then</th></tr></thead>
        <tbody>${batches.flatMap((tokens) =>
          KINDS.map(
            (kind) =>
              html`<tr><th scope="row">${tokens}</th><td>${KIND_WORDS[kind].name}</td>${cell(now, tokens, kind)}${cell(then, tokens, kind)}</tr>`,
          ),
        )}</tbody></table></div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'run-history': RunHistory;
  }
}
