/** What is done to the routers: every intervention as one sentence, each with its way back. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { describe, remove } from '../state/interventions.ts';
import { controls, SessionElement } from './shared.ts';

const NOTHING_FROZEN = 'There is no previous run yet, so the router still chooses: write once more.';

@customElement('intervention-list')
export class InterventionList extends SessionElement {
  static override styles = [
    controls,
    css`
      ul {
        list-style: none;
        font-size: var(--size-1);
        padding-top: 0.2rem;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 0.9rem;
        line-height: 1.35rem;
      }
      @media (pointer: coarse) {
        button.link {
          min-height: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const list = session.interventions.get();
    const { experts } = session.shape.get();
    if (experts === 1) return nothing;
    const said = session.source.get().kind === 'live' ? list : [];
    // On a phone the bar at the foot leads there.
    const inBar = session.place.narrow.get() && !session.isHidden('transport') && !session.isHidden('tabs');
    const shown = session.view.get() === 'effect' || (inBar && said.length === 0);
    return html`<ul class=${experts ? '' : 'unfilled'} aria-live="polite" aria-label="Interventions in force" data-testid=${said.length ? 'interventions' : nothing}>
      ${said.map(
        (
          each,
          index,
        ) => html`<li>${describe(each)}${each.kind === 'frozen' && !session.hasPrevious.get() ? ` ${NOTHING_FROZEN}` : nothing}
          <button class="link" aria-label=${`Remove: ${describe(each)}`} @click=${() => this.take(index)}>Remove</button></li>`,
      )}
      ${
        said.length > 1 || !shown
          ? html`<li>${said.length > 1 ? html`<button class="link" @click=${() => session.setInterventions([])}>Remove all</button>` : nothing}
            ${shown ? nothing : html`<button class="link" @click=${() => session.view.set('effect')} data-testid="intervene">${said.length ? 'Add another, or measure what they change' : 'Intervene in the routers'}</button>`}</li>`
          : nothing
      }</ul>`;
  }

  /** The focus stays in the list: on what has moved up, else on what is left. */
  private async take(index: number): Promise<void> {
    const { session } = this;
    await session.setInterventions(remove(session.interventions.get(), index));
    await this.updateComplete;
    const buttons = this.renderRoot.querySelectorAll<HTMLElement>('button');
    buttons[Math.min(index, buttons.length - 1)]?.focus();
  }
}
