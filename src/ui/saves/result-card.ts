/** The result as a card: what stands on it is enough to trust it elsewhere, or to repeat it. */
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { asFault } from '../../state/session/faults.ts';
import { panel } from '../article/panel-styles.ts';
import { kindBars } from '../kit/kinds.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { pictureOf, toPng } from '../share/picture.ts';
import { saveAs } from '../share/save-as.ts';
import type { Headline } from './headline.ts';
import { jsonOf, markdownOf, type Report } from './report.ts';
import { savesStyles } from './styles.ts';
import { FALLBACK } from './words.ts';

/** Bars of the times, beneath their ratio. */
const picture = ({ number, words, bars }: Headline) =>
  html`<p class="headline" data-testid="headline"><strong>${number}</strong> <span>${words}</span></p>
    <ul class="picture">${bars.map(
      (bar) => html`<li class=${bar.kind}><span>${bar.name}</span>
        <span class="cell"><i .style=${`width:${(100 * bar.share).toFixed(2)}%`}></i></span><span class="time">${bar.words}</span></li>`,
    )}</ul>`;

@customElement('result-card')
export class ResultCard extends SessionElement {
  @property({ attribute: false }) report!: Report;
  @query('.card') private card!: HTMLElement;
  @state() private said = '';

  static override styles = [
    controls,
    panel,
    savesStyles,
    kindBars,
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
      .drawn {
        width: 46rem;
      }
      .headline {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.2rem 1rem;
      }
      .headline strong {
        font: 500 4rem / 1 var(--text-face);
        letter-spacing: -0.03em;
      }
      .headline span {
        flex: 1 1 12rem;
        max-width: 24rem;
        font: 500 var(--size-3) / 1.25 var(--text-face);
        text-wrap: balance;
      }
      .picture {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 0.35rem 0.9rem;
        align-items: center;
        list-style: none;
        font-size: var(--size-2);
        padding-bottom: 0.3rem;
      }
      .picture li {
        display: grid;
        grid-template-columns: subgrid;
        grid-column: 1 / -1;
        align-items: center;
      }
      .picture .cell i {
        height: 14px;
      }
      .picture .time {
        text-align: right;
        white-space: nowrap;
      }
      @media (max-width: 46rem) {
        .picture {
          grid-template-columns: minmax(0, 1fr) auto;
          row-gap: 0.6rem;
        }
        .picture .cell {
          grid-area: 2 / 1 / auto / -1;
        }
      }
      .card h4 {
        margin: 0;
        font: 600 var(--size-2) / 1.3 var(--figure-face);
        max-width: 44rem;
      }
      .card .warning {
        margin-bottom: 0.3rem;
      }
      .card table {
        width: 100%;
      }
      .card .note {
        max-width: none;
      }
      small {
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .link {
        overflow-wrap: anywhere;
      }
      .said {
        min-height: 1.4em;
        font-size: var(--size-1);
      }
    `,
  ];

  override render() {
    const { title, headline, origin, fallback, card, notes } = this.report;
    const cell = (words: string) => {
      const [first, second] = words.split('\n');
      return html`<td>${first}${second ? html`<br /><small>${second}</small>` : nothing}</td>`;
    };
    return html`<h3>A result to show</h3>
      <div class="card" data-testid="card">
        ${headline ? picture(headline) : nothing}
        ${fallback ? html`<p class="warning">${FALLBACK}</p>` : nothing}
        <h4>${title}</h4>
        <p class="note">${origin}</p>
        <div class="wide" tabindex="0" role="region" aria-label="The result’s figures"><table>
          <thead><tr>${card.head.map((words) => html`<th scope="col">${words}</th>`)}</tr></thead>
          <tbody>${card.rows.map(([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map(cell)}</tr>`)}</tbody></table></div>
        <p class="note">${notes.join(' ')}</p>
        <p class="note link">${this.link()}</p>
      </div>
      ${this.session.stage.get().kiosk ? nothing : this.ways()}`;
  }

  /** Not in a booth, whose visitors take no files along. */
  private ways() {
    return html`<div class="action">
        <button @click=${this.png} data-testid="card-png">Save as PNG</button>
        <button @click=${() => this.copy(markdownOf(this.report, this.link()), 'Markdown')} data-testid="card-markdown">Copy as Markdown</button>
        <button @click=${() => this.copy(jsonOf(this.report, this.link()), 'JSON')} data-testid="card-json">Copy as JSON</button>
        <span class="said" role="status" data-testid="card-said">${this.said}</span>
      </div>`;
  }

  /** Offers the same measurement again, of this model. */
  private link(): string {
    const { repeat } = this.report;
    const view = Number(repeat) ? 'saves' : 'wall';
    return this.session.pageLink.link({ view, write: false, until: null, repeat });
  }

  private png = async (): Promise<void> => {
    try {
      // On a phone the table is wider than the screen; in the picture it is not cut.
      this.card.classList.add('drawn');
      const picture = await pictureOf([this.card], 'moescope');
      this.card.classList.remove('drawn');
      saveAs(await toPng(picture), 'moescope-result.png');
      this.said = 'moescope-result.png is saved.';
    } catch (thrown) {
      this.card.classList.remove('drawn');
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

declare global {
  interface HTMLElementTagNameMap {
    'result-card': ResultCard;
  }
}
