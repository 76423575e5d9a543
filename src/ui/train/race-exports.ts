/** What can be taken away from a race: its curves and weights; of painters a picture, and a video of what follows. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { asFault } from '../../state/session/faults.ts';
import { curvesCsv } from '../../state/training/curves.ts';
import type { Race } from '../../state/training/race.ts';
import type { TextRace } from '../../state/training/text.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { saveAs } from '../share/save-as.ts';
import { canFilm, Film } from './film.ts';

@customElement('race-exports')
export class RaceExports extends SessionElement {
  @property({ attribute: false }) race!: Race | TextRace;
  /** What the picture shows. */
  @property({ attribute: false }) shown: (() => readonly HTMLElement[]) | null = null;
  /** The canvases that a video shows, with a name each. */
  @property({ attribute: false }) scenes: (() => readonly (readonly [string, HTMLCanvasElement])[]) | null = null;
  @state() private said = '';
  @state() private film: Film | null = null;

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.4rem 0.8rem;
      }
      .said {
        font-size: var(--size-1);
        color: var(--ink-2);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.film?.cancel();
    this.film = null;
  }

  override render() {
    const { film } = this;
    return html`<button @click=${this.csv} data-testid="train-csv">Curves as CSV</button>
      ${this.shown ? html`<button @click=${this.png} data-testid="train-png">Picture as PNG</button>` : nothing}
      <button ?disabled=${!this.race.holds.get()} @click=${this.weights} data-testid="train-weights">Weights as a file</button>
      ${
        this.scenes && canFilm()
          ? html`<button aria-pressed=${film !== null} @click=${this.onFilm} data-testid="train-film">${film ? 'Stop and save the video' : 'Record a video'}</button>`
          : nothing
      }
      <span class="said" role="status">${this.said}</span>`;
  }

  private csv = (): void => {
    const ready = this.race.ready.get();
    if (!ready) return;
    const table = curvesCsv(
      ready.runners,
      this.race.curves.get(),
      'size' in ready.scale ? 'squared_error' : 'held_out_nats',
    );
    this.save(new Blob([table], { type: 'text/csv' }), `${this.named}.csv`);
  };

  private png = async (): Promise<void> => {
    try {
      const { pictureOf, toPng } = await import('../share/picture.ts');
      const picture = await pictureOf([...(this.shown?.() ?? [])], this.caption());
      this.save(await toPng(picture), `${this.named}.png`);
    } catch (thrown) {
      this.said = asFault(thrown, 'The picture could not be drawn.').message;
    }
  };

  private weights = async (): Promise<void> => {
    try {
      this.save(await this.race.file(), `${this.named}.safetensors`);
    } catch (thrown) {
      this.said = asFault(thrown, 'The weights could not be read.').message;
    }
  };

  private onFilm = async (): Promise<void> => {
    const { film } = this;
    if (!film) {
      this.film = new Film(this.scenes!);
      this.said = '';
      return;
    }
    this.film = null;
    try {
      const video = await film.stop();
      this.save(video, `${this.named}.${video.type.includes('mp4') ? 'mp4' : 'webm'}`);
    } catch (thrown) {
      this.said = asFault(thrown, 'The video could not be made.').message;
    }
  };

  /** Enough to trust it elsewhere. */
  private caption(): string {
    const ready = this.race.ready.get();
    if (!ready) return 'moescope';
    const { info, scale } = ready;
    if (!('size' in scale)) return 'moescope';
    return `moescope: trained on ${info.name}, ${scale.size} × ${scale.size} pixels, seed ${this.race.running.get()?.seed ?? 0}, ${new Date().toISOString().slice(0, 10)}`;
  }

  private get named(): string {
    return this.race.settings.task === 'text' ? 'moescope-text-training' : 'moescope-training';
  }

  private save(blob: Blob, name: string): void {
    saveAs(blob, name);
    this.said = `${name} is saved.`;
  }
}
