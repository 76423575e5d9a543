/** Which experts the last token used, the last eight, the last thirty-two. */
import { html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { controls, SessionElement } from '../../kit/shared.ts';
import { factsOf } from '../../page/tour-texts.ts';
import { besideStyles } from './beside-styles.ts';
import { touchedBy } from './stage-wall.ts';

const SPANS = [1, 8, 32];
const LOOK_MILLISECONDS = 4000;

@customElement('touched-picture')
export class TouchedPicture extends SessionElement {
  @state() private at = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [controls, besideStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => (this.at = (this.at + 1) % SPANS.length), LOOK_MILLISECONDS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  override render() {
    const { session } = this;
    session.trace.version.get();
    const { layers, experts } = session.shape.get();
    const span = Math.min(SPANS[this.at], Math.max(1, session.trace.count));
    const touched = touchedBy(session.trace, span).size;
    const expected = Math.round(factsOf(session).touched(span) * layers * experts);
    return html`<stage-wall .session=${session} .mode=${'touched'} .span=${span}></stage-wall>
      <div class="told">
        <p><b>${touched}</b> of ${layers * experts} experts</p>
        <p><b>${span}</b> ${span === 1 ? 'token' : 'tokens of this text'}</p>
        <p>${expected} if they chose evenly and independently</p>
      </div>`;
  }
}
