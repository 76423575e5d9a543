/** Held-out loss of the three models while they were trained, from models/curves.json. */
import { css, html, nothing, svg } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Curve, type CurvePoint, type Curves, fetchCurves } from '../../state/models/training-curves.ts';
import { isBehind, mostTokens } from '../../state/saves/quality-points.ts';
import { article } from '../article/article-styles.ts';
import { million, short } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { discloses } from '../page/disclosure.ts';
import { endedTogether } from './schedule-ends.ts';
import { seedWords } from './seed-spread.ts';

type Axis = 'tokens' | 'flops' | 'seconds';

const AXES: readonly [Axis, string][] = [
  ['tokens', 'tokens seen'],
  ['flops', 'training FLOPs'],
  ['seconds', 'seconds of training'],
];
const NAMES = new Map([
  ['moe', 'MoE'],
  ['dense-active', 'dense, same active'],
  ['dense-total', 'dense, same total'],
]);
const DASHES = new Map([
  ['moe', ''],
  ['dense-active', '7 4'],
  ['dense-total', '2 3'],
]);
/** Below this width the names stand under the chart instead of beside the lines. */
const NARROW = 640;

interface Scale {
  readonly low: number;
  readonly high: number;
  at(value: number): number;
}

function logScale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const span = Math.log(high / low) || 1;
  return { low, high, at: (value) => from + (Math.log(value / low) / span) * (to - from) };
}

function linearScale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low) * 0.06 || 0.1;
  return { low, high, at: (value) => from + ((value - low + room) / (high - low + 2 * room)) * (to - from) };
}

/** 1, 2 and 5 times powers of ten inside the range. */
function logTicks({ low, high }: Scale): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of [1, 2, 5]) {
      const tick = digit * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks.length > 8 ? ticks.filter((tick) => Math.log10(tick) % 1 === 0) : ticks;
}

