/** Earlier runs on this machine, from this browser alone: to set beside the one on the page, and to erase. */
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import {
  differs,
  type Figure,
  followRuns,
  forgetRun,
  forgetRuns,
  keptRuns,
  type Run,
  sameFigure,
  unlike,
  type What,
} from '../../state/saves/history.ts';
import { panel } from '../article/panel-styles.ts';
import { bits, percent, plusMinus, time } from '../kit/format.ts';
import { KIND_WORDS, ROLES } from '../kit/kinds.ts';
import { controls } from '../kit/shared.ts';
import { phoneRows } from '../page/phone-rows.ts';
import { savesStyles } from './styles.ts';

const when = (date: string): string => `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;

@customElement('run-history')
export class RunHistory extends LitElement {
  @property() what: What = 'sweep';
  /** The run that stands on the page; null when there is none. */
  @property({ attribute: false }) now: Run | null = null;
  /** Of the run that is set beside it. */
  @state() private date: string | null = null;

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
      .subject {
        white-space: normal;
        min-width: 9rem;
      }
      .beyond {
        font-weight: 600;
      }
      @media (max-width: 46rem) {
        .figure {
          text-align: left;
        }
      }
      @media (pointer: coarse) {
        .runs button.link,
        .action button.link {
          min-height: var(--touch);
          min-width: var(--touch);
        }
      }
    `,
    phoneRows,
  ];

  private unfollow = () => {};

  override connectedCallback(): void {
    super.connectedCallback();
    this.unfollow = followRuns(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unfollow();
  }

  override render() {
    const runs = keptRuns().filter(({ what }) => what === this.what);
    if (!runs.length) return nothing;
    const other = runs.find(({ date }) => date === this.date && date !== this.now?.date) ?? null;
    return html`<h3>Runs of this machine <small>kept in this browser alone</small></h3>
      <div class="wide" tabindex="0" role="region" aria-label="Runs of this machine"><table class="runs phone" data-testid="history">
        <thead><tr><th scope="col">when</th><th scope="col">what</th><th scope="col">on</th><th scope="col"><span class="hidden">Compare</span></th><th scope="col"><span class="hidden">Erase</span></th></tr></thead>
        <tbody>${runs.map((run) => this.row(run, run === other))}</tbody></table></div>
      <div class="action"><button class="link" @click=${() => forgetRuns(this.what)} data-testid="erase-all">Erase all of these</button></div>
      ${other && this.now ? this.compared(this.now, other) : nothing}`;
  }

  private row(run: Run, chosen: boolean) {
    const here = run.date === this.now?.date;
    const named = html`<span class="hidden"> the run of ${when(run.date)}</span>`;
    return html`<tr><th scope="row">${when(run.date)}</th><td class="subject" data-label="what">${run.subject}${steps(run)}</td>
      <td data-label="on">${run.device}${run.fallback ? ' (software)' : ''}, ${run.browser}, ${run.clock === 'timestamps' ? 'timestamps' : 'wall clock'}</td>
      <td>${
        here
          ? 'on this page'
          : this.now
            ? html`<button class="link" aria-pressed=${chosen} @click=${() => {
                this.date = chosen ? null : run.date;
              }}>${chosen ? 'Put away' : 'Set beside'}${named}</button>`
            : nothing
      }</td>
      <td><button class="link" @click=${() => forgetRun(run)}>Erase${named}</button></td></tr>`;
  }

  private compared(now: Run, then: Run) {
    const strange = unlike(now, then);
    const pairs = now.figures.flatMap((figure) => {
      const before = then.figures.find((each) => sameFigure(each, figure));
      return before ? [{ figure, before }] : [];
    });
    const apart = pairs.filter(({ figure, before }) => differs(figure, before)).length;
    return html`<h4>Now, and ${when(then.date)}</h4>
      ${strange.length ? html`<p class="warning">Not the same ${strange.join(', ')}: these runs cannot be compared as they stand.</p>` : nothing}
      ${
        pairs.length
          ? html`<p class="note" data-testid="apart">${apart} of ${pairs.length} figures differ by more than their two spreads together.</p>
            <div class="wide" tabindex="0" role="region" aria-label="Two runs compared"><table class="phone" data-testid="runs-compared">
            <thead><tr><th scope="col">figure</th><th scope="col">now</th><th scope="col">then</th><th scope="col">difference</th></tr></thead>
            <tbody>${pairs.map(({ figure, before }) => pairRow(figure, before, now.what))}</tbody></table></div>`
          : html`<p class="note">The two have no figure in common.</p>`
      }`;
  }
}

function pairRow(now: Figure, then: Figure, what: What) {
  const beyond = differs(now, then);
  const share = now.value / then.value - 1;
  const words = beyond
    ? `${share < 0 ? '−' : '+'}${percent(Math.abs(share), 1)}, beyond the spread`
    : 'within the spread';
  return html`<tr class=${beyond ? 'beyond' : ''}><th scope="row">${nameOf(now, what)}</th>
    <td class="figure" data-label="now">${wordsOf(now)}</td><td class="figure" data-label="then">${wordsOf(then)}</td><td data-label="difference">${words}</td></tr>`;
}

function nameOf({ of, k, tokens, unit }: Figure, what: What): string {
  const role = of in ROLES ? ROLES[of as keyof typeof ROLES] : '';
  if (what === 'quality') return `${role}${k === null ? '' : `, k = ${k}`}: ${unit === 'ms' ? 'time per token' : unit}`;
  const kind = of in KIND_WORDS ? KIND_WORDS[of as keyof typeof KIND_WORDS].name : '';
  return `${kind}, ${tokens} ${tokens === 1 ? 'token' : 'tokens'}`;
}

const wordsOf = ({ unit, value, spread }: Figure): string =>
  unit === 'ms' ? `${time(value)} ${plusMinus(value, spread)}` : bits(value);

function steps({ what, figures }: Run): string {
  if (what !== 'sweep' || !figures.length) return '';
  const tokens = figures.map((figure) => figure.tokens);
  return `, ${Math.min(...tokens)} to ${Math.max(...tokens)} tokens per step`;
}

declare global {
  interface HTMLElementTagNameMap {
    'run-history': RunHistory;
  }
}
