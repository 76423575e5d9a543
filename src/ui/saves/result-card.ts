/** The result as a card: what stands on it is enough to trust it elsewhere, or to repeat it. */
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Comparison } from '../../state/comparison.ts';
import { asFault } from '../../state/faults.ts';
import type { SweepPoint } from '../../worker/protocol.ts';
import { bytes, percent } from '../format.ts';
import { KIND_WORDS, KINDS } from '../kinds.ts';
import { panel } from '../panel-styles.ts';
import { pictureOf, toPng } from '../picture.ts';
import { controls, SessionElement } from '../shared.ts';
import { jsonOf, markdownOf, originWords, TITLE } from './result-text.ts';
import { savesStyles } from './styles.ts';
import { FALLBACK, methodWords, rate, timeOf, unsteadyWords } from './words.ts';

@customElement('result-card')
export class ResultCard extends SessionElement {
  @property({ attribute: false }) comparison!: Comparison;
  @query('.card') private card!: HTMLElement;
  @state() private said = '';

  static override styles = [
    controls,
    panel,
    savesStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.6rem;
      }
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.6rem;
        padding: 1rem 1.1rem;
        border: 1px solid var(--ink);
        background: var(--paper);
      }
      .card h4 {
        margin: 0;
        font: 500 var(--size-3) / 1.25 var(--text-face);
        max-width: 34rem;
      }
      .card table {
        width: 100%;
      }
      .card .note {
        max-width: none;
      }
      .said {
        min-height: 1.4em;
        font-size: var(--size-1);
      }
    `,
  ];

  override render() {
    const { comparison } = this;
    const { points, limits, info, method, lost } = comparison;
    return html`<h3>A result to show</h3>
      <div class="card" data-testid="card">
        <h4>${TITLE}</h4>
        <p class="note">${originWords(comparison)}</p>
        ${info.fallback ? html`<p class="warning">${FALLBACK}</p>` : nothing}
        <div class="wide" tabindex="0" role="region" aria-label="The result’s times"><table>
          <thead><tr><th scope="col">tokens per step</th>${KINDS.map((kind) => html`<th scope="col">${KIND_WORDS[kind].name}</th>`)}</tr></thead>
          <tbody>${points.map((point) => this.row(point))}</tbody></table></div>
        <p class="note">Time per step, measured: median ± half the interquartile range, n = ${samples(points)}; below it the share of the roofline. Weights held, computed: ${held(points)}.
          This machine reads ${rate(limits.read.rate, 'B/s')} and multiplies ${rate(limits.fma.rate, 'FLOP/s')}, measured. ${methodWords(method)} ${unsteadyWords(comparison) ?? ''} ${lost ?? ''}</p>
        <p class="note link">${this.link()}</p>
      </div>
      <div class="action">
        <button @click=${this.png} data-testid="card-png">Save as PNG</button>
        <button @click=${() => this.copy(markdownOf(comparison, this.link()), 'Markdown')} data-testid="card-markdown">Copy as Markdown</button>
        <button @click=${() => this.copy(jsonOf(comparison, this.link()), 'JSON')} data-testid="card-json">Copy as JSON</button>
        <span class="said" role="status" data-testid="card-said">${this.said}</span>
      </div>`;
  }

  private row({ tokens, rows }: SweepPoint) {
    return html`<tr><th scope="row">${tokens}</th>${KINDS.map((kind) => {
      const row = rows.find((each) => each.kind === kind);
      return row ? html`<td>${timeOf(row.time)}<br />${percent(row.roofline.share)}</td>` : html`<td>–</td>`;
    })}</tr>`;
  }

  /** Opens this view again, of this model. */
  private link(): string {
    return this.session.carrier.link({ view: 'saves', write: false });
  }

  private png = async (): Promise<void> => {
    try {
      const blob = await toPng(await pictureOf([this.card], 'moescope'));
      const anchor = document.createElement('a');
      anchor.href = URL.createObjectURL(blob);
      anchor.download = 'moescope-result.png';
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
      this.said = 'moescope-result.png is saved.';
    } catch (thrown) {
      this.said = asFault(thrown, 'The picture could not be drawn.').message;
    }
  };

  private async copy(text: string, kind: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.said = `The result is copied as ${kind}.`;
    } catch {
      this.said = 'The browser does not let this page copy.';
    }
  }
}

function samples(points: readonly SweepPoint[]): string {
  const counts = points.flatMap(({ rows }) => rows.map(({ time }) => time.samples));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

const held = (points: readonly SweepPoint[]): string =>
  points[0].rows.map(({ kind, bytesHeld }) => `${KIND_WORDS[kind].name} ${bytes(bytesHeld)}`).join(', ');

declare global {
  interface HTMLElementTagNameMap {
    'result-card': ResultCard;
  }
}