@customElement('training-curves')
export class TrainingCurves extends SessionElement {
  @state() private curves: Curves | null = null;
  @state() private failed = '';
  @state() private axis: Axis = 'tokens';
  @state() private width = 1000;
  private observer: ResizeObserver | null = null;

  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        gap: 0.8rem;
      }
      .axes {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 1.2rem;
      }
      .axes button[aria-checked='true'] {
        font-weight: 600;
        text-decoration-color: var(--ink);
        text-decoration-thickness: 2px;
      }
      svg.chart {
        width: 100%;
        height: auto;
        overflow: visible;
        font: 400 13px var(--figure-face);
      }
      .grid {
        stroke: var(--rule);
      }
      .tick {
        fill: var(--ink-2);
      }
      .line {
        fill: none;
        stroke: var(--ink);
        stroke-width: 2;
      }
      .line.moe {
        stroke: var(--now);
        stroke-width: 3;
      }
      .end {
        fill: var(--ink);
      }
      .end.moe {
        fill: var(--now);
      }
      .name {
        fill: var(--ink);
        font-weight: 600;
      }
      .names {
        display: grid;
        gap: 0.3rem;
      }
      .names svg {
        width: 2.4rem;
        height: 0.6rem;
        margin-right: 0.6rem;
      }
      .short {
        font-weight: 550;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer = new ResizeObserver(([entry]) => {
      this.width = Math.max(300, Math.round(entry.contentRect.width));
    });
    this.observer.observe(this);
    fetchCurves().then(
      (curves) => {
        this.curves = curves;
      },
      (thrown) => {
        this.failed = thrown.message;
      },
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
  }

  override render() {
    if (this.failed) return html`<p class="note">The training curves are not here: ${this.failed}</p>`;
    const models = Object.entries(this.curves?.models ?? {}).filter(([, curve]) => curve.points.length > 1);
    if (!models.length) return html`<p class="note">The training curves are on their way.</p>`;
    return html`
      <div class="axes" role="radiogroup" aria-label="Horizontal axis">${AXES.map(
        ([axis, words]) =>
          html`<button class="link" role="radio" aria-checked=${axis === this.axis} @click=${() => this.choose(axis)}>${words}</button>`,
      )}</div>
      ${this.chart(models)} ${this.width < NARROW ? this.names(models) : nothing}
      ${this.unequal(models)} ${this.together(models)} ${this.curves?.seeds ? seedWords(this.curves.seeds, NAMES) : nothing}
      <p class="note">Held-out bits per byte, mean over the eight kinds of text; less is better; read on fewer
        windows than for the models’ cards, whose figures therefore differ. The horizontal axis is logarithmic.
        ${this.curves?.note ?? nothing}</p>
      <details ${discloses(this.session, 'curves')}><summary>The curves as a table</summary>${this.table(models)}</details>
    `;
  }

  private choose(axis: Axis): void {
    this.axis = axis;
  }

  private chart(models: readonly [string, Curve][]) {
    const points = models.flatMap(([, curve]) => curve.points);
    const wide = this.width >= NARROW;
    const BOX = { left: 40, right: wide ? 200 : 10, top: 14, bottom: 44, width: this.width, height: wide ? 380 : 280 };
    const right = BOX.width - BOX.right;
    const bottom = BOX.height - BOX.bottom;
    const x = logScale(
      points.map((point) => point[this.axis]),
      BOX.left,
      right,
    );
    const y = linearScale(
      points.map((point) => point.bitsPerByte),
      bottom,
      BOX.top,
    );
    const step = [0.02, 0.05, 0.1, 0.2, 0.5, 1].find((size) => (y.high - y.low) / size <= 7) ?? 1;
    const lines: number[] = [];
    for (let value = Math.ceil(y.low / step) * step; value <= y.high; value += step) lines.push(value);
    const path = (curve: readonly CurvePoint[]) =>
      curve
        .map((point, i) => `${i ? 'L' : 'M'}${x.at(point[this.axis]).toFixed(1)} ${y.at(point.bitsPerByte).toFixed(1)}`)
        .join('');
    const labels = this.labels(models, y, bottom);
    return html`<svg class="chart" viewBox=${`0 0 ${BOX.width} ${BOX.height}`} role="img" data-testid="curves"
        aria-label=${`Held-out bits per byte against ${AXES.find(([axis]) => axis === this.axis)![1]}; the table below has the numbers`}>
      ${lines.map(
        (value) => svg`<line class="grid" x1=${BOX.left} x2=${right} y1=${y.at(value)} y2=${y.at(value)}></line>
          <text class="tick" x=${BOX.left - 8} y=${y.at(value) + 4} text-anchor="end">${value.toFixed(step < 0.1 ? 2 : 1)}</text>`,
      )}
      ${logTicks(x).map((tick) => svg`<text class="tick" x=${x.at(tick)} y=${bottom + 20} text-anchor="middle">${short(tick)}</text>`)}
      <text class="tick" x=${right} y=${bottom + 40} text-anchor="end">${AXES.find(([axis]) => axis === this.axis)![1]}</text>
      ${models.map(([id, curve]) => {
        const last = curve.points[curve.points.length - 1];
        const [endX, endY] = [x.at(last[this.axis]), y.at(last.bitsPerByte)];
        const labelY = labels.get(id)!;
        return svg`<path class="line ${id}" d=${path(curve.points)} stroke-dasharray=${DASHES.get(id) ?? '1 5'}></path>
          ${curve.points.map((point) => (point.ended ? svg`<circle class="end ${id}" cx=${x.at(point[this.axis])} cy=${y.at(point.bitsPerByte)} r="4"></circle>` : nothing))}
          ${
            wide
              ? svg`<line class="grid" x1=${endX + 6} y1=${endY} x2=${right + 8} y2=${labelY - 3}></line>
          <text class="name" x=${right + 12} y=${labelY}>${NAMES.get(id) ?? id}, ${last.bitsPerByte.toFixed(3)}</text>
          <text class="tick" x=${right + 12} y=${labelY + 16}>${million(curve.tokensSeen)} tokens seen</text>`
              : nothing
          }`;
      })}
    </svg>`;
  }

  private names(models: readonly [string, Curve][]) {
    return html`<div class="names">${models.map(
      ([
        id,
        curve,
      ]) => html`<p><svg viewBox="0 0 38 10" aria-hidden="true"><path class="line ${id}" d="M0 5H38" stroke-dasharray=${DASHES.get(id) ?? '1 5'}></path></svg><strong>${NAMES.get(id) ?? id},
        ${curve.points[curve.points.length - 1].bitsPerByte.toFixed(3)}</strong>; ${million(curve.tokensSeen)} tokens seen</p>`,
    )}</div>`;
  }

  /** The names stand beside the ends of their lines, and never on one another. */
  private labels(models: readonly [string, Curve][], y: Scale, bottom: number): Map<string, number> {
    const ends = models
      .map(([id, curve]) => ({ id, y: y.at(curve.points[curve.points.length - 1].bitsPerByte) + 4 }))
      .sort((a, b) => a.y - b.y);
    for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 40);
    const over = ends[ends.length - 1].y + 18 - bottom;
    if (over > 0) for (const end of ends) end.y -= over;
    return new Map(ends.map((end) => [end.id, end.y]));
  }

  private unequal(models: readonly [string, Curve][]) {
    const most = mostTokens(models.map(([, curve]) => curve));
    const short = models.filter(([, curve]) => isBehind(curve.tokensSeen, most));
    if (!short.length) return nothing;
    return html`<p class="note short">Not all have seen the same amount: ${short.map(
      ([id, curve], i) =>
        html`${i ? '; ' : ''}${NAMES.get(id) ?? id} only ${million(curve.tokensSeen)} of ${million(most)} tokens`,
    )}. Compare the lines where both exist.</p>`;
  }

  private together(models: readonly [string, Curve][]) {
    const ended = endedTogether(models);
    if (!ended) return nothing;
    const nameOf = (id: string) => NAMES.get(id) ?? id;
    const remarks = models.filter(([, { remark }]) => remark);
    return html`<p data-testid="ended-together">After ${million(ended[0][1].tokens)} tokens, each at the end of a schedule of its own
      (learning rate fallen, weights quantised): ${ended.map(
        ([id, { bitsPerByte }], i) => html`${i ? '; ' : ''}<strong>${nameOf(id)}, ${bitsPerByte.toFixed(3)}</strong>`,
      )} bits per byte.${remarks.map(([id, { remark }]) => ` Of “${nameOf(id)}”: ${remark}`)}</p>`;
  }

  private table(models: readonly [string, Curve][]) {
    return html`<div class="wide" tabindex="0" role="region" aria-label="The curves as a table"><table>
      <thead><tr><th>model</th><th>tokens seen</th><th>FLOPs</th><th>seconds</th><th>loss, nats</th><th>bits per byte</th></tr></thead>
      <tbody>${models.flatMap(([id, { points }]) =>
        points
          .filter((_, i) => i === points.length - 1 || i % Math.ceil(points.length / 12) === 0)
          .map(
            (
              point,
            ) => html`<tr><th>${NAMES.get(id) ?? id}</th><td>${short(point.tokens)}</td><td>${short(point.flops)}</td>
              <td>${Math.round(point.seconds)}</td><td>${point.loss.toFixed(3)}</td><td>${point.bitsPerByte.toFixed(3)}</td></tr>`,
          ),
      )}</tbody></table></div>`;
  }
}
