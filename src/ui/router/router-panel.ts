/** The token in question: what its router gave every expert, and what the model expects next. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import './next-token.ts';
import './router-bars.ts';
import { controls, SessionElement } from '../kit/shared.ts';

@customElement('router-panel')
export class RouterPanel extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 21rem;
        gap: 0.6rem 2rem;
        min-height: 0;
      }
      @media (max-width: 46rem) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    return html`<router-bars .session=${session}></router-bars><next-token .session=${session}></next-token>`;
  }
}
