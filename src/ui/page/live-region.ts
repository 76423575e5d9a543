/** What happens, for those who do not see it: polite, and no more often than every few seconds. */
import { html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { percent } from '../kit/format.ts';
import { say } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const QUIET_MILLISECONDS = 6000;

@customElement('live-region')
export class LiveRegion extends SessionElement {
  @state() private said = '';
  private last = 0;
  private spoken = 0;

  static override styles = controls;

  override render() {
    const { session } = this;
    session.trace.version.get();
    const phase = session.phase.get();
    const now = performance.now();
    if (session.trace.count < this.spoken) this.spoken = 0;
    const due = phase !== 'going' || now - this.last > QUIET_MILLISECONDS;
    if (due && session.trace.count > this.spoken) {
      this.last = now;
      this.said = this.summary();
      this.spoken = session.trace.count;
    }
    return html`<p class="hidden" aria-live="polite" data-testid="said">${this.said}</p>`;
  }

  private summary(): string {
    const { trace } = this.session;
    const layer = this.session.layer.get();
    const text = trace.texts.slice(this.spoken).join('').trim().slice(-240);
    const expert = trace.busiest(layer);
    const share = percent(trace.share(layer, expert));
    return say('said', { text, count: trace.count, layer, expert, share });
  }
}
