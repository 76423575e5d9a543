/** A talk, or a booth: each comes when it is asked for, and makes the whole page larger while it is there. */
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Target } from '../../state/page/tour.ts';
import { SessionElement } from '../kit/shared.ts';
import './talk-stage.ts';

@customElement('moe-stage')
export class MoeStage extends SessionElement {
  /** Finds a part of the page. */
  @property({ attribute: false }) find!: (target: Target) => HTMLElement | null;
  @state() private booth = false;
  @state() private arena = false;

  override render() {
    const { session, find } = this;
    const { scenes, kiosk } = session.stage.get();
    if (kiosk) {
      if (!this.booth) void import('./booth-stage.ts').then(() => (this.booth = true));
      const stage = this.booth ? html`<booth-stage .session=${session} .find=${find}></booth-stage>` : nothing;
      return html`${this.race()}${stage}`;
    }
    const talk = scenes ? html`<talk-stage .session=${session} .find=${find} .name=${scenes}></talk-stage>` : nothing;
    return html`${this.race()}${talk}`;
  }

  private race() {
    const { session } = this;
    if (session.training.get() === null) return nothing;
    if (!this.arena) void import('./arena.ts').then(() => (this.arena = true));
    return this.arena ? html`<race-arena .session=${session}></race-arena>` : nothing;
  }
}
