/** Where "Train one" stands in the article; all that trains is fetched when somebody asks for it, or a link does. */
import { css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { article } from '../article/article-styles.ts';
import { controls, SessionElement } from '../kit/shared.ts';

@customElement('train-offer')
export class TrainOffer extends SessionElement {
  @state() private here = false;

  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.2rem;
        justify-items: start;
      }
      train-race {
        width: 100%;
      }
    `,
  ];

  override render() {
    const open = this.session.training.get() !== null;
    if (open && !this.here) void import('./train-race.ts').then(() => (this.here = true));
    if (open && this.here) return html`<train-race .session=${this.session}></train-race>`;
    return html`<button class="main" ?disabled=${open} @click=${this.onOpen} data-testid="train-open">Train one here</button>`;
  }

  private onOpen = (): void => this.session.training.choose('1');
}
