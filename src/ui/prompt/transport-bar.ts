/** Write, pause, one token, stop, reset; how fast it goes. */

import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { written } from '../../state/text/begun.ts';
import { nextAct } from '../../state/text/next-act.ts';
import { type Pace, TOKENS_PER_SECOND } from '../../state/text/pace.ts';
import { pauseIcon, playIcon, resetIcon, stepIcon, stopIcon } from '../kit/icons.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { say } from '../kit/words.ts';

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
      /* One row: the signs alone, and of Stop and Reset the one that has something to do. */
      @media (max-width: 46rem) {
        :host {
          flex-wrap: nowrap;
          gap: 0.25rem;
        }
        button.main {
          flex: 1;
          min-width: 5.6rem;
          max-width: 14rem;
        }
        button:not(.link) {
          padding: 0 0.5rem;
        }
        button:not(.main) {
          gap: 0;
        }
        /* For who hears it alone. */
        button:not(.main) .word {
          font-size: 0;
        }
        .stop:disabled,
        .stop:enabled + .reset,
        .speed {
          display: none;
        }
        select {
          flex: 0 1 7rem;
          min-width: 4.8rem;
          padding: 0 1.1rem 0 0.35rem;
          font-size: var(--size-1);
          background-position: right 0.35rem center;
        }
        .intervene {
          flex: none;
          margin-left: auto;
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
    const narrow = session.place.narrow.get();
    const next = nextAct(session);
    const going = next === 'pause';
    const main = going
      ? html`${pauseIcon}${say('pause')}`
      : next === 'go-on' && !(recorded && ready)
        ? html`${playIcon}${say('go-on')}`
        : recorded && !ready
          ? html`${playIcon}${say(phase === 'rest' || narrow ? 'play' : 'play-again')}`
          : html`${playIcon}${say('write')}`;
    const begun = phase !== 'rest';
    return html`
      <button class="main" @click=${() => writing.toggle()} data-testid="toggle">${main}</button>
      <button @click=${() => writing.oneToken()} data-testid="one">${stepIcon}<span class="word">${say('one-token')}</span></button>
      <button class="stop" @click=${() => writing.stop()} ?disabled=${!going && phase !== 'paused'} data-testid="stop">${narrow ? stopIcon : nothing}<span class="word">${say('stop')}</span></button>
      <button class="reset" @click=${() => writing.reset()} ?disabled=${!begun} data-testid="reset">${narrow ? resetIcon : nothing}<span class="word">${say('reset')}</span></button>
      ${narrow ? this.pace() : this.paces()}
      ${narrow && !session.isHidden('tabs') ? html`<button class="link intervene" @click=${this.intervene} data-testid="intervene-here">${say('intervene')}</button>` : nothing}
      <p class="speed" data-testid="speed">${this.told(recorded)}</p>
    `;
  }

  private paces() {
    const { pace, writing } = this.session;
    return html`<div class="paces" role="radiogroup" aria-label=${say('pace')} @keydown=${this.onKey}>
      ${PACES.map(
        (each) => html`<button class="link" role="radio" aria-checked=${pace.get() === each}
          tabindex=${pace.get() === each ? 0 : -1} @click=${() => writing.setPace(each)}>${say(each)}</button>`,
      )}
    </div>`;
  }

  private pace() {
    const { pace, writing } = this.session;
    return html`<select aria-label=${say('pace')} @change=${(event: Event) => writing.setPace((event.target as HTMLSelectElement).value as Pace)}>
      ${PACES.map((each) => html`<option value=${each} .selected=${pace.get() === each}>${say(each)}</option>`)}
    </select>`;
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
    this.session.show('effect');
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
