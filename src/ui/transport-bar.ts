/** Write, pause, one token, stop, reset; how fast it goes. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { written } from '../state/begun.ts';
import { type Pace, TOKENS_PER_SECOND } from '../state/pace.ts';
import { pauseIcon, playIcon, stepIcon } from './icons.ts';
import { controls, SessionElement } from './shared.ts';
import { say } from './words.ts';

const PACES: readonly Pace[] = ['slow', 'reading', 'full'];

@customElement('transport-bar')
export class TransportBar extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 0.4rem;
      }
      .main {
        min-width: 6.2rem;
      }
      .paces {
        display: flex;
        gap: 0.8rem;
        margin-left: auto;
        font-size: var(--size-1);
      }
      .paces button {
        color: var(--ink-2);
        text-decoration: none;
      }
      .paces button[aria-checked='true'] {
        color: var(--ink);
        font-weight: 600;
        text-decoration: underline;
        text-decoration-color: var(--ink);
        text-decoration-thickness: 2px;
      }
      .intervene {
        margin-left: 0.6rem;
        font-size: var(--size-1);
      }
      .speed {
        flex: 1 0 100%;
        min-height: 1.3em;
        text-align: right;
        font-size: var(--size-1);
        line-height: 1.3;
        color: var(--ink-2);
      }
      @media (max-width: 46rem) {
        .main {
          flex: 1;
          min-width: 5.6rem;
        }
        button:not(.link) {
          padding: 0 0.65rem;
        }
        .paces {
          flex: 1 0 60%;
          justify-content: space-between;
          margin: 0;
        }
        .speed {
          display: none;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { writing } = session;
    const phase = session.phase.get();
    const recorded = session.source.get().kind !== 'live';
    const ready = session.opened.get() !== null;
    const going = phase === 'going' || writing.reading.get();
    const main = going
      ? html`${pauseIcon}${say('pause')}`
      : phase === 'paused' && !(recorded && ready)
        ? html`${playIcon}${say('go-on')}`
        : recorded && !ready
          ? html`${playIcon}${say(phase === 'rest' ? 'play' : 'play-again')}`
          : html`${playIcon}${say('write')}`;
    const begun = phase !== 'rest';
    return html`
      <button class="main" @click=${() => writing.toggle()} data-testid="toggle">${main}</button>
      <button @click=${() => writing.oneToken()} data-testid="one">${stepIcon}${say('one-token')}</button>
      <button @click=${() => writing.stop()} ?disabled=${!going && phase !== 'paused'} data-testid="stop">${say('stop')}</button>
      <button @click=${() => writing.reset()} ?disabled=${!begun} data-testid="reset">${say('reset')}</button>
      <div class="paces" role="radiogroup" aria-label=${say('pace')} @keydown=${this.onKey}>
        ${PACES.map(
          (pace) => html`<button class="link" role="radio" aria-checked=${session.pace.get() === pace}
            tabindex=${session.pace.get() === pace ? 0 : -1} @click=${() => writing.setPace(pace)}>${say(pace)}</button>`,
        )}
      </div>
      ${session.place.narrow.get() && !session.isHidden('tabs') ? html`<button class="link intervene" @click=${this.intervene} data-testid="intervene-here">Intervene</button>` : nothing}
      <p class="speed" data-testid="speed">${this.told(recorded)}</p>
    `;
  }

  private told(recorded: boolean): string {
    const { session } = this;
    const { trace } = session;
    const counted = { prompt: trace.promptCount, tokens: written(session) };
    const count = say(recorded ? 'recorded' : 'written', counted);
    if (trace.count === 0) return '';
    const speed = session.speed.get();
    if (speed !== null) return say('speed', { count, speed: speed.toFixed(1) });
    const pace = session.pace.get();
    if (pace === 'full') return count;
    return say('held', { count, speed: TOKENS_PER_SECOND[pace] });
  }

  /** On a phone the bar alone is always within reach. */
  private intervene = (): void => {
    this.session.view.set('effect');
    (this.getRootNode() as ShadowRoot).querySelector('view-panels')?.scrollIntoView({ block: 'start' });
  };

  private onKey = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = PACES.indexOf(this.session.pace.get());
    const next = (at + by + PACES.length) % PACES.length;
    this.session.writing.setPace(PACES[next]);
    this.renderRoot.querySelectorAll<HTMLElement>('[role=radio]')[next].focus();
  };
}
