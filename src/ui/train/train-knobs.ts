/** What can be set of a race. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Race } from '../../state/training/race.ts';
import { BALANCES, CHOSEN, EXPERTS, RATES, type RaceSettings, ROUTERS, WIDTHS } from '../../train/race.ts';
import { controls, SessionElement } from '../shared.ts';

const BALANCE_WORDS = { aux: 'balancing loss', bias: 'loss-free bias', none: 'none' };
const ROUTER_WORDS = { place: 'the place alone', features: 'all that is computed' };

@customElement('train-knobs')
export class TrainKnobs extends SessionElement {
  @property({ attribute: false }) race!: Race;

  static override styles = [
    controls,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem 1.2rem;
        align-items: end;
      }
      label {
        display: grid;
        gap: 0.2rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      select,
      input {
        color: var(--ink);
        min-height: 2.125rem;
      }
      input[type='number'] {
        width: 6rem;
      }
      .tick {
        grid-auto-flow: column;
        align-items: center;
        gap: 0.4rem;
        color: var(--ink);
      }
    `,
  ];

  override render() {
    const { settings } = this.race;
    return html`<div>
      ${this.choice('experts', 'experts', EXPERTS, settings)}
      ${this.choice('k', 'experts of a pixel', CHOSEN, settings)}
      ${this.choice('width', 'width for a pixel', WIDTHS, settings)}
      ${this.choice('balance', 'balancing', BALANCES, settings, (value) => BALANCE_WORDS[value])}
      ${this.choice('rate', 'rate', RATES, settings)}
      ${this.choice('router', 'the router reads', ROUTERS, settings, (value) => ROUTER_WORDS[value])}
      <label>seed<input type="number" min="0" max="4294967295" .value=${String(settings.seed)} data-testid="train-seed"
        @change=${(event: Event) => this.seed(event.target as HTMLInputElement)}></label>
      <label class="tick"><input type="checkbox" .checked=${settings.third} data-testid="train-third"
        @change=${(event: Event) => this.race.set({ third: (event.target as HTMLInputElement).checked })}>beside them a dense model of the same size</label>
      <label>picture, or saved weights<input type="file" accept="image/*,.safetensors" aria-label="Your own picture, or saved weights" data-testid="train-picture"
        @change=${this.onPick}></label>
      ${'mediaDevices' in navigator ? html`<button @click=${this.onCamera} data-testid="train-camera">One picture from the camera</button>` : nothing}
      ${this.race.picture.get() ? html`<button class="link" @click=${() => this.take(null)}>The drawn cat again</button>` : nothing}
    </div>`;
  }

  private choice<K extends 'experts' | 'k' | 'width' | 'balance' | 'rate' | 'router'>(
    name: K,
    words: string,
    list: readonly RaceSettings[K][],
    settings: RaceSettings,
    say: (value: RaceSettings[K]) => string = String,
  ) {
    return html`<label>${words}<select data-testid=${`train-${name}`}
      @change=${(event: Event) => this.race.set({ [name]: list[(event.target as HTMLSelectElement).selectedIndex] })}>
      ${list.map((value) => html`<option .selected=${value === settings[name]}>${say(value)}</option>`)}</select></label>`;
  }

  private seed(input: HTMLInputElement): void {
    const seed = Number(input.value);
    if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) void this.race.set({ seed });
    else input.value = String(this.race.settings.seed);
  }

  private onPick = async (event: Event): Promise<void> => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    const { takeFile } = await import('./own-picture.ts');
    await takeFile(this.race, file);
  };

  private onCamera = async (): Promise<void> => {
    const { cameraPicture } = await import('./own-picture.ts');
    await cameraPicture(this.race);
  };

  private take(picture: Parameters<Race['picture']['set']>[0]): Promise<void> {
    this.race.picture.set(picture);
    return this.race.start();
  }
}
