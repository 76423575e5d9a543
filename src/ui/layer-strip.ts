/** The last tokens of the text in every layer at once: one row a layer, each token in the hue of its top expert there. */
import { css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { hueOf } from '../state/selection.ts';
import { look } from '../state/theme.ts';
import { paint, stopPainting } from './frame.ts';
import { readPalette } from './palette.ts';
import { panel } from './panel-styles.ts';
import { controls, SessionElement } from './shared.ts';

const COLUMN = 14;

@customElement('layer-strip')
export class LayerStrip extends SessionElement {
  @query('canvas') private canvas!: HTMLCanvasElement;

  static override styles = [
    controls,
    panel,
    css`
      canvas {
        display: block;
        width: 100%;
        height: 8rem;
        cursor: pointer;
      }
    `,
  ];

  override render() {
    const { session } = this;
    session.trace.version.get();
    session.current.get();
    session.pinnedExperts.get();
    look.get();
    return html`<h2>Every layer <span class="where">top expert of each token</span></h2>
      <canvas role="img" aria-label="Top expert of the last tokens in every layer" data-testid="layers" @click=${this.onClick}></canvas>`;
  }

  protected override updated(): void {
    paint(this.draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    stopPainting(this.draw);
  }

  private get columns(): number {
    return Math.max(1, Math.floor(this.canvas.clientWidth / COLUMN));
  }

  private draw = (): boolean => {
    const { canvas, session } = this;
    const { trace } = session;
    const { layers } = trace.shape;
    const context = canvas.getContext('2d')!;
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    const palette = readPalette(this);
    context.scale(devicePixelRatio, devicePixelRatio);
    const height = canvas.clientHeight / Math.max(1, layers);
    const first = Math.max(0, trace.count - this.columns);
    for (let at = first; at < trace.count; at++) {
      for (let layer = 0; layer < layers; layer++) {
        const expert = trace.expert(at, layer);
        const hue = hueOf(trace.shape, { layer, expert }, session.pinnedExperts.get());
        context.fillStyle = hue === null ? palette.rule : palette.hues[hue];
        context.fillRect((at - first) * COLUMN, layer * height, COLUMN - 1, Math.max(1, height - 1));
      }
    }
    return false;
  };

  private onClick = (event: MouseEvent): void => {
    const { trace } = this.session;
    const first = Math.max(0, trace.count - this.columns);
    const at = first + Math.floor(event.offsetX / COLUMN);
    const layer = Math.floor((event.offsetY / this.canvas.clientHeight) * trace.shape.layers);
    if (at >= trace.count) return;
    this.session.chosenLayer.set(layer);
    this.session.pinned.set(at);
  };
}
