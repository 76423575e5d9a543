/** On a stage the race of the painters has the whole page to itself, and begins by itself. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { controls, SessionElement } from '../kit/shared.ts';

@customElement('race-arena')
export class RaceArena extends SessionElement {
  @state() private here = false;

  static override styles = [
    controls,
    css`
      :host {
        position: fixed;
        inset: 0 0 var(--caption, 0) 0;
        z-index: 5;
        overflow: auto;
        padding: 1rem 2rem;
        background: var(--paper);
      }
      /* Its smallest words as large as those of the other scenes. */
      train-race {
        zoom: 1.5;
      }
      button {
        margin-top: 1rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void import('../train/train-race.ts').then(() => (this.here = true));
  }

  override render() {
    if (!this.here) return nothing;
    const { session } = this;
    const { kiosk } = session.stage.get();
    return html`<train-race large .session=${session}></train-race>
      ${kiosk ? html`<button @click=${() => session.training.choose(null)} data-testid="arena-leave">To the language model</button>` : nothing}`;
  }
}
