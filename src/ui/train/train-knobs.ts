/** What can be set of a race. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Race } from '../../state/training/race.ts';
import type { TextRace } from '../../state/training/text.ts';
import { BALANCES, CHOSEN, EXPERTS, RATES, type RaceSettings, ROUTERS, WIDTHS } from '../../train/race.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const BALANCE_WORDS = { aux: 'balancing loss', bias: 'loss-free bias', none: 'none' };
const ROUTER_WORDS = { place: 'the place alone', features: 'all that is computed' };

@customElement('train-knobs')
export class TrainKnobs extends SessionElement {
  @property({ attribute: false }) race!: Race | TextRace;

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
    const row = settings.task === 'text' ? 'character' : 'pixel';
    return html`<div>
      ${this.choice('experts', 'experts', EXPERTS, settings)}
      ${this.choice('k', `experts of a ${row}`, CHOSEN, settings)}
      ${this.choice('width', `width for a ${row}`, WIDTHS, settings)}
      ${this.choice('balance', 'balancing', BALANCES, settings, (value) => BALANCE_WORDS[value])}
      ${this.choice('rate', 'rate', RATES, settings)}
      ${settings.task === 'painter' ? this.choice('router', 'the router reads', ROUTERS, settings, (value) => ROUTER_WORDS[value]) : nothing}
      <label>seed<input type="number" min="0" max="4294967295" .value=${String(settings.seed)} data-testid="train-seed"
        @change=${(event: Event) => this.seed(event.target as HTMLInputElement)}></label>
      <label class="tick"><input type="checkbox" .checked=${settings.third} data-testid="train-third"
        @change=${(event: Event) => this.race.set({ third: (event.target as HTMLInputElement).checked })}>beside them a dense model of the same size</label>
      ${'picture' in this.race ? this.ofPictures(this.race) : nothing}
    </div>`;
  }

  private ofPictures(race: Race) {
    return html`<label>picture, or saved weights<input type="file" accept="image/*,.safetensors" aria-label="Your own picture, or saved weights" data-testid="train-picture"
        @change=${(event: Event) => this.onPick(race, event)}></label>
      ${'mediaDevices' in navigator ? html`<button @click=${() => this.onCamera(race)} data-testid="train-camera">One picture from the camera</button>` : nothing}
      ${race.picture.get() ? html`<button class="link" @click=${() => race.paint(null)}>The drawn cat again</button>` : nothing}`;
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

  private async onPick(race: Race, event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    // The same one a second time is a change, too.
    input.value = '';
    if (!file) return;
    const { takeFile } = await import('./own-picture.ts');
    await takeFile(race, file);
  }

  private async onCamera(race: Race): Promise<void> {
    const { cameraPicture } = await import('./own-picture.ts');
    await cameraPicture(race);
  }
}
