/** The result as a card: what stands on it is enough to trust it elsewhere, or to repeat it. */
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { asFault } from '../../state/faults.ts';
import { panel } from '../panel-styles.ts';
import { pictureOf, toPng } from '../picture.ts';
import { saveAs } from '../save-as.ts';
import { controls, SessionElement } from '../shared.ts';
import { jsonOf, markdownOf, type Report } from './report.ts';
import { savesStyles } from './styles.ts';
import { FALLBACK } from './words.ts';

@customElement('result-card')
export class ResultCard extends SessionElement {
  @property({ attribute: false }) report!: Report;
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
      .drawn {
        width: 46rem;
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
    const { title, origin, fallback, card, notes } = this.report;
    const cell = (words: string) => {
      const [first, second] = words.split('\n');
      return html`<td>${first}${second ? html`<br /><small>${second}</small>` : nothing}</td>`;
    };
    return html`<h3>A result to show</h3>
      <div class="card" data-testid="card">
        <h4>${title}</h4>
        <p class="note">${origin}</p>
        ${fallback ? html`<p class="warning">${FALLBACK}</p>` : nothing}
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
    return this.session.carrier.link({ view, write: false, until: null, repeat });
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
