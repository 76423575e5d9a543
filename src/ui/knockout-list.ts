/** The experts that are switched off, each with its way back. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { controls, SessionElement } from './shared.ts';

@customElement('knockout-list')
export class KnockoutList extends SessionElement {
  static override styles = [
    controls,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0.2rem 0.9rem;
        font-size: var(--size-1);
        padding-top: 0.2rem;
        min-height: 1.35rem;
      }
    `,
  ];

  override render() {
    const { session } = this;
    const off = session.knockouts.get();
    const { layers, experts } = session.shape.get();
    session.trace.version.get();
    if (experts < 2) return html`<div></div>`;
    if (!off.length || session.source.get().kind !== 'live') {
      return html`<div><span class="label">${session.trace.touched()} of ${layers * experts} experts used at least once so far.
        Click a cell to switch its expert off.</span></div>`;
    }
    return html`<div data-testid="knockouts"><span class="label">Switched off, never computed:</span>
      ${off.map(
        ({ layer, expert }) => html`<button class="link" @click=${() => session.toggleExpert(layer, expert)}>
          <span class="hidden">Bring back</span>layer ${layer}, expert ${expert} ✕</button>`,
      )}
      ${off.length > 1 ? html`<button class="link" @click=${() => session.setKnockouts([])}>bring all back</button>` : nothing}</div>`;
  }
}
