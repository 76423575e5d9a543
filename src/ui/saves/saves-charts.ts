/** Over all batch sizes: experts touched, time and weights read, for decode and prefill apart; and the machine's roofline. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { BlockShape } from '../../compare/costModel.ts';
import { BATCHES, type Comparison, isDecode, pointAt } from '../../state/saves/comparison.ts';
import type { SweepPoint } from '../../worker/protocol.ts';
import { discloses } from '../page/disclosure.ts';
import '../chart/dot-chart.ts';
import { panel } from '../article/panel-styles.ts';
import { bytes, plusMinus, time } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { marksOf, readSeries, roof, rooflineSeries, timeSeries, touchedSeries } from './series.ts';
import { savesStyles } from './styles.ts';
import { rate, tokensPerStep } from './words.ts';

const experts = (value: number) => value.toFixed(value % 1 ? 1 : 0);
const intensity = (value: number) =>
  value < 1 ? value.toPrecision(1) : value.toFixed(value < 10 && value % 1 ? 1 : 0);

@customElement('saves-charts')
export class SavesCharts extends SessionElement {
  @property({ attribute: false }) shape!: Pick<BlockShape, 'experts' | 'expertsPerToken'>;
  @property({ attribute: false }) comparison: Comparison | null = null;

  static override styles = [
    controls,
    panel,
    savesStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.4rem;
      }
    `,
  ];

  override render() {
    const { comparison } = this;
    const points = comparison?.points ?? [];
    return html`${this.touched(points)}
      ${
        comparison
          ? html`${this.pair(
              'Decode: 1 to 8 tokens per step',
              points.filter(({ tokens }) => isDecode(tokens)),
            )}
            ${this.pair(
              'Prefill: 16 tokens per step and more',
              points.filter(({ tokens }) => !isDecode(tokens)),
            )}
            ${this.roofline(comparison)}`
          : nothing
      }`;
  }

  private touched(points: readonly SweepPoint[]) {
    const windows = points.find(({ touched }) => touched.measured !== null)?.touched.windows;
    const E = this.shape.experts;
    return html`<section aria-labelledby="touched"><h3 id="touched">Experts of a layer that a step touches, of ${E}</h3>
      <dot-chart label="Experts touched, by tokens per step" xLabel="tokens per step" yLabel="experts" xScale="log2" fromZero lines="17"
        .series=${touchedSeries(this.shape, points)} .yFormat=${experts} .disclosure=${discloses(this.session, 'touched')} data-testid="chart-touched"></dot-chart>
      <p class="note">By chance: computed, E·(1 − (1 − K/E)<sup>N</sup>), as if every token drew its ${this.shape.expertsPerToken} of ${E} at random.
        ${
          windows
            ? html`On real text: counted by the router of this model on held-out text, the mean over layers and windows of N tokens in a row. Even chance is the worst case: what text repeats, it need not read again.`
            : 'What the router really touches is counted with the measurement.'
        }</p></section>`;
  }

  private pair(title: string, points: readonly SweepPoint[]) {
    if (!points.length) return nothing;
    const { comparison } = this;
    const crossings = comparison?.crossings ?? [];
    const id = isDecode(points[0].tokens) ? 'decode' : 'prefill';
    return html`<section aria-labelledby=${id}><h3 id=${id}>${title} <small>one layer’s block, the whole step</small></h3>
      <dot-chart label=${`${title}: time per step, measured`} xLabel="tokens per step" yLabel="time per step, measured" xScale="log2" yScale="log" lines="21"
        .series=${timeSeries(points)} .marks=${marksOf(crossings, 'time', points)} .yFormat=${time} .disclosure=${discloses(this.session, `${id}Time`)} data-testid=${`chart-time-${id}`}></dot-chart>
      <dot-chart label=${`${title}: weights read per step, computed`} xLabel="tokens per step" yLabel="weights read per step, computed" xScale="log2" yScale="log" lines="19"
        .series=${readSeries(points)} .marks=${marksOf(crossings, 'bytesRead', points)} .yFormat=${bytes} .disclosure=${discloses(this.session, `${id}Read`)} data-testid=${`chart-read-${id}`}></dot-chart></section>`;
  }

  /** At the slider's batch, or where that was not measured at the largest that was. */
  private roofline(comparison: Comparison) {
    const batch = this.session.batch.get();
    const nearest =
      BATCHES[
        Math.max(
          0,
          BATCHES.findLastIndex((tokens) => tokens <= batch),
        )
      ];
    const point = pointAt(comparison, nearest) ?? comparison.points[comparison.points.length - 1];
    const series = rooflineSeries(comparison, point);
    const { read, copy, fma } = comparison.limits;
    return html`<section aria-labelledby="roofline"><h3 id="roofline">This machine’s roofline, and every kernel under it <small>${tokensPerStep(point.tokens)}</small></h3>
      <dot-chart label=${`Roofline with ${tokensPerStep(point.tokens)}`} xLabel="FLOPs per byte of weights read, computed" yLabel="FLOP per second, measured" xScale="log" yScale="log" lines="26"
        .series=${series} .limits=${roof(comparison.limits, series)} .xFormat=${intensity} .yFormat=${(value: number) => rate(value, 'FLOP/s')} .disclosure=${discloses(this.session, 'roofline')} data-testid="chart-roofline"></dot-chart>
      <p class="note">Limits measured in the same run by three small kernels whose results are checked: reading ${rate(read.rate, 'B/s')} ${plusMinus(read.rate, read.spread)},
        copying ${rate(copy.rate, 'B/s')} (read and written), multiply-adds ${rate(fma.rate, 'FLOP/s')} ${plusMinus(fma.rate, fma.spread)}; n = ${fma.samples},
        buffers of ${bytes(comparison.limits.bytes)}. The plan sorts and multiplies nothing, so it has no place here. A dot above the roof was fed by a cache.</p></section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'saves-charts': SavesCharts;
  }
}
