/** Results of others: a row for each GPU that somebody measured on, yours first. Fetched when it comes into sight. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { fetchResults, inOrder, type SharedResult } from '../../state/results/shared.ts';
import { asFault, inWords } from '../../state/session/faults.ts';
import { panel } from '../article/panel-styles.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { phoneRows } from '../page/phone-rows.ts';
import './add-yours.ts';
import { ownResults } from './own-results.ts';
import { COLUMNS, deviceOf, METHOD } from './result-words.ts';

/** A number keeps its unit and its sign. */
const joined = (words: string): string => words.replace(/(?<=[\d±n=]) (?=[\d±%=mµsGMk])/g, '\u00a0');

@customElement('shared-results')
export class SharedResults extends SessionElement {
  @state() private others: readonly SharedResult[] | null = null;
  @state() private failed = '';

  static override styles = [
    controls,
    panel,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.7rem;
      }
      table {
        width: 100%;
      }
      th,
      td,
      th:first-child {
        text-align: left;
        vertical-align: top;
        white-space: normal;
      }
      thead th:first-child {
        vertical-align: bottom;
      }
      tbody th {
        font-weight: 600;
        min-width: 8rem;
      }
      tbody th small {
        display: block;
        font-weight: 400;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .less {
        font-weight: 600;
      }
      .failed {
        color: var(--fault);
        font-weight: 550;
      }
    `,
    phoneRows,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.fetch();
  }

  private fetch = async (): Promise<void> => {
    if (this.others) return;
    this.failed = '';
    try {
      this.others = await fetchResults();
    } catch (thrown) {
      this.failed = inWords(asFault(thrown));
    }
  };

  override render() {
    const { session, others, failed } = this;
    const own = ownResults(session);
    const brought = session.comparing.brought.get();
    const mine = own.map(({ result }) => result);
    return html`
      ${session.place.guest ? html`<h2>Results of others</h2>` : nothing}
      ${
        failed
          ? html`<p class="failed" role="alert">${failed} <button class="link" @click=${this.fetch}>Try again</button></p>`
          : nothing
      }
      <div class="wide" tabindex="0" role="region" aria-label="Results of others"><table class="phone" data-testid="results">
        <thead><tr><th scope="col">GPU</th>${COLUMNS.map(({ head }) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>${mine.map((each) => this.row(each, 'this machine, now'))}${brought.map((each) =>
          this.row(each, 'brought along as a file'),
        )}${inOrder(others ?? []).map((each) => this.row(each))}</tbody></table></div>
      ${others?.every(({ software }) => software) ? html`<p class="note" data-testid="no-gpu">No result of a real GPU is here yet. A software adapter is a processor that plays GPU: its times say nothing about one.</p>` : nothing}
      <p class="note">${METHOD}</p>
      ${session.stage.get().kiosk ? nothing : html`<add-yours .session=${session} .own=${own}></add-yours>`}
    `;
  }

  private row(result: SharedResult, note?: string) {
    return html`<tr>
      <th scope="row">${deviceOf(result)}${note ? html`<small>${note}</small>` : nothing}</th>
      ${COLUMNS.map(({ head, of }, at) => html`<td class=${at === 1 ? 'less' : ''} data-label=${head}>${joined(of(result))}</td>`)}</tr>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'shared-results': SharedResults;
  }
}
