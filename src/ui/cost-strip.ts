/** The meter: what the text has cost so far, beside a dense model of the same size and one of the same work. */
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type TextCost, textCost } from '../compare/textCost.ts';
import type { BlockComparison, BlockRow } from '../worker/protocol.ts';
import { costStyles } from './cost-styles.ts';
import { bits, million, percent, short, time } from './format.ts';
import { KIND_WORDS, kindBars } from './kinds.ts';
import { phoneRows } from './phone-rows.ts';
import { controls, SessionElement } from './shared.ts';

const ROWS = ['moe', 'same-total', 'same-active'] as const;
type Kind = (typeof ROWS)[number];

/** A ratio as it is said: “4.6 times”; near one it says so. */
const times = (ratio: number): string => (ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0));

@customElement('cost-strip')
export class CostStrip extends SessionElement {
  static override styles = [controls, kindBars, costStyles, phoneRows];

  override render() {
    const { session } = this;
    const { experts } = session.shape.get();
    if (experts === 1) return this.dense();
    const cost = this.cost();
    const measure = session.measuring.comparison.get();
    const result = measure.state === 'done' ? measure.result : null;
    return html`
      <table class="phone" data-testid="cost">
        <thead><tr><th class="name">So far in this text</th><th>multiply-adds, computed</th>
          <th class="timed">${result ? 'one token through its experts, measured' : 'time'}</th></tr></thead>
        <tbody>${ROWS.map((kind, at) => this.row(kind, cost, result, at === 0))}</tbody>
      </table>
      <div class="verdict" data-testid="verdict">${this.verdict(cost, result)}</div>
    `;
  }

  /** From the shape alone: known while the recording plays, and where there is no WebGPU. */
  private cost(): TextCost | null {
    const { session } = this;
    session.trace.version.get();
    const parameters = session.parameters.get();
    const shape = session.shape.get();
    if (!parameters || !shape.experts) return null;
    return textCost({ parameters, ...shape }, session.trace.count, session.trace.assignments());
  }

  private row(kind: Kind, cost: TextCost | null, result: BlockComparison | null, first: boolean) {
    const most = cost ? Math.max(cost.moe, cost['same-total'], 1) : 1;
    const share = cost ? cost[kind] / most : 0;
    return html`<tr class=${kind}>
      <th scope="row" title=${KIND_WORDS[kind].meaning}>${KIND_WORDS[kind].name}</th>
      <td data-label="multiply-adds, computed"><div class="cell"><i .style=${`width:${share * 100}%`}></i><span>${
        cost ? short(cost[kind]) : ''
      }</span></div></td>
      ${result ? this.timed(kind, result) : first ? html`<td class="untimed" rowspan=${ROWS.length}>${this.action()}</td>` : nothing}
    </tr>`;
  }

  private timed(kind: Kind, result: BlockComparison) {
    const of = (row: BlockRow) => row.time.median * result.method.layers;
    const row = result.rows.find((each) => each.kind === kind)!;
    const most = Math.max(...result.rows.filter((each) => each.kind !== 'all-on').map(of));
    const spread = percent(row.time.spread / row.time.median);
    return html`<td class="timed" data-label="one token through its experts, measured"><div class="cell">
      <i .style=${`width:${(of(row) / most) * 100}%`}></i>
      <span>${time(of(row))} <span class="spread">± ${spread}</span></span></div></td>`;
  }

  /** Where a time would stand: how one comes, or why there is none. */
  private action() {
    const { measuring, opened } = this.session;
    const measure = measuring.comparison.get();
    const info = opened.get()?.info;
    if (measure.state === 'running') {
      return html`<progress max=${measure.total || 1} .value=${measure.done} aria-label="Timing the blocks"></progress>
        <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`;
    }
    if (measure.state === 'failed')
      return html`<span class="warning">${measure.message}</span> ${this.measureButton('Try again')}`;
    if (!info) return 'Times are measured once the model runs on this machine.';
    if (info.kind === 'cpu') return 'Times are measured on WebGPU only; here the CPU computes.';
    if (info.fallback)
      return html`This adapter is software: its times say nothing about a GPU. ${this.measureButton('Measure anyway')}`;
    return html`Measured here once the text rests. ${this.measureButton('Measure now')}`;
  }

