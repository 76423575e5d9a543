/** The wall: every expert of every layer as one cell. The hero of the page. */
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { theme } from '../state/theme.ts';
import { percent } from './format.ts';
import { paint, stopPainting } from './frame.ts';
import { type Palette, readPalette } from './palette.ts';
import { controls, SessionElement } from './shared.ts';
import { WallPainter } from './wall-painter.ts';

@customElement('expert-wall')
export class ExpertWall extends SessionElement {
  @query('canvas') private canvas!: HTMLCanvasElement;
  @query('.frame') private frame!: HTMLElement;
  /** The cell under the pointer or the focus. */
  @state() private cell: { layer: number; expert: number } | null = null;
  /** Where the keyboard stands. */
  @state() private roving = { layer: 0, expert: 0 };
  private painter: WallPainter | null = null;
  private palette: Palette | null = null;
  private paletteOf = '';
  private observer: ResizeObserver | null = null;
  private size = { width: 0, height: 0, shape: '' };

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: auto 1fr;
        grid-template-rows: minmax(0, 1fr) auto;
        gap: 0 0.6rem;
        min-height: 0;
      }
      .layers {
        display: grid;
        grid-auto-rows: minmax(0, 1fr);
        padding-top: 1.375rem;
      }
      .layers button {
        min-height: 0;
        justify-content: flex-end;
        padding: 0 0.45rem 0 0.3rem;
        border: 0;
        border-right: 3px solid transparent;
        border-radius: 0;
        color: var(--ink-2);
        font-size: var(--size-1);
      }
      .layers button[aria-checked='true'] {
        color: var(--ink);
        font-weight: 650;
        border-right-color: var(--ink);
      }
      .frame {
        position: relative;
        min-width: 0;
        min-height: 9rem;
      }
      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        cursor: pointer;
        touch-action: manipulation;
      }
      .key {
        position: absolute;
        min-height: 0;
        padding: 0;
        border: 0;
        background: none;
        pointer-events: none;
      }
      .key:focus-visible {
        outline-width: 3px;
      }
      /* The legend gives way to the sentence about a cell; both keep their room, so nothing moves. */
      .below {
        grid-column: 1 / -1;
        display: grid;
        padding-top: 0.4rem;
        font-size: var(--size-1);
      }
      .below > * {
        grid-area: 1 / 1;
      }
      .told {
        color: var(--ink-2);
      }
      .told strong {
        color: var(--ink);
        font-weight: 600;
      }
      .away {
        visibility: hidden;
      }
      @media (max-width: 46rem) {
        .layer-word {
          display: none;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { layers, experts } = session.shape.get();
    const chosen = session.layer.get();
    session.trace.version.get();
    session.current.get();
    session.interventions.get();
    theme.get();
    return html`
      <div class="layers" role="radiogroup" aria-label="Layer that tints the text" @keydown=${this.onLayerKey}>
        ${Array.from(
          { length: layers },
          (_, layer) => html`<button role="radio" aria-checked=${layer === chosen} tabindex=${layer === chosen ? 0 : -1}
            aria-label=${`Layer ${layer}`} @click=${() => session.chosenLayer.set(layer)}>
            <span class="layer-word">layer</span> ${layer}</button>`,
        )}
      </div>
      <div class="frame" @pointermove=${this.onMove} @pointerleave=${this.onLeave} @click=${this.onClick}>
        <canvas role="img" aria-label=${`${layers} layers of ${experts} experts; the table below says the same`} data-testid="wall"></canvas>
        ${experts ? this.key() : nothing}
      </div>
      <div class="below">
        <div class=${this.told() ? 'away' : ''}><slot></slot></div>
        <p class="told" data-testid="wall-told">${this.told()}</p>
      </div>
    `;
  }

  /** One button stands in for the cell the keyboard is on: arrows move it, Enter switches the expert off and on. */
  private key() {
    const { cells } = this.painter ?? {};
    const { layer, expert } = this.clamped();
    const style = cells
      ? `left:${cells.left + expert * cells.cellWidth}px;top:${cells.top + layer * cells.cellHeight}px;` +
        `width:${cells.cellWidth}px;height:${cells.cellHeight}px`
      : '';
    return html`<button class="key" style=${style} aria-label=${this.sentence(layer, expert)}
      aria-pressed=${this.session.isOff(layer, expert)} data-testid="wall-key"
      @keydown=${this.onKey} @focus=${this.onFocus} @blur=${this.onLeave} @click=${this.onKeyClick}></button>`;
  }

  private clamped() {
    const { layers, experts } = this.session.shape.get();
    return { layer: Math.min(this.roving.layer, layers - 1), expert: Math.min(this.roving.expert, experts - 1) };
  }

  private sentence(layer: number, expert: number): string {
    const { trace } = this.session;
    const off = this.session.isOff(layer, expert) ? ', switched off' : '';
    const share = percent(trace.share(layer, expert), 1);
    return `Layer ${layer}, expert ${expert}${off}: ${share} of the slots here, chance is ${percent(1 / trace.shape.experts, 1)}`;
  }

  private told() {
    const { session } = this;
    const { layers, experts } = session.shape.get();
    const { cell } = this;
    if (!cell || cell.layer >= layers || cell.expert >= experts) return null;
    const off = session.isOff(cell.layer, cell.expert);
    const share = percent(session.trace.share(cell.layer, cell.expert), 1);
    return html`<strong>Expert ${cell.expert} in layer ${cell.layer}</strong>${off ? ' is switched off' : ''} took ${share} of the slots here; chance is
      ${percent(1 / experts, 1)}. Click: ${off ? 'bring it back' : 'switch it off'}.`;
  }

  protected override firstUpdated(): void {
    this.painter = new WallPainter(this.session, this.canvas.getContext('2d')!);
    this.observer = new ResizeObserver(() => {
      this.size.shape = '';
      this.requestUpdate();
    });
    this.observer.observe(this.frame);
  }

  protected override updated(): void {
    paint(this.draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
    stopPainting(this.draw);
  }

  private draw = (now: number): boolean => {
    const { painter } = this;
    if (!painter) return false;
    const { layers, experts } = this.session.trace.shape;
    const shape = `${layers}x${experts}`;
    if (this.size.shape !== shape) {
      const { width, height } = this.frame.getBoundingClientRect();
      this.size = { width, height, shape };
      painter.fit(width, height, devicePixelRatio);
      this.requestUpdate();
    }
    if (this.paletteOf !== theme.get()) {
      this.paletteOf = theme.get();
      this.palette = readPalette(this);
    }
    painter.marked = this.cell;
    return painter.draw(now, this.palette!);
  };

  private onMove = (event: PointerEvent): void => {
    const box = this.canvas.getBoundingClientRect();
    const cell = this.painter?.at(event.clientX - box.left, event.clientY - box.top) ?? null;
    if (cell?.layer !== this.cell?.layer || cell?.expert !== this.cell?.expert) this.cell = cell;
  };

  private onLeave = (): void => {
    this.cell = null;
  };

  private onClick = (event: PointerEvent): void => {
    const box = this.canvas.getBoundingClientRect();
    const cell = this.painter?.at(event.clientX - box.left, event.clientY - box.top);
    if (!cell) return;
    this.roving = cell;
    void this.session.toggleExpert(cell.layer, cell.expert);
  };

  private onFocus = (): void => {
    this.cell = this.clamped();
  };

  private onKeyClick = (event: Event): void => {
    event.stopPropagation();
    const { layer, expert } = this.clamped();
    void this.session.toggleExpert(layer, expert);
  };

  private onKey = (event: KeyboardEvent): void => {
    const { layers, experts } = this.session.shape.get();
    const { layer, expert } = this.clamped();
    const steps: Record<string, [number, number]> = {
      ArrowRight: [layer, expert + 1],
      ArrowLeft: [layer, expert - 1],
      ArrowDown: [layer + 1, expert],
      ArrowUp: [layer - 1, expert],
      Home: [layer, 0],
      End: [layer, experts - 1],
    };
    const to = steps[event.key];
    if (!to) return;
    event.preventDefault();
    this.roving = {
      layer: Math.max(0, Math.min(layers - 1, to[0])),
      expert: Math.max(0, Math.min(experts - 1, to[1])),
    };
    this.cell = this.roving;
  };

  private onLayerKey = (event: KeyboardEvent): void => {
    const { session } = this;
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const { layers } = session.shape.get();
    const next = (session.layer.get() + by + layers) % layers;
    session.chosenLayer.set(next);
    this.renderRoot.querySelectorAll<HTMLElement>('[role=radio]')[next].focus();
  };
}
