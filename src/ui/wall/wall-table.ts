/** The wall again, as a table: the same shares in figures. Filled while it is open, a few times a second at most. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { article } from '../article/article-styles.ts';
import { percent } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { discloses } from '../page/disclosure.ts';

const REFRESH_MILLISECONDS = 1000;

@customElement('wall-table')
export class WallTable extends SessionElement {
  @state() private beat = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    controls,
    article,
    css`
      td,
      th {
        padding-right: 0.8rem;
        font-size: var(--size-1);
      }
      .off {
        text-decoration: line-through;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  override render() {
    return html`<details ${discloses(this.session, 'wall')}><summary>The wall as a table</summary>${this.session.disclosed('wall') ? this.table() : nothing}</details>`;
  }

  private table() {
    const { session, beat } = this;
    const { wall } = session;
    const { layers, experts } = session.shape.get();
    const what =
      wall.scope.get() === 'token'
        ? 'The router’s probability for each expert, for one token.'
        : `Share of the layer’s ${wall.shareOf.get()} that each expert took, over ${wall.tokens()} tokens.`;
    const columns = Array.from({ length: experts }, (_, expert) => expert);
    return html`<div class="wide" tabindex="0" role="region" aria-label="The wall as a table" data-beat=${beat}><table data-testid="wall-table">
      <caption class="note">${what} Chance is ${percent(wall.chance(session.layer.get()), 1)}.</caption>
      <thead><tr><th>layer</th>${columns.map((expert) => html`<th scope="col">expert ${expert}</th>`)}</tr></thead>
      <tbody>${Array.from(
        { length: layers },
        (_, layer) =>
          html`<tr><th scope="row">${layer}</th>${columns.map(
            (expert) =>
              html`<td class=${session.isOff(layer, expert) ? 'off' : ''}>${percent(wall.share(layer, expert), 1)}</td>`,
          )}</tr>`,
      )}</tbody></table></div>`;
  }

  override updated(): void {
    const open = this.session.disclosed('wall');
    if (open === (this.timer !== undefined)) return;
    clearInterval(this.timer);
    this.timer = open ? setInterval(() => this.beat++, REFRESH_MILLISECONDS) : undefined;
  }
}
