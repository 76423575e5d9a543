/** How evenly and how surely the routers choose: the field's measures, layer by layer, each beside what chance would give. */
import { css, html, svg } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type Reading, RunningMeasures } from '../../state/measures/running.ts';
import { discloses } from '../page/disclosure.ts';
import '../experts/coactivation-map.ts';
import { panel } from '../article/panel-styles.ts';
import { paint, stopPainting } from '../kit/frame.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { MEASURE_GROUPS, type MeasureWords } from './measure-words.ts';

const REFRESH_MILLISECONDS = 250;
/** What counting may take of one frame. */
const SLICE_MILLISECONDS = 5;
const CHART = { width: 132, height: 22 };

@customElement('routing-measures')
export class RoutingMeasures extends SessionElement {
  private measures: RunningMeasures | null = null;
  private epoch = -1;
  private printed = -1;
  private timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    controls,
    panel,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 1rem;
        padding-bottom: 0.4rem;
      }
      .groups {
        columns: 21rem 2;
        column-gap: 2.2rem;
      }
      section {
        break-inside: avoid;
        padding-bottom: 0.7rem;
      }
      h3 {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 3.4rem 5.8rem;
        gap: 0.6rem;
        font: 500 var(--size-1) / 1.4 var(--figure-face);
        color: var(--ink-2);
        padding-bottom: 0.1rem;
        border-bottom: 1px solid var(--rule);
      }
      h3 span {
        text-align: right;
        font-weight: 400;
      }
      details {
        border-bottom: 1px solid var(--rule);
      }
      summary {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 6.2rem 3.4rem 5.8rem;
        align-items: center;
        gap: 0.6rem;
        width: auto;
        padding: 0.12rem 0;
        color: var(--ink);
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      .name {
        text-decoration: underline;
        text-decoration-color: var(--rule-2);
        text-underline-offset: 0.22em;
      }
      summary:hover .name {
        text-decoration-color: var(--now);
      }
      .value,
      .by-chance {
        text-align: right;
        white-space: nowrap;
      }
      .value {
        font-weight: 600;
      }
      .by-chance {
        color: var(--ink-2);
      }
      .definition {
        padding: 0.15rem 0 0.5rem;
        font-size: var(--size-1);
        line-height: 1.45;
        color: var(--ink-2);
      }
      .formula {
        display: block;
        font: 400 1.0625rem / 1.5 var(--text-face);
        color: var(--ink);
      }
      svg.chart {
        display: block;
        width: 100%;
        height: 1.4rem;
        overflow: visible;
      }
      .chart rect {
        fill: var(--rule-2);
      }
      .chart rect.chosen {
        fill: var(--ink);
      }
      .chart path {
        fill: none;
        stroke: var(--now-ink);
        stroke-width: 1.5;
        stroke-dasharray: 3 2;
        vector-effect: non-scaling-stroke;
      }
      .waits {
        color: var(--ink-2);
      }
      @media (max-width: 46rem) {
        .groups {
          columns: 1;
        }
        summary {
          grid-template-columns: minmax(0, 1fr) 3.6rem 3.4rem 5.8rem;
          min-height: var(--touch);
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(this.look, REFRESH_MILLISECONDS);
    this.look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    stopPainting(this.count);
  }

  private look = (): void => {
    const { trace } = this.session;
    if (trace.epoch.get() !== this.epoch) {
      this.epoch = trace.epoch.get();
      this.measures = new RunningMeasures(trace);
    }
    if (this.measures!.count < trace.count) paint(this.count);
    else if (this.printed !== this.measures!.count) this.requestUpdate();
  };

  /** Counts a slice in this frame; prints when all is counted. */
  private count = (): boolean => {
    const done = this.measures!.catchUp(SLICE_MILLISECONDS);
    if (done) this.requestUpdate();
    return !done;
  };

  override render() {
    const { session, measures } = this;
    const { layers, experts } = session.shape.get();
    const layer = session.layer.get();
    const table = session.disclosed('measures');
    if (experts < 2) return html`<p class="none">A dense model has no router, so there is nothing to measure.</p>`;
    if (!measures?.count) return html`<p class="none">The measures begin with the first token.</p>`;
    this.printed = measures.count;
    return html`<div class="head"><h2>Measures of this text <span class="where">after ${measures.count} tokens; a bar is a layer, the dashed line is the level named beside it</span></h2>
        <button class="link label" aria-expanded=${table} @click=${() => session.disclose('measures', !table)}>${table ? 'As pictures' : 'As a table'}</button></div>
      ${
        table
          ? this.twin(measures, layers)
          : html`<div class="groups">${MEASURE_GROUPS.map(
              ({ title, measures: all }) =>
                html`<section><h3>${title}<span>layer ${layer}</span><span></span></h3>${all.map((words) => this.row(words, measures, layers, layer))}</section>`,
            )}
            <section><h3>Which experts work together</h3><coactivation-map .session=${session}></coactivation-map></section></div>`
      }`;
  }

  private row(words: MeasureWords, measures: RunningMeasures, layers: number, layer: number) {
    const all = Array.from({ length: layers }, (_, l) => measures.read(words.name, l));
    const { value, chance } = all[layer];
    return html`<details ${discloses(this.session, words.name)} data-measure=${words.name}><summary><span class="name">${words.title}</span>
        ${this.chart(all, layer)}
        <span class="value">${Number.isNaN(value) ? '–' : words.print(value)}</span>
        <span class="by-chance">${words.level} ${Number.isNaN(chance) ? '–' : words.print(chance)}</span></summary>
      <p class="definition"><span class="formula">${words.formula}</span>${words.meaning}
        ${words.level === 'chance' ? 'Chance' : 'The dashed line'}: ${words.levelWords}. ${words.source}.</p></details>`;
  }

  /** One bar a layer over 0, and the chance level of each. */
  private chart(all: readonly Reading[], layer: number) {
    const most = Math.max(1e-9, ...all.map(({ value, chance }) => Math.max(value || 0, chance || 0)));
    const step = CHART.width / all.length;
    const y = (value: number) => CHART.height * (1 - (0.94 * (value || 0)) / most);
    const line = all.map(({ chance }, l) => `${l ? 'L' : 'M'}${l * step} ${y(chance)}H${(l + 1) * step}`).join('');
    return html`<svg class="chart" viewBox="0 0 ${CHART.width} ${CHART.height}" preserveAspectRatio="none" aria-hidden="true">
      ${all.map(
        ({ value }, l) =>
          svg`<rect class=${l === layer ? 'chosen' : ''} x=${l * step} width=${Math.max(1, step - 1.5)} y=${y(value)} height=${CHART.height - y(value)}></rect>`,
      )}
      ${svg`<path d=${line}></path>`}</svg>`;
  }

  private twin(measures: RunningMeasures, layers: number) {
    const columns = Array.from({ length: layers }, (_, layer) => layer);
    const cell = (words: MeasureWords, { value }: Reading) => (Number.isNaN(value) ? '–' : words.print(value));
    return html`<div class="wide" tabindex="0" role="region" aria-label="Measures of every layer"><table data-testid="measures-table">
      <thead><tr><th>measure</th>${columns.map((layer) => html`<th scope="col">layer ${layer}</th>`)}<th scope="col">chance, or even use</th></tr></thead>
      <tbody>${MEASURE_GROUPS.flatMap(({ measures: all }) => all).map(
        (words) =>
          html`<tr data-measure=${words.name}><th scope="row">${words.title}</th>
          ${columns.map((layer) => html`<td>${cell(words, measures.read(words.name, layer))}</td>`)}
          <td>${words.level} ${words.print(measures.read(words.name, this.session.layer.get()).chance)}</td></tr>`,
      )}</tbody></table></div>`;
  }
}
