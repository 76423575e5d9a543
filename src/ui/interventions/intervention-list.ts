/** What is done to the routers: every intervention as one sentence, each with its way back. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Intervention } from '../../engine/interventions.ts';
import { describe } from '../../state/interventions/interventions.ts';
import { say } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const NOTHING_FROZEN = 'There is no previous run yet, so the router still chooses: write once more.';

@customElement('intervention-list')
export class InterventionList extends SessionElement {
  /** It stands where interventions are made. */
  @property({ type: Boolean }) there = false;

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
    const live = session.source.get().kind === 'live' ? list : [];
    const as = new Set(session.without.get());
    const said = live.filter((each) => !as.has(each));
    const without = live.filter((each) => as.has(each));
    const rows = said.length + Math.min(1, without.length);
    // On a phone the bar at the foot leads there.
    const inBar = session.place.narrow.get() && !session.isHidden('transport') && !session.isHidden('tabs');
    const beside = session.place.guest && session.view.get() === 'effect';
    const shown = this.there || beside || (inBar && live.length === 0);
    return html`<ul class=${experts ? '' : 'unfilled'} aria-live="polite" aria-label=${say('in-force')} data-testid=${live.length ? (this.there ? 'interventions-there' : 'interventions') : nothing}>
      ${without.length ? this.without(without) : nothing}
      ${said.map(
        (
          each,
        ) => html`<li>${describe(each)}${each.kind === 'frozen' && !session.hasPrevious.get() ? ` ${NOTHING_FROZEN}` : nothing}
          <button class="link" aria-label=${`${say('remove')}: ${describe(each)}`} @click=${() => this.take([each])}>${say('remove')}</button></li>`,
      )}
      ${
        rows > 1 || !shown
          ? html`<li>${rows > 1 ? html`<button class="link" @click=${() => session.setInterventions([])}>${say('remove-all')}</button>` : nothing}
            ${shown ? nothing : html`<button class="link" @click=${() => session.show('effect')} data-testid="intervene">${say(live.length ? 'intervene-more' : 'intervene-in')}</button>`}</li>`
          : nothing
      }</ul>`;
  }

  private without(list: readonly Intervention[]) {
    const off = list.filter(({ kind }) => kind === 'off').length;
    const words = `${off === 1 ? 'One expert that was' : `${off} experts that were`} not here ${off === 1 ? 'is' : 'are'} off${off < list.length ? `; in ${list.length - off} layers a token takes fewer` : ''}.`;
    return html`<li data-testid="without">${words} <button class="link" aria-label=${`${say('remove')}: ${words}`} @click=${() => this.take(list)}>${say('remove')}</button></li>`;
  }

  /** The focus stays in the list: on what has moved up, else on what is left. */
  private async take(list: readonly Intervention[]): Promise<void> {
    const { session } = this;
    const before = [...this.renderRoot.querySelectorAll<HTMLElement>('button')];
    const index = before.indexOf(this.shadowRoot!.activeElement as HTMLElement);
    await session.setInterventions(session.interventions.get().filter((each) => !list.includes(each)));
    await this.updateComplete;
    const buttons = this.renderRoot.querySelectorAll<HTMLElement>('button');
    buttons[Math.min(Math.max(0, index), buttons.length - 1)]?.focus();
  }
}
