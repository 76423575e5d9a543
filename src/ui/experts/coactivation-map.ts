/** Which experts of the chosen layer work on the same tokens: N[i, j]/N[i] as a square, beside the chance of a pair. */
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { Coactivation } from '../../state/measures/coactivation.ts';
import { panel } from '../article/panel-styles.ts';
import { drawnBy } from '../kit/brush.ts';
import { percent } from '../kit/format.ts';
import { paint, stopPainting } from '../kit/frame.ts';
import { loadStep, type Palette, readPalette } from '../kit/palette.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { discloses } from '../page/disclosure.ts';

const REFRESH_MILLISECONDS = 250;

@customElement('coactivation-map')
export class CoactivationMap extends SessionElement {
  @query('canvas') private canvas!: HTMLCanvasElement | null;
  @state() private pair: { i: number; j: number } | null = null;
  private counted: Coactivation | null = null;
  private epoch = -1;
  private palette: Palette | null = null;
  private paletteOf = '';
  private timer: ReturnType<typeof setInterval> | undefined;
  /** The share at the dark end of the ramp. */
  private top = 1;

  static override styles = [
    controls,
    panel,
    css`
      .both {
        display: grid;
        grid-template-columns: 8.5rem minmax(0, 1fr);
        gap: 0.4rem 1rem;
        padding-top: 0.4rem;
      }
      canvas {
        width: 8.5rem;
        height: 8.5rem;
        image-rendering: pixelated;
        cursor: crosshair;
      }
      .told {
        min-height: 4.4em;
        color: var(--ink);
      }
      td.partners {
        text-align: left;
        white-space: normal;
      }
      .formula {
        font: 400 1.0625rem / 1.5 var(--text-face);
        color: var(--ink);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => paint(this.draw), REFRESH_MILLISECONDS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    stopPainting(this.draw);
  }

  override render() {
    const layer = this.session.layer.get();
    this.session.appearance.look.get();
    return html`<div class="both"><canvas role="img" tabindex="0" data-testid="coactivation"
        aria-label=${`Co-activation in layer ${layer}. ${this.told()} Arrow keys go from pair to pair.`}
        @pointermove=${this.onMove} @pointerleave=${this.onLeave} @keydown=${this.onKey}></canvas>
      <div class="note"><p class="told">${this.told()}</p>
        <details ${discloses(this.session, 'pairs')}><summary>Definition</summary><p><span class="formula"><i>N</i>[<i>i</i>, <i>j</i>] / <i>N</i>[<i>i</i>]</span><br>
          Of the tokens that chose expert i (a row), the share that chose j too (a column); all pairs of the k count. White to dark is
          0 to ${percent(this.top)}. Chance: (k − 1)/(E − 1). OLMoE (2409.02060), eq. 6.</p></details></div></div>
      <details ${discloses(this.session, 'coactivation')}><summary>As a table</summary>${this.session.disclosed('coactivation') && this.counted ? this.twin(this.counted) : nothing}</details>`;
  }

  /** A row an expert, its partners most frequent first. */
  private twin(counted: Coactivation) {
    const { experts } = this.session.shape.get();
    const all = Array.from({ length: experts }, (_, expert) => expert);
    const partners = (i: number) =>
      all
        .filter((j) => j !== i && counted.share(i, j) > 0)
        .sort((a, b) => counted.share(i, b) - counted.share(i, a))
        .map((j) => `${j} (${percent(counted.share(i, j))})`)
        .join(', ');
    return html`<table data-testid="coactivation-table"><thead><tr><th scope="col">expert i</th><th scope="col">its tokens</th><th scope="col">chose j too</th></tr></thead>
      <tbody>${all.map((i) => html`<tr><th scope="row">${i}</th><td>${counted.tokens(i)}</td><td class="partners">${partners(i)}</td></tr>`)}</tbody></table>`;
  }

  private told(): string {
    const { counted, pair } = this;
    const layer = this.session.layer.get();
    if (!counted?.count) return '';
    const chance = percent(counted.chance, 1);
    if (!pair) return `Layer ${layer}: row i, column j. Chance is ${chance}.`;
    const { i, j } = pair;
    const tokens = counted.tokens(i);
    if (!tokens) return `Expert ${i} in layer ${layer} took no token yet.`;
    if (i === j) return `Expert ${i} in layer ${layer} took ${tokens} tokens.`;
    return `Of the ${tokens} tokens of expert ${i} in layer ${layer}, expert ${j} took ${percent(counted.share(i, j), 1)} too; chance is ${chance}.`;
  }

  protected override updated(): void {
    paint(this.draw);
  }

  private draw = (): boolean => {
    const { canvas, session } = this;
    const { trace } = session;
    const layer = session.layer.get();
    const { experts } = trace.shape;
    if (!canvas || experts < 2) return false;
    const other = this.epoch !== trace.epoch.get() || this.counted?.layer !== layer;
    if (other) {
      this.epoch = trace.epoch.get();
      this.counted = new Coactivation(trace, layer);
    }
    const counted = this.counted!;
    const fresh = counted.count < trace.count;
    counted.catchUp();
    if (this.paletteOf !== this.session.appearance.look.get()) {
      this.paletteOf = this.session.appearance.look.get();
      this.palette = readPalette(this);
    }
    this.top = Math.min(1, Math.max(0.5, 3 * counted.chance));
    canvas.width = experts;
    canvas.height = experts;
    const context = canvas.getContext('2d')!;
    const picture = context.createImageData(experts, experts);
    const pixels = new Uint32Array(picture.data.buffer);
    this.eachPair((i, j, step) => {
      pixels[i * experts + j] = this.palette!.loadPixels[step];
    });
    context.putImageData(picture, 0, 0);
    drawnBy(canvas, (brush) => {
      const cell = canvas.clientWidth / experts;
      this.eachPair((i, j, step) => {
        brush.fillStyle = this.palette!.load[step];
        brush.fillRect(j * cell, i * cell, cell, cell);
      });
    });
    if (fresh || other) this.requestUpdate();
    return false;
  };

  /** The diagonal says nothing about pairs: it stays empty. */
  private eachPair(draw: (i: number, j: number, step: number) => void): void {
    const { experts } = this.session.trace.shape;
    for (let i = 0; i < experts; i++) {
      for (let j = 0; j < experts; j++) if (i !== j) draw(i, j, loadStep(this.counted!.share(i, j) / this.top));
    }
  }

  private onMove = (event: PointerEvent): void => {
    const box = this.canvas!.getBoundingClientRect();
    const { experts } = this.session.trace.shape;
    const cell = (along: number, length: number) =>
      Math.max(0, Math.min(experts - 1, Math.floor((along / length) * experts)));
    const pair = {
      i: cell(event.clientY - box.top, box.height),
      j: cell(event.clientX - box.left, box.width),
    };
    if (pair.i !== this.pair?.i || pair.j !== this.pair.j) this.pair = pair;
    this.session.selection.hoverExpert({ layer: this.session.layer.get(), expert: pair.i });
  };

  private onLeave = (): void => {
    this.pair = null;
    this.session.selection.hoverExpert(null);
  };

  private onKey = (event: KeyboardEvent): void => {
    const by: Record<string, [number, number]> = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
    };
    const step = by[event.key];
    if (!step) return;
    event.preventDefault();
    const { experts } = this.session.trace.shape;
    const { i, j } = this.pair ?? { i: 0, j: 0 };
    const within = (x: number) => Math.max(0, Math.min(experts - 1, x));
    this.pair = { i: within(i + step[0]), j: within(j + step[1]) };
  };
}
