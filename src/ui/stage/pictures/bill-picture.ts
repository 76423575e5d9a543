/** The meter as large as the screen. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { kindBars } from '../../kit/kinds.ts';
import { controls } from '../../kit/shared.ts';
import { CostStrip, ROWS } from '../../meter/cost-strip.ts';
import { costStyles } from '../../meter/cost-styles.ts';
import { costOf } from '../../meter/saved.ts';

@customElement('bill-picture')
export class BillPicture extends CostStrip {
  static override styles = [
    controls,
    kindBars,
    costStyles,
    css`
      :host {
        display: grid;
        align-content: center;
        min-height: 0;
      }
      thead th {
        font: 400 var(--small) / 1.3 var(--figure-face);
        padding-bottom: var(--u);
      }
      tbody th {
        font: 500 calc(var(--u) * 2.1) / 1.2 var(--figure-face);
      }
      tbody th,
      tbody td {
        height: calc(var(--u) * 7);
      }
      thead .name {
        width: calc(var(--u) * 20);
      }
      .cell,
      .timed .cell {
        grid-template-columns: minmax(0, 1fr) calc(var(--u) * 13);
        gap: var(--u);
        padding-right: calc(var(--u) * 2);
        font: 500 calc(var(--u) * 3.4) / 1 var(--figure-face);
      }
      .timed .cell {
        grid-template-columns: minmax(0, 1fr) calc(var(--u) * 11);
      }
      .cell i {
        height: calc(var(--u) * 3);
      }
      .moe .cell i {
        background: var(--now);
      }
      .spread {
        display: none;
      }
      @container (orientation: portrait) {
        thead .name {
          width: calc(var(--u) * 16);
        }
        tbody th {
          font-size: calc(var(--u) * 1.7);
        }
        .cell,
        .timed .cell {
          grid-template-columns: minmax(0, 1fr) calc(var(--u) * 8);
          padding-right: 0;
          font-size: calc(var(--u) * 2.2);
        }
      }
    `,
  ];

  override render() {
    const times = this.times();
    const cost = costOf(this.session);
    return html`<table>
      <thead><tr><th class="name">So far in this text</th><th>multiply-adds, computed</th>${times ? html`<th class="timed">one token through its experts, ${times.how}</th>` : ''}</tr></thead>
      <tbody>${ROWS.map((kind) => this.row(kind, cost, times, false))}</tbody>
    </table>`;
  }
}
