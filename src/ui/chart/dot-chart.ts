/**
 * Dots, joined or not, with error bars, on linear or logarithmic axes. Every series has a sign of its own beside its colour,
 * every point can be reached by keyboard, and the same numbers stand in a table below.
 */
import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { DirectiveResult } from 'lit/directive.js';
import { controls } from '../kit/shared.ts';
import { unitOf } from '../kit/unit.ts';
import { type Dot, type Layout, layOut, nearest } from './layout.ts';
import { dashes, shape } from './shapes.ts';
import { chartStyles } from './styles.ts';
import { sentenceOf, twinOf } from './table.ts';
import type { LimitLine, ScaleKind, Series, VerticalMark } from './types.ts';

/** Of the unit of sizes; never under what is read on a phone. */
const TEXT = 0.78;
/** How far from a point the pointer still means it, in lines of text. */
const REACH = 2.2;

@customElement('dot-chart')
export class DotChart extends LitElement {
  /** What the picture shows, in a sentence; its accessible name. */
  @property() label = '';
  @property({ attribute: false }) series: readonly Series[] = [];
  @property() xLabel = '';
  @property() yLabel = '';
  @property() xScale: ScaleKind = 'linear';
  @property() yScale: ScaleKind = 'linear';
  @property({ attribute: false }) xFormat: (value: number) => string = String;
  @property({ attribute: false }) yFormat: (value: number) => string = String;
  /** Vertical lines with words. */
  @property({ attribute: false }) marks: readonly VerticalMark[] = [];
  @property({ attribute: false }) limits: readonly LimitLine[] = [];
  /** Whether a linear y begins at 0. */
  @property({ type: Boolean }) fromZero = false;
  /** Ties the table below the picture to the address, see disclosure.ts. */
  @property({ attribute: false }) disclosure: DirectiveResult | typeof nothing = nothing;
  /** Height of the picture in lines of text. */
  @property({ type: Number }) lines = 20;
  @state() private width = 600;
  @state() private size = 12;
  @state() private near: Dot | null = null;
  /** Which point the tab key reaches. */
  @state() private reached = 0;
  private observer: ResizeObserver | null = null;

  static override styles = [controls, chartStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer = new ResizeObserver(([entry]) => {
      this.width = Math.max(240, Math.round(entry.contentRect.width));
      this.size = TEXT * unitOf(this);
    });
    this.observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
  }

  override render() {
    const layout = layOut({ ...this.input(), width: this.width, height: this.lines * this.size, size: this.size });
    const named = layout.names.some((name) => name !== null);
    const table = twinOf(this.series, this.input());
    return html`
      ${named || this.series.length < 2 ? nothing : this.legend()}
      <svg width=${this.width} height=${this.lines * this.size} .style=${`--chart-size:${this.size}px`} role="group" aria-label=${this.label}
        @pointermove=${(event: PointerEvent) => this.onPointer(event, layout)} @pointerleave=${() => (this.near = null)}
        @pointerdown=${(event: PointerEvent) => this.onPointer(event, layout)}
        @keydown=${(event: KeyboardEvent) => this.onKey(event, layout)}>
        ${this.axes(layout)} ${this.lower(layout)}
        ${this.series.map((each, i) => svg`<g class=${`series ${each.accent ? 'accent' : ''}`}>${this.drawn(each, i, layout)}</g>`)}
        ${this.upper(layout)}
      </svg>
      <p class="said">${this.near ? this.sentence(this.near) : nothing}</p>
      <details ${this.disclosure}><summary>As a table<span class="hidden">: ${this.label}</span></summary>
        <div class="twin" tabindex="0" role="region" aria-label=${`${this.label}, as a table`}><table>
          <thead><tr>${table.head.map((words) => html`<th scope="col">${words || html`<span class="hidden">Point</span>`}</th>`)}</tr></thead>
          <tbody>${table.rows.map(
            ([first, ...rest]) =>
              html`<tr><th scope="row">${first}</th>${rest.map((words) => html`<td>${words}</td>`)}</tr>`,
          )}</tbody></table></div></details>
    `;
  }

  private input() {
    const { series, marks, limits, xScale, yScale, xFormat, yFormat, fromZero, xLabel, yLabel } = this;
    return { series, marks, limits, xScale, yScale, xFormat, yFormat, fromZero, xLabel, yLabel };
  }

  private legend() {
    const { size } = this;
    return html`<ul class="legend">${this.series.map(
      ({ name, mark, line, accent }) => html`<li class=${`series ${accent ? 'accent' : ''}`}>
        <svg width=${2.4 * size} height=${size} aria-hidden="true">
          ${line ? svg`<path class="line" d=${`M0 ${size / 2}H${2.4 * size}`} stroke-dasharray=${dashes(line)}></path>` : nothing}
          <g transform=${`translate(${1.2 * size} ${size / 2})`}>${shape(mark, 0.33 * size)}</g></svg>${name}</li>`,
    )}</ul>`;
  }

