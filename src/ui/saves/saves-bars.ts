/** One step of N tokens: the four bars of the MoE and of each baseline, and the MoE's own segments. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { BlockShape } from '../../compare/costModel.ts';
import { BATCHES, type Comparison, isDecode, pointAt } from '../../state/saves/comparison.ts';
import type { SweepPoint } from '../../worker/protocol.ts';
import { panel } from '../article/panel-styles.ts';
import { bytes, percent, short, time } from '../kit/format.ts';
import { KIND_WORDS, kindBars } from '../kit/kinds.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { untimed } from '../meter/untimed.ts';
import { discloses } from '../page/disclosure.ts';
import { phoneRows } from '../page/phone-rows.ts';
import { computedVerdict } from './computed-verdict.ts';
import { type Bar, barsOf } from './rows.ts';
import { savesStyles } from './styles.ts';
import { barTables } from './table-styles.ts';
import { SEGMENT_WORDS, timeOf, tokensPerStep, verdicts } from './words.ts';

@customElement('saves-bars')
export class SavesBars extends SessionElement {
  @property({ attribute: false }) shape!: BlockShape;
  @property({ attribute: false }) comparison: Comparison | null = null;

  static override styles = [
    controls,
    panel,
    savesStyles,
    barTables,
    phoneRows,
    kindBars,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.7rem;
      }
      .slider {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.3rem 1rem;
      }
      .slider label {
        font-weight: 600;
      }
      .slider input {
        flex: 1 1 12rem;
        max-width: 26rem;
        min-height: 1.6rem;
        padding: 0;
        border: 0;
        background: none;
        accent-color: var(--ink);
      }
      .slider output {
        min-width: 13rem;
      }
      @media (pointer: coarse) {
        .slider input {
          min-height: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const at = this.at();
    const tokens = BATCHES[at];
    const point = pointAt(this.comparison, tokens);
    return html`
      <div data-testid="verdicts">${(point ? verdicts(point) : [computedVerdict(barsOf(this.shape, tokens, null).rows, tokens)]).map((words) => html`<p class="verdict">${words}</p>`)}</div>
      <div class="slider">
        <label for="batch">Tokens per step</label>
        <input id="batch" type="range" min="0" max=${BATCHES.length - 1} step="1" .value=${String(at)} aria-valuetext=${tokensPerStep(tokens)}
          @input=${this.onSlide} data-testid="batch" />
        <output for="batch"><strong>${tokens}</strong>, ${isDecode(tokens) ? 'decode' : 'prefill'}${
          this.comparison && !point ? ': not measured' : ''
        }</output>
      </div>
      ${this.bars(tokens, point)}
      ${this.formulas()}
      ${point ? html`${this.segments(point)}${this.steadiness(point)}` : nothing}
    `;
  }

  /** The address may carry any number: the slider stands at the nearest below. */
  private at(): number {
    const batch = this.session.batch.get();
    return Math.max(
      0,
      BATCHES.findLastIndex((tokens) => tokens <= batch),
    );
  }

  private onSlide = (event: Event): void => {
    this.session.batch.choose(BATCHES[Number((event.target as HTMLInputElement).value)]);
  };

  private bars(tokens: number, point: SweepPoint | null) {
    const { unit, rows } = barsOf(this.shape, tokens, point);
    const size = unit === 'bytes' ? bytes : short;
    const most = (of: (row: Bar) => number) => Math.max(...rows.map(of));
    const cell = (label: string, words: unknown, share: number) =>
      html`<td data-label=${label}><div class="cell"><span>${words}</span><i .style=${`width:${(100 * share).toFixed(2)}%`}></i></div></td>`;
    const head = (words: string, how: string) => html`<th scope="col">${words}<small>${how}</small></th>`;
    const why = this.comparison
      ? `Not measured with ${tokensPerStep(tokens)}.`
      : untimed(this.session.opened.get()?.info);
    return html`<table class="bars phone" data-testid="saves-bars">
      <thead><tr><th scope="col" class="name"><span class="hidden">Block</span></th>
        ${head('weights held', 'computed')}${head('weights read', 'computed')}${head('FLOPs', 'computed')}
        ${
          point
            ? html`${head('time', `measured, n = ${point.rows[0].time.samples}`)}<th scope="col" class="share">of its roofline<small>measured</small></th>`
            : html`<th scope="col" colspan="2">time</th>`
        }</tr></thead>
      <tbody>${rows.map(
        ({ kind, held, read, flops, measured }, at) => html`<tr class=${kind} data-kind=${kind}>
          <th scope="row">${KIND_WORDS[kind].name}<small>${KIND_WORDS[kind].meaning}</small></th>
          ${cell('weights held, computed', size(held), held / most((row) => row.held))}
          ${cell('weights read, computed', size(read), read / most((row) => row.read))}
          ${cell('FLOPs, computed', short(flops), flops / most((row) => row.flops))}
          ${
            measured
              ? html`${cell(
                  'time, measured',
                  html`<span class="time">${timeOf(measured.time)}</span>`,
                  measured.time.median / most((row) => row.measured?.time.median ?? 0),
                )}<td class="share" data-label="of its roofline">${percent(measured.roofline.share)}<small>${measured.roofline.bound}</small></td>`
              : at === 0
                ? html`<td class="why" colspan="2" rowspan=${rows.length} data-testid="untimed">${why}</td>`
                : nothing
          }
        </tr>`,
      )}</tbody></table>`;
  }

  private formulas() {
    return html`<details ${discloses(this.session, 'formulas')}><summary>What is computed, and how</summary><div class="note formulas">
      <p>One layer’s block, for the whole step of N tokens; D, H, E and K as everywhere on this page, b bytes a weight. A multiply-add is two FLOPs.</p>
      <p>Weights held: 3·D·H·b times E experts, or K for the dense block of the same active size; a router adds 4·D·E bytes.</p>
      <p>Weights read per step: the same for each expert that is touched; for the MoE that is E·(1 − (1 − K/E)<sup>N</sup>) by chance.</p>
      <p>FLOPs: N·6·D·H times K, or E where all take part; a router adds N·2·D·E.</p>
      <p>Of its roofline: the least time that this machine’s measured limits allow, max(FLOPs / multiply-add rate, bytes read / reading rate), as a share of the
        measured time. Above 100\u00a0% a cache was quicker than the memory that was measured.</p></div></details>`;
  }

  private segments({ tokens, segments }: SweepPoint) {
    const most = Math.max(...segments.map((each) => each.time.median));
    const few = !segments.some(({ name }) => name === 'combine');
    return html`<section aria-labelledby="segments"><h3 id="segments">Where this MoE’s time goes, ${tokensPerStep(tokens)} <small>measured, each segment alone</small></h3>
      <table class="bars segments phone" data-testid="segments"><thead class="hidden"><tr><th scope="col">Segment</th><th scope="col">Time</th></tr></thead><tbody>${segments.map(
        ({ name, time: each }) => html`<tr data-segment=${name}><th scope="row">${SEGMENT_WORDS[name]}</th>
          <td class="alone"><div class="cell"><span class="time">${timeOf(each)}</span><i .style=${`width:${((100 * each.median) / most).toFixed(2)}%`}></i></div></td></tr>`,
      )}</tbody></table>
      <p class="note">${few ? 'Few tokens take decode’s kernels: there is no plan to make, and down adds up the experts as it goes. ' : ''}Measured one by one, segments need not add up
        to the block.</p></section>`;
  }

  private steadiness({ tokens, rows }: SweepPoint) {
    return html`<details ${discloses(this.session, 'steadiness')}><summary>How steady the times are, ${tokensPerStep(tokens)}</summary><div class="wide" tabindex="0" role="region" aria-label="How steady the times are"><table data-testid="steadiness">
      <thead><tr><th scope="col">Block</th><th scope="col">n</th><th scope="col">first half</th><th scope="col">second half</th><th scope="col">least</th><th scope="col">most</th><th scope="col">spread</th><th scope="col">kernels</th></tr></thead>
      <tbody>${rows.map(
        ({
          kind,
          path,
          time: each,
        }) => html`<tr><th scope="row">${KIND_WORDS[kind].name}</th><td>${each.samples}</td><td>${time(each.firstHalf)}</td><td>${time(each.secondHalf)}</td>
          <td>${time(each.low)}</td><td>${time(each.high)}</td><td>${percent(each.spread / each.median, 1)}${each.unsteady ? ', unsteady' : ''}</td><td>${path === 'few' ? 'decode’s' : 'prefill’s'}</td></tr>`,
      )}</tbody></table></div></details>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'saves-bars': SavesBars;
  }
}
