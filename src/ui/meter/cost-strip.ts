/** The meter: what the text has cost so far, beside a dense model of the same size and one of the same work. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { TextCost } from '../../compare/textCost.ts';
import type { Comparison } from '../../state/saves/comparison.ts';
import { bits, million, percent, plusMinus, short, time } from '../kit/format.ts';
import { KIND_WORDS, kindBars } from '../kit/kinds.ts';
import { parts, say } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { phoneRows } from '../page/phone-rows.ts';
import { costStyles } from './cost-styles.ts';
import { costOf, savedWords, times } from './saved.ts';
import { untimed } from './untimed.ts';

export const ROWS = ['moe', 'same-total', 'same-active'] as const;
type Kind = (typeof ROWS)[number];

/** Milliseconds: median and spread. */
type Time = readonly [number, number];

interface Times {
  readonly how: string;
  readonly of: (kind: Kind) => Time;
  /** null where they were taken elsewhere. */
  readonly comparison: Comparison | null;
}

@customElement('cost-strip')
export class CostStrip extends SessionElement {
  static override styles = [controls, kindBars, phoneRows, costStyles];

  override render() {
    const { session } = this;
    const { experts } = session.shape.get();
    if (experts === 1) return this.dense();
    const cost = costOf(session);
    const times = this.times();
    return html`
      <table class="phone" data-testid="cost">
        <thead><tr><th class="name">${say('so-far')}</th><th>${say('multiply-adds')}</th>
          <th class="timed">${times ? say('one-token-time', { how: times.how }) : say('time')}</th></tr></thead>
        <tbody>${ROWS.map((kind, at) => this.row(kind, cost, times, at === 0))}</tbody>
      </table>
      <div class="verdict" data-testid="verdict">${this.verdict(cost, times?.comparison ?? null)}</div>
    `;
  }

  /** As they were measured here; where nothing can be, as a real GPU had them. */
  protected times(): Times | null {
    const { comparing, catalog, opened, source } = this.session;
    // What was measured is the open model's, and the text another's.
    if (source.get().kind === 'imported') return null;
    const comparison = comparing.found.get();
    const point = comparison?.points.find(({ tokens }) => tokens === 1);
    if (comparison && point) {
      const { layers } = comparison.method;
      const of = (kind: Kind): Time => {
        const { median, spread } = point.rows.find((row) => row.kind === kind)!.time;
        return [median * layers, spread * layers];
      };
      return { how: say('measured-here'), of, comparison };
    }
    const info = opened.get()?.info;
    const entry = catalog.get()?.models.find(({ role }) => role === 'moe');
    const shipped = entry && this.session.parameters.get()?.total === entry.parameters.total;
    if (!shipped || !entry.reference || (info?.kind === 'webgpu' && !info.fallback)) return null;
    const { device, date, times } = entry.reference;
    return { how: say('on-device', { device, date }), of: (kind) => times[kind], comparison: null };
  }

  /** From the shape alone: known while the recording plays, and where there is no WebGPU. */
  protected row(kind: Kind, cost: TextCost | null, times: Times | null, first: boolean) {
    const most = cost ? Math.max(cost.moe, cost['same-total'], 1) : 1;
    const share = cost ? cost[kind] / most : 0;
    return html`<tr class=${kind}>
      <th scope="row" title=${KIND_WORDS[kind].meaning}>${KIND_WORDS[kind].name}</th>
      <td data-label=${say('multiply-adds')}><div class="cell"><i .style=${`width:${share * 100}%`}></i><span data-figure=${`multiply-adds ${kind}`}>${
        cost ? short(cost[kind]) : ''
      }</span></div></td>
      ${times ? this.timed(kind, times) : first ? html`<td class="untimed" rowspan=${ROWS.length}>${this.action()}</td>` : nothing}
    </tr>`;
  }

  private timed(kind: Kind, { how, of }: Times) {
    const [median, spread] = of(kind);
    const most = Math.max(...ROWS.map((each) => of(each)[0]));
    return html`<td class="timed" data-label=${say('one-token-time', { how })}><div class="cell">
      <i .style=${`width:${(median / most) * 100}%`}></i>
      <span>${time(median)} <span class="spread">${plusMinus(median, spread)}</span></span></div></td>`;
  }

