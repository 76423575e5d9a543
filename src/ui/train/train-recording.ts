/** A run of the painters that was recorded elsewhere: plays where nothing trains. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { fetchTraining, type TrainingRecording } from '../../state/training/recording.ts';
import { million, percent, short } from '../kit/format.ts';
import { controls } from '../kit/shared.ts';
import { SignalWatcher } from '../kit/signal-watcher.ts';
import { raceStyles } from './race-styles.ts';

const FRAME_MILLISECONDS = 900;
/** The last frame stands longer before it begins again. */
const LAST_FRAMES = 4;

@customElement('train-recording')
export class TrainRecording extends SignalWatcher {
  /** Whether it is fetched only when asked for: reduced data. */
  @property({ type: Boolean }) thrifty = false;
  @state() private recording: TrainingRecording | null = null;
  @state() private failed = false;
  @state() private at = 0;
  @state() private playing = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private rest = 0;

  static override styles = [
    controls,
    raceStyles,
    css`
      .tile {
        aspect-ratio: 1;
        background-repeat: no-repeat;
        image-rendering: pixelated;
      }
      input {
        flex: 1 1 12rem;
        max-width: 24rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.thrifty) void this.fetch();
    else if (this.recording) this.play(true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.play(false);
  }

  private fetch = async (): Promise<void> => {
    try {
      this.recording ??= await fetchTraining();
      this.at = this.recording.frames.length - 1;
      if (this.isConnected && !matchMedia('(prefers-reduced-motion: reduce)').matches) this.play(true);
    } catch {
      this.failed = true;
    }
  };

  private play(playing: boolean): void {
    clearInterval(this.timer);
    this.playing = playing;
    if (playing) this.timer = setInterval(this.next, FRAME_MILLISECONDS);
  }

  private next = (): void => {
    if (document.hidden) return;
    const last = this.recording!.frames.length - 1;
    if (this.at < last) this.at++;
    else if (this.rest++ >= LAST_FRAMES) this.at = this.rest = 0;
  };

  override render() {
    const { recording } = this;
    if (this.failed) return nothing;
    if (!recording)
      return this.thrifty
        ? html`<button @click=${this.fetch} data-testid="train-recorded-fetch">Play a recorded run (about 150 KB)</button>`
        : nothing;
    const { frames, scale, device, created, seed, experts, runners } = recording;
    const { step, decibels, dead } = frames[this.at];
    const tile = (strip: 'paintings' | 'maps', row: number, name: string, said: string) => html`<figure>
      <div class="tile" role="img" aria-label=${`${name}, step ${step}, recorded`} .style=${`background-image:url(${recording[strip]});background-size:${100 * frames.length}% 200%;background-position:${frames.length > 1 ? (100 * this.at) / (frames.length - 1) : 0}% ${100 * row}%`}></div>
      <figcaption><strong>${name}</strong><span>${said}</span></figcaption></figure>`;
    return html`<div class="acts" data-testid="train-recorded"><strong>Recorded</strong>
        <button @click=${() => this.play(!this.playing)} data-testid="train-recorded-play">${this.playing ? 'Pause the recording' : 'Play the recording'}</button>
        <input type="range" min="0" max=${frames.length - 1} .value=${String(this.at)} aria-label="Where the recording stands" aria-valuetext=${`step ${step}`}
          @input=${(event: Event) => this.seek(Number((event.target as HTMLInputElement).value))}></div>
      <div class="pictures">
        ${tile('paintings', 0, 'MoE', `${decibels[0].toFixed(1)}\u00a0dB · step ${step}`)}
        ${tile('paintings', 1, 'dense, same work', `${decibels[1].toFixed(1)}\u00a0dB · step ${step}`)}
        ${[0, 1].map((layer) => tile('maps', layer, `layer ${layer}: who paints where`, `${dead[layer]} of ${experts} dead (${percent(1 / experts)} each is even)`))}
      </div>
      <p class="note">A run recorded on ${device} on ${created}, the drawn cat at ${scale.size} × ${scale.size} pixels, seed ${seed}; at its end each had done
        ${short(frames.at(-1)!.step * runners[0].flopsPerStep)}FLOP. The MoE has ${million(runners[0].parameters.total)} parameters, the dense model ${million(runners[1].parameters.total)}.
        Nothing trains yet: “Train” does it here.</p>`;
  }

  private seek(at: number): void {
    this.play(false);
    this.at = at;
  }
}
