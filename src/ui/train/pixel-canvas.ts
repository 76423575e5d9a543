/** A picture, or a layer's territories, as large as its place; pixels stay pixels. */
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { controls } from '../kit/shared.ts';
import { territoryColour } from './hues.ts';

/** What a click on a territory tells: which expert paints the pixel there. */
export type ExpertPick = CustomEvent<number>;

@customElement('pixel-canvas')
export class PixelCanvas extends LitElement {
  @property({ type: Number }) size = 1;
  /** What it shows, for who cannot see it. */
  @property() label = '';
  /** RGBA; null where a map is shown. */
  @property({ attribute: false }) colours: Uint8ClampedArray<ArrayBuffer> | null = null;
  /** The expert of every pixel. */
  @property({ attribute: false }) experts: Uint8Array | null = null;
  @property({ attribute: false }) off: ReadonlySet<number> = new Set();
  @query('canvas') readonly canvas!: HTMLCanvasElement;

  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        aspect-ratio: 1;
        background: var(--well);
      }
      canvas {
        display: block;
        width: 100%;
        height: 100%;
        image-rendering: pixelated;
      }
      canvas.map {
        cursor: pointer;
      }
      span {
        position: absolute;
        translate: -50% -50%;
        font: 600 0.72rem / 1 var(--figure-face);
        color: #fff;
        text-shadow: 0 0 3px #000, 0 0 2px #000;
        pointer-events: none;
      }
    `,
  ];

  override render() {
    return html`<canvas width=${this.size} height=${this.size} role="img" aria-label=${this.label}
        class=${this.experts ? 'map' : ''} @click=${this.onClick}></canvas>
      ${this.experts ? this.numbers().map(({ expert, x, y }) => html`<span .style=${`left:${x}%;top:${y}%`}>${expert}${this.off.has(expert) ? ' off' : nothing}</span>`) : nothing}`;
  }

  protected override updated(): void {
    const context = this.canvas.getContext('2d')!;
    const data = this.experts ? this.mapped(this.experts) : this.colours;
    if (data?.length === 4 * this.size * this.size) context.putImageData(new ImageData(data, this.size), 0, 0);
    else context.clearRect(0, 0, this.size, this.size);
  }

  /** Territories of experts that are off are hatched. */
  private mapped(experts: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
    const data = new Uint8ClampedArray(4 * experts.length);
    const colours = Array.from({ length: 256 }, (_, expert) => territoryColour(expert));
    const { size } = this;
    for (const [i, expert] of experts.entries()) {
      const [x, y] = [i % size, Math.floor(i / size)];
      const edge = (x > 0 && experts[i - 1] !== expert) || (y > 0 && experts[i - size] !== expert);
      const shade = edge ? 0.55 : 1;
      const [red, green, blue] = colours[expert];
      data.set([shade * red, shade * green, shade * blue, 255], 4 * i);
    }
    return data;
  }

  /** An expert's number stands on that pixel of its territory which is nearest to the middle of it. */
  private numbers(): { expert: number; x: number; y: number }[] {
    const experts = this.experts!;
    const { size } = this;
    const sums = new Map<number, [x: number, y: number, n: number]>();
    for (const [i, expert] of experts.entries()) {
      const sum = sums.get(expert) ?? [0, 0, 0];
      sums.set(expert, [sum[0] + (i % size), sum[1] + Math.floor(i / size), sum[2] + 1]);
    }
    const best = new Map<number, { distance: number; x: number; y: number }>();
    for (const [i, expert] of experts.entries()) {
      const [x, y, n] = sums.get(expert)!;
      const distance = Math.hypot((i % size) - x / n, Math.floor(i / size) - y / n);
      if (distance < (best.get(expert)?.distance ?? Number.POSITIVE_INFINITY))
        best.set(expert, { distance, x: i % size, y: Math.floor(i / size) });
    }
    return [...best]
      .filter(([expert]) => sums.get(expert)![2] > experts.length / 120)
      .map(([expert, { x, y }]) => ({ expert, x: (100 * (x + 0.5)) / size, y: (100 * (y + 0.5)) / size }));
  }

  private onClick(event: MouseEvent): void {
    if (!this.experts) return;
    // By the box on the screen, which holds on a page that is drawn larger, too.
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const column = Math.min(this.size - 1, Math.floor(((event.clientX - left) / width) * this.size));
    const row = Math.min(this.size - 1, Math.floor(((event.clientY - top) / height) * this.size));
    this.dispatchEvent(new CustomEvent('pick', { detail: this.experts[row * this.size + column] }));
  }
}
