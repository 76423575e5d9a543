/** What was measured of one layer: decode and prefill apart, each beside its dense twins, and what follows for the model. */
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { LayerStep, PublishedModel, SweepRow, LayerTiming as Timing } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { bytes, percent, plusMinus, short, time } from '../kit/format.ts';
import { KIND_WORDS, kindBars } from '../kit/kinds.ts';
import { controls } from '../kit/shared.ts';
import { phoneRows } from '../page/phone-rows.ts';
import { driftWords, SEGMENT_WORDS, unsteadyWords } from '../saves/words.ts';
import { PRECISIONS, sliceWords, stepWords, wholeModelWords } from './published-words.ts';

@customElement('layer-timing')
export class LayerTiming extends LitElement {
  @property({ attribute: false }) timing!: Timing;
  @property({ attribute: false }) model!: PublishedModel;

  static override styles = [
    controls,
    article,
    kindBars,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.2rem;
      }
      table {
        width: 100%;
        table-layout: fixed;
      }
      th:first-child {
        width: 12rem;
        white-space: normal;
      }
      tbody .moe th {
        font-weight: 600;
      }
      td,
      thead th {
        text-align: left;
      }
      td {
        vertical-align: top;
        padding-top: 0.35rem;
        padding-bottom: 0.45rem;
      }
      .cell i {
        margin-top: 0.2rem;
      }
      .moe .cell i {
        background: var(--now);
      }
      small {
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .sum {
        font: 400 1.1875rem / 1.5 var(--text-face);
        font-variant-numeric: tabular-nums lining-nums;
        max-width: 52rem;
      }
      .warning {
        color: var(--ink);
        font-weight: 550;
      }
    `,
    phoneRows,
  ];

  override render() {
    const { timing, model } = this;
    const { decode, prefill, lost, slice, precision } = timing;
    return html`<p class="sum" data-testid="layer-found">${stepWords(decode)} ${prefill ? stepWords(prefill) : nothing}</p>
    <div data-testid="layer-timing">
      <h3>${model.name}, ${sliceWords(model, slice)}, at ${PRECISIONS[precision]}: one token, as when it writes</h3>
      ${this.table(decode)}
    </div>
    ${prefill ? html`<div data-testid="layer-prefill"><h3>${prefill.tokens} tokens in one step: prefill</h3>${this.table(prefill)}</div>` : nothing}
    ${lost ? html`<p class="warning" role="alert">${prefill ? '' : 'The prefill could not be timed. '}${lost}</p>` : nothing}
    ${this.steadiness()}
    ${this.whole()}
    ${this.caption()}`;
  }

  /** What to do about a busy machine: the button to time it again stands above. */
  private steadiness() {
    const { decode, prefill } = this.timing;
    const points = prefill ? [decode, prefill] : [decode];
    const [unsteady, drift] = [unsteadyWords({ points }), driftWords({ points })];
    return html`${unsteady ? html`<p class="warning" data-testid="layer-unsteady">${unsteady} Close what you can, and time it again.</p>` : nothing}
      ${drift ? html`<p class="note">${drift}</p>` : nothing}`;
  }

  private table({ rows, segments, touched, tokens }: LayerStep) {
    const most = (of: (row: SweepRow) => number) => Math.max(...rows.map(of));
    const cell = (label: string, value: unknown, share: number) =>
      html`<td class="cell" data-label=${label}>${value}<i .style=${`width:${share * 100}%`}></i></td>`;
    return html`<table class="phone">
      <thead><tr><th><span class="hidden">Layer</span></th><th>weights held, computed</th><th>weights read per step, computed</th>
        <th>FLOPs per step, computed</th><th>time per step, measured</th><th>of what this machine could</th></tr></thead>
      <tbody>${rows.map(
        ({ kind, time: taken, flops, bytesHeld, bytesRead, roofline }) => html`<tr class=${kind} data-kind=${kind}>
          <th scope="row">${KIND_WORDS[kind].name}</th>
          ${cell('weights held, computed', bytes(bytesHeld), bytesHeld / most((row) => row.bytesHeld))}
          ${cell('weights read per step, computed', bytes(bytesRead), bytesRead / most((row) => row.bytesRead))}
          ${cell('FLOPs per step, computed', short(flops), flops / most((row) => row.flops))}
          ${cell(
            'time per step, measured',
            html`${time(taken.median)} <small>${plusMinus(taken.median, taken.spread)}, n = ${taken.samples}${taken.unsteady ? ', unsteady' : ''}</small>`,
            taken.median / most((row) => row.time.median),
          )}
          ${cell('of what this machine could', html`${percent(roofline.share)} <small>${roofline.bound}</small>`, Math.min(1, roofline.share))}
        </tr>`,
      )}</tbody></table>
      <p class="note">The MoE’s parts, each measured alone: ${segments
        .map(({ name, time: taken }) => `${SEGMENT_WORDS[name]} ${time(taken.median)}`)
        .join(', ')}. Medians of the first and the second half of the samples: ${rows
        .map(
          ({ kind, time: { firstHalf, secondHalf } }) =>
            `${KIND_WORDS[kind].name} ${time(firstHalf)}, ${time(secondHalf)}`,
        )
        .join('; ')}. ${
        tokens > 1
          ? `${touched.predicted.toFixed(1)} experts are touched by ${tokens} tokens that choose evenly; computed.`
          : nothing
      }</p>`;
  }

  private whole() {
    const { timing, model } = this;
    const words = wholeModelWords(timing);
    if (!words || !timing.wholeModel) {
      return html`<p class="note">What was timed is a slice, so no time of the whole model is computed from it.</p>`;
    }
    return html`<div><p class="sum" data-testid="whole-model"><strong>The whole model would take ${time(timing.wholeModel.milliseconds)} per token, computed:</strong> ${words}.</p>
      <p class="note">If this GPU could hold the ${bytes(timing.wholeModel.bytesNeeded)} of ${model.name}’s weights, writing one text. Attention’s reading of
        the text so far is left out.</p></div>`;
  }

  private caption() {
    const { info, method, limits } = this.timing;
    return html`<p class="note" data-testid="layer-method">${info.fallback ? html`<strong class="warning">Software adapter: these times mean nothing about a GPU.</strong> ` : nothing}
      Measured on ${info.name}: random weights, random input, the model’s own routing rule; median of n samples ± half the interquartile range, each at least
      ${method.sampleMilliseconds}\u00a0ms, in turns, ${method.clock === 'timestamps' ? 'GPU timestamps' : 'wall clock'}. This machine reads ${short(limits.read.rate)}B/s and does
      ${short(limits.fma.rate)}FLOP/s, measured in the same run.${
        method.discarded ? ` ${method.discarded} runs were thrown away and taken again because the tab was hidden.` : ''
      } The dense twins have random weights, too, in the same format, and no router.${
        this.model.expertBias ? ' The biases of its experts’ matrices are left out.' : ''
      }</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'layer-timing': LayerTiming;
  }
}