  private measureButton(words: string) {
    const { measuring, opened } = this.session;
    const routed = (opened.get()?.model.experts ?? 0) > 1;
    return html`<button class="link" @click=${() => measuring.compare()} ?disabled=${!routed} data-testid="compare">${words}</button>`;
  }

  /** Each ratio with its baseline, its batch, and whether it was computed or measured. */
  private verdict(cost: TextCost | null, result: BlockComparison | null) {
    const { session } = this;
    if (!cost) {
      if (session.source.get().kind !== 'imported') return html`<p class="unfilled"></p>`;
      return html`<p>A trace does not say how many weights its model has, so its multiply-adds are not known.</p>`;
    }
    // Before there is a text, as a token costs by the model's own k.
    const { active, total } = session.parameters.get()!;
    const ratio = cost.moe ? cost['same-total'] / cost.moe : total / active;
    const saved = ratio > 1.05 ? `${times(ratio)} times fewer multiply-adds` : 'as many multiply-adds';
    const more = session.isHidden('tabs')
      ? nothing
      : html` <button class="link" @click=${() => this.more()} data-testid="more-tokens">More tokens at once</button>`;
    return html`<p>Against a dense model of its size, this text takes <strong>${saved}</strong> (computed)${result ? this.measuredVerdict(result) : '.'}${this.quality()} Every weight is held in memory all the same.${more}</p>
    ${result ? html`<p class="note">${this.method(result)}</p>` : nothing}`;
  }

  private measuredVerdict(result: BlockComparison) {
    const median = (kind: Kind) => result.rows.find((row) => row.kind === kind)!.time.median;
    const ratio = median('same-total') / median('moe');
    return html`, and its experts <strong>${
      ratio < 1 ? `${times(1 / ratio)} times more time` : `${times(ratio)} times less time`
    }</strong> (measured, one token at a time).
      Against a dense model of the same work they took ${times(median('moe') / median('same-active'))} times as long.`;
  }

  /** From the cards of the shipped models: what the same tokens made of each. */
  private quality() {
    const models = this.session.catalog.get()?.models ?? [];
    const [moe, dense] = ['moe', 'dense-active'].map((id) => models.find(({ role }) => role === id));
    const shipped = moe && this.session.parameters.get()?.total === moe.parameters.total;
    if (!shipped || !dense || !moe.bitsPerByte || !dense.bitsPerByte || moe.tokensSeen !== dense.tokensSeen)
      return nothing;
    const better = percent(1 - moe.bitsPerByte / dense.bitsPerByte, 1);
    return html` Trained on the same ${million(moe.tokensSeen)} tokens, it needs ${better} fewer bits for a byte of text it has not seen
      than the dense model of the same work (${bits(moe.bitsPerByte)} to ${bits(dense.bitsPerByte)}).`;
  }

  private method({ info, method, rows }: BlockComparison) {
    const { clock, repeats, weights, layers } = method;
    return html`${info.fallback ? html`<span class="warning">Software adapter: these times mean nothing about a GPU. </span>` : nothing}
      Measured on ${info.name}: the experts of ${layers} layers, median of n = ${rows[0]?.time.samples ?? 0} ± half the interquartile
      range, each sample ${repeats[0]} to ${repeats[1]} blocks of ${weights} weights, ${clock === 'timestamps' ? 'GPU timestamps' : 'wall clock'}.
      ${this.measureButton('Measure again')}`;
  }

  private dense() {
    const { session } = this;
    session.trace.version.get();
    const parameters = session.parameters.get();
    const counted = parameters
      ? `: ${short(parameters.total * session.trace.count)} multiply-adds so far in this text`
      : '';
    return html`<p data-testid="cost">This model is dense: every weight works for every token${counted}. Open the MoE to see what
      routing saves.</p>`;
  }

  /** The view that goes on where this strip ends: more tokens at once, and the machine's roofline. */
  private more(): void {
    this.session.view.set('saves');
    (this.getRootNode() as ShadowRoot).querySelector('view-panels')?.scrollIntoView({ block: 'nearest' });
  }
}
