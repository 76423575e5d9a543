/** What the model expected where the last token was drawn. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { percent, spoken } from '../../kit/format.ts';
import { controls, SessionElement } from '../../kit/shared.ts';

const SHOWN = 5;

@customElement('next-picture')
export class NextPicture extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        align-content: center;
        gap: calc(var(--u) * 1.2);
        min-height: 0;
      }
      .row {
        display: grid;
        grid-template-columns: calc(var(--u) * 17) minmax(0, 1fr) calc(var(--u) * 9);
        align-items: center;
        gap: calc(var(--u) * 1.5);
        font: 400 calc(var(--u) * 3) / 1.25 var(--text-face);
      }
      .row > :first-child {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        text-align: right;
      }
      .row > :last-child {
        font-family: var(--figure-face);
      }
      i {
        height: calc(var(--u) * 3);
        min-width: 2px;
        background: var(--rule-2);
      }
      .drawn i {
        background: var(--now);
      }
      .drawn {
        font-weight: 650;
      }
    `,
  ];

  override render() {
    const { trace } = this.session;
    trace.version.get();
    let at = trace.count - 1;
    while (at > 0 && !trace.candidates[at]?.length) at--;
    const all = trace.candidates[at] ?? [];
    // The one that was drawn is shown, however improbable it was.
    const drawn = all.findIndex((each) => each.drawn);
    const shown = drawn < SHOWN ? all.slice(0, SHOWN) : [...all.slice(0, SHOWN - 1), all[drawn]];
    const most = Math.max(...shown.map(({ probability }) => probability), 0.01);
    return shown.map(
      (each) => html`<div class="row ${each.drawn ? 'drawn' : ''}"><span translate="no">${spoken(each.text)}</span>
        <i .style=${`width:${(each.probability / most) * 100}%`}></i><span>${percent(each.probability)}</span></div>`,
    );
  }
}