  private axes({ left, right, bottom, xTicks, yTicks }: Layout) {
    const { size } = this;
    return svg`<g aria-hidden="true">
      ${yTicks.map(
        ({ at, words }) => svg`<line class="grid" x1=${left} x2=${right} y1=${at} y2=${at}></line>
          <text class="tick" x=${left - 0.5 * size} y=${at + 0.35 * size} text-anchor="end">${words}</text>`,
      )}
      ${xTicks.map(
        ({
          at,
          words,
          wordsX,
        }) => svg`<line class="axis" x1=${at} x2=${at} y1=${bottom} y2=${bottom + 0.3 * size}></line>
          <text class="tick" x=${wordsX} y=${bottom + 1.4 * size} text-anchor="middle">${words}</text>`,
      )}
      <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom}></line>
      <text class="tick" x="0" y=${size}>${this.yLabel}</text>
      <text class="tick" x=${right} y=${bottom + 2.7 * size} text-anchor="end">${this.xLabel}</text>
    </g>`;
  }

  private lower({ marks, limits, bottom }: Layout) {
    return svg`${limits.map(({ path }) => svg`<path class="limit" d=${path}></path>`)}
      ${marks.map(
        ({
          x,
          wordsX,
          wordsY,
          words,
        }) => svg`<line class="mark" x1=${x} x2=${x} y1=${wordsY + 0.4 * this.size} y2=${bottom}></line>
          <text class="words" x=${wordsX} y=${wordsY} text-anchor="middle">${words}</text>`,
      )}`;
  }

  private upper({ limits }: Layout) {
    return limits.map(({ x, y, words }) => svg`<text class="words" x=${x} y=${y} text-anchor="middle">${words}</text>`);
  }

  private drawn({ name, points, mark, line }: Series, index: number, { dots, lines, names }: Layout) {
    const { size } = this;
    const own = names[index];
    return svg`
      ${line ? svg`<path class="line" d=${lines[index]} stroke-dasharray=${dashes(line)}></path>` : nothing}
      ${dots.map((dot, i) => (dot.series === index ? this.dot(dot, i, mark, points[dot.point].label) : nothing))}
      ${
        own
          ? svg`<line class="lead" x1=${own.fromX + 0.6 * size} y1=${own.fromY} x2=${own.x - 0.3 * size} y2=${own.y}></line>
            <text class="name" x=${own.x} y=${own.y + 0.35 * size}>${name}</text>`
          : nothing
      }`;
  }

  private dot(dot: Dot, index: number, mark: Series['mark'], label?: string) {
    const { size } = this;
    const { x, y, yBar, xBar } = dot;
    const cap = 0.25 * size;
    const near = this.near?.series === dot.series && this.near.point === dot.point;
    return svg`
      ${yBar ? svg`<path class="bar" d=${`M${x} ${yBar[0]}V${yBar[1]}M${x - cap} ${yBar[0]}h${2 * cap}M${x - cap} ${yBar[1]}h${2 * cap}`}></path>` : nothing}
      ${xBar ? svg`<path class="bar" d=${`M${xBar[0]} ${y}H${xBar[1]}M${xBar[0]} ${y - cap}v${2 * cap}M${xBar[1]} ${y - cap}v${2 * cap}`}></path>` : nothing}
      <g class=${`point ${near ? 'near' : ''}`} transform=${`translate(${x.toFixed(1)} ${y.toFixed(1)})`} role="img" aria-label=${this.sentence(dot)}
        tabindex=${index === this.reached ? 0 : -1} data-index=${index}
        @focus=${() => (this.near = dot)} @blur=${() => (this.near = null)}>
        <circle class="halo" r=${0.75 * size}></circle>${shape(mark, 0.33 * size)}</g>
      ${dot.label?.leadY ? svg`<line class="lead" x1=${x} x2=${x} y1=${y} y2=${dot.label.leadY}></line>` : nothing}
      ${dot.label ? svg`<text class="beside" x=${dot.label.x} y=${dot.label.y} text-anchor=${dot.label.anchor}>${label}</text>` : nothing}`;
  }

  private sentence({ series, point }: Dot): string {
    const { name, points } = this.series[series];
    return points[point] ? sentenceOf(name, points[point], this.input()) : '';
  }

  private onPointer(event: PointerEvent, { dots }: Layout): void {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    this.near = nearest(dots, event.clientX - box.left, event.clientY - box.top, REACH * this.size);
  }

  /** Along a series with left and right, from one to the other with up and down. */
  private onKey(event: KeyboardEvent, { dots }: Layout): void {
    const at = dots[this.reached];
    if (!at) return;
    const along = (by: number) => dots.findIndex((dot) => dot.series === at.series && dot.point === at.point + by);
    const across = (by: number) => {
      const others = dots.filter((dot) => dot.series === at.series + by);
      others.sort((a, b) => Math.abs(a.x - at.x) - Math.abs(b.x - at.x));
      return others.length ? dots.indexOf(others[0]) : -1;
    };
    const moves: Record<string, () => number> = {
      ArrowRight: () => along(1),
      ArrowLeft: () => along(-1),
      ArrowDown: () => across(1),
      ArrowUp: () => across(-1),
      Home: () => 0,
      End: () => dots.length - 1,
    };
    const to = moves[event.key]?.();
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0) return;
    this.reached = to;
    this.renderRoot.querySelector<SVGElement>(`[data-index="${to}"]`)?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'dot-chart': DotChart;
  }
}
