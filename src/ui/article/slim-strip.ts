/** The end of the text and the wall, on one line, for whoever reads further down. */

import { css, html } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { nextAct } from '../../state/text/next-act.ts';
import { reducedMotion } from '../kit/frame.ts';
import { say } from '../kit/more-words.ts';
import { loadStep, type Palette, readPalette } from '../kit/palette.ts';
import { watchResolution } from '../kit/resolution.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { tint, tokenSpan } from '../text/token-span.ts';
import { tokenStyles } from '../text/token-styles.ts';

/** More do not fit on a line. */
const TOKENS = 48;
/** Of chance: a cell with so much of its layer is at the end of the ramp, as on the wall. */
const RAMP = 3;
/** CSS pixels. */
const WALL = { width: 132, height: 30 };

@customElement('slim-strip')
export class SlimStrip extends SessionElement {
  @query('canvas') private canvas!: HTMLCanvasElement;
  @query('.end') private line!: HTMLElement;
  private palette: Palette | null = null;
  private look = '';
  private unwatch = () => {};

  static override styles = [
    controls,
    tokenStyles,
    css`
      :host {
        background: var(--paper);
        border-bottom: 1px solid var(--rule-2);
      }
      .strip {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        align-items: center;
        gap: 1.2rem;
        max-width: 78rem;
        height: 2.6rem;
        margin: 0 auto;
        padding: 0 2rem;
      }
      /* The latest word stands at the right; what came before leaves at the left. */
      .end {
        display: flex;
        justify-content: flex-end;
        overflow: hidden;
        white-space: pre;
        font: 400 1.0625rem / 1.5 var(--text-face);
        mask-image: linear-gradient(90deg, transparent, black 4rem);
      }
      .t {
        flex: none;
        cursor: inherit;
      }
      .t b::after {
        content: none;
      }
      canvas {
        display: block;
        width: ${WALL.width}px;
        height: ${WALL.height}px;
      }
      .acts {
        display: flex;
        gap: 0.9rem;
        font-size: var(--size-2);
      }
      @media (max-width: 60rem) {
        .strip {
          padding: 0 1.25rem;
        }
      }
      @media (max-width: 46rem) {
        .strip {
          grid-template-columns: minmax(0, 1fr) auto;
          gap: 0.8rem;
          padding: 0 1rem;
        }
        .acts {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.unwatch = watchResolution(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unwatch();
  }

  override render() {
    const { session } = this;
    session.trace.version.get();
    session.trace.epoch.get();
    session.current.get();
    session.layer.get();
    session.appearance.look.get();
    const words = say(nextAct(session));
    return html`<div class="strip" data-testid="slim">
      <div class="end" aria-hidden="true" translate="no" dir="auto"></div>
      <canvas aria-hidden="true"></canvas>
      <div class="acts">
        ${session.isHidden('transport') ? '' : html`<button class="link" @click=${() => void session.writing.toggle()}>${words}</button>`}
        <button class="link" @click=${this.up}>Back to the text</button>
      </div>
    </div>`;
  }

  protected override updated(): void {
    this.write();
    this.draw();
  }

  private write(): void {
    const { session } = this;
    const { trace } = session;
    const layer = session.layer.get();
    const pins = session.pinnedExperts.get();
    const first = Math.max(0, trace.count - TOKENS);
    const spans = Array.from({ length: trace.count - first }, (_, i) => {
      const span = tokenSpan(trace, first + i);
      tint(span, trace, first + i, layer, pins, session.hues);
      for (const sign of span.querySelectorAll('i.line')) sign.textContent = ' ';
      return span;
    });
    this.line.replaceChildren(...spans);
  }

  /** Load so far in the ramp’s colours, this token’s experts in the colour of now. */
  private draw(): void {
    const { session, canvas } = this;
    const { trace } = session;
    const { layers, experts } = trace.shape;
    const look = session.appearance.look.get();
    if (!this.palette || look !== this.look) this.palette = readPalette(this);
    this.look = look;
    const scale = devicePixelRatio;
    canvas.width = Math.round(WALL.width * scale);
    canvas.height = Math.round(WALL.height * scale);
    const context = canvas.getContext('2d')!;
    if (!layers || !experts) return;
    const [wide, high] = [canvas.width / experts, canvas.height / layers];
    const gap = wide > 4 && high > 3 ? scale : 0;
    const fill = (layer: number, expert: number, colour: string) => {
      const column = session.wall.columnOf(layer, expert);
      context.fillStyle = colour;
      context.fillRect(column * wide, layer * high, Math.max(1, wide - gap), Math.max(1, high - gap));
    };
    for (let layer = 0; layer < layers; layer++)
      for (let expert = 0; expert < experts; expert++)
        fill(layer, expert, this.palette.load[loadStep((trace.share(layer, expert) * experts) / RAMP)]);
    const at = session.current.get();
    for (let layer = 0; at >= 0 && layer < layers; layer++)
      for (let rank = 0; rank < trace.chosen(at, layer); rank++)
        fill(layer, trace.expert(at, layer, rank), this.palette.now);
  }

  private up = (): void => {
    this.session.view.choose('wall');
    scrollTo({ top: 0, behavior: reducedMotion() ? 'instant' : 'smooth' });
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'slim-strip': SlimStrip;
  }
}