  /** Where a time would stand: how one comes, or why there is none. */
  private action() {
    const { comparing, measuring, opened, source } = this.session;
    if (source.get().kind === 'imported') return nothing;
    const run = comparing.run.get();
    const info = opened.get()?.info;
    if (run.state === 'running') {
      return html`<progress max=${run.total || 1} .value=${run.done} aria-label=${say('timing')}></progress>
        <button class="link" @click=${() => measuring.cancel()}>${say('cancel')}</button>`;
    }
    if (run.state === 'failed')
      return html`<span class="warning">${run.message}</span> ${this.measureButton(say('try-again'))}`;
    if (info?.kind !== 'webgpu') return untimed(info);
    return html`${untimed(info)} ${this.measureButton(say(info.fallback ? 'measure-anyway' : 'measure'))}`;
  }

  private measureButton(words: string) {
    const { comparing, opened } = this.session;
    const routed = (opened.get()?.model.experts ?? 0) > 1;
    return html`<button class="link" @click=${() => comparing.brief()} ?disabled=${!routed} data-testid="compare">${words}</button>`;
  }

  /** Each ratio with its baseline, its batch, and whether it was computed or measured. */
  private verdict(cost: TextCost | null, result: Comparison | null) {
    const { session } = this;
    if (!cost) {
      if (session.source.get().kind !== 'imported' && !session.place.recording) return html`<p class="unfilled"></p>`;
      return html`<p>${say('weights-unknown')}</p>`;
    }
    const more = session.isHidden('tabs')
      ? nothing
      : html` <button class="link" @click=${() => this.more()} data-testid="more-tokens">${say('more-at-once')}</button>`;
    const saved = html`<strong data-figure="saved">${savedWords(session, cost)}</strong>`;
    return html`<p>${result ? this.measuredVerdict(saved) : parts('verdict', { saved })}${this.quality()}${session.residency.get() ? nothing : ` ${say('all-held')}`}${more}</p>
    ${result ? html`<p class="note">${this.method(result)}</p>` : nothing}`;
  }

  private measuredVerdict(saved: TemplateResult) {
    const { of } = this.times()!;
    const [moe, size, work] = [of('moe')[0], of('same-total')[0], of('same-active')[0]];
    const time =
      size < moe ? say('times-more', { ratio: times(moe / size) }) : say('times-less', { ratio: times(size / moe) });
    return parts<unknown>('verdict-measured', { saved, time: html`<strong>${time}</strong>`, work: times(moe / work) });
  }

  /** What the same tokens made of each: as it was read here, else from the cards of the shipped models. */
  private quality() {
    const { catalog, parameters, quality } = this.session;
    const models = catalog.get()?.models ?? [];
    const points = quality.shown.get()?.points ?? [];
    const [moe, dense] = (['moe', 'dense-active'] as const).map((wanted) => {
      const entry = models.find(({ role }) => role === wanted);
      const read = points.find(({ model, trained, k }) => model.role === wanted && (trained || k === null));
      return { entry, loss: read?.heldout.bitsPerByte ?? entry?.bitsPerByte, here: read !== undefined };
    });
    const shipped = moe.entry && parameters.get()?.total === moe.entry.parameters.total;
    const fair = moe.entry?.tokensSeen === dense.entry?.tokensSeen && moe.here === dense.here;
    if (!shipped || !fair || !moe.loss || !dense.loss) return nothing;
    return html` ${parts<unknown>('same-tokens', {
      tokens: html`<span data-figure="tokens">${say('tokens-seen', { count: million(moe.entry!.tokensSeen) })}</span>`,
      share: percent(1 - moe.loss / dense.loss, 1),
      moe: html`<span data-figure="loss moe">${bits(moe.loss)}</span>`,
      dense: html`<span data-figure="loss dense-active">${bits(dense.loss)}</span>`,
    })}`;
  }

  private method({ info, method, points: [{ rows }], browser, date, points }: Comparison) {
    const how = say('measured-how', {
      ...{ device: info.name, browser, date: date.slice(0, 10), layers: method.layers, weights: method.weights },
      samples: rows[0]?.time.samples ?? 0,
      clock: say(method.clock === 'timestamps' ? 'gpu-clock' : 'wall-clock'),
    });
    return html`${info.fallback ? html`<span class="warning">${say('software-adapter')} </span>` : nothing}${how}
      ${points.length === 1 ? this.measureButton(say('measure-again')) : nothing}`;
  }

  private dense() {
    const { session } = this;
    session.trace.version.get();
    const parameters = session.parameters.get();
    const count = parameters && short(parameters.total * session.trace.count);
    return html`<p data-testid="cost">${say('dense-cost')}${count ? ` ${say('dense-so-far', { count })}` : nothing}</p>`;
  }

  /** The view that goes on where this strip ends: more tokens at once, and the machine's roofline. */
  private more(): void {
    this.session.show('saves');
    (this.getRootNode() as ShadowRoot).querySelector('view-panels')?.scrollIntoView({ block: 'nearest' });
  }
}
