/** What is done to the routers: every intervention as one sentence, each with its way back. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { describe, remove } from '../state/interventions.ts';
import { controls, SessionElement } from './shared.ts';

@customElement('intervention-list')
export class InterventionList extends SessionElement {
  static override styles = [
    controls,
    css`
      .none {
        padding-top: 0.2rem;
        min-height: 1.35rem;
      }
      ul {
        list-style: none;
        font-size: var(--size-1);
        padding-top: 0.2rem;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0.2rem 0.9rem;
      }
    `,
  ];

  override render() {
    const { session } = this;
    const list = session.interventions.get();
    if (!list.length || session.source.get().kind !== 'live') return nothing;
    return html`<ul data-testid="interventions">
      ${list.map(
        (each, index) => html`<li>${describe(each)}
          <button class="link" @click=${() => session.setInterventions(remove(list, index))}>Remove<span class="hidden">: ${describe(each)}</span></button></li>`,
      )}
      ${list.length > 1 ? html`<li><button class="link" @click=${() => session.setInterventions([])}>Remove all</button></li>` : nothing}</ul>`;
  }
}
