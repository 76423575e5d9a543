/** The text in all layers at once: one row a layer, under each token the experts that it used there. */
import { css, html, nothing } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { isColoured } from '../../state/views/selection.ts';
import { panel } from '../article/panel-styles.ts';
import { drawnBy } from '../kit/brush.ts';
import { percent, spoken, visible } from '../kit/format.ts';
import { paint, stopPainting } from '../kit/frame.ts';
import { type Palette, readPalette } from '../kit/palette.ts';
import { watchResolution } from '../kit/resolution.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { StripPainter } from './strip-painter.ts';

/** Tokens of the table while nothing says which are in sight. */
const UNSEEN = 40;

@customElement('layer-strip')
export class LayerStrip extends SessionElement {
  @query('canvas') private canvas!: HTMLCanvasElement;
  @query('.frame') private frame!: HTMLElement;
  private painter: StripPainter | null = null;
  private palette: Palette | null = null;
  private paletteOf = '';
  private observer: ResizeObserver | null = null;
  private unwatch = () => {};
  private fitted = '';
  private shown = -1;
  private dragged: { x: number; moved: boolean } | null = null;

  static override styles = [
    controls,
    panel,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(7rem, 1fr) auto;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 1rem;
        padding-bottom: 0.3rem;
      }
      .frame {
        position: relative;
        min-height: 7rem;
      }
      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        cursor: pointer;
        touch-action: pan-y;
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
    `,
  ];

  override render() {
    const { session } = this;
    const { layers, experts } = session.shape.get();
    session.trace.version.get();
    session.current.get();
    session.layer.get();
    session.pinnedExperts.get();
    session.hoveredExpert.get();
    session.appearance.look.get();
    const table = session.disclosed('layers');
    if (experts === 1)
      return html`<p class="none">A dense model has no router: every layer does the same with every token.</p>`;
    const words = isColoured(session.trace.shape)
      ? 'the first expert of each token, in every layer'
      : 'the experts of each token in every layer, each at its own place from left to right';
    return html`<div class="head"><h2>Every layer <span class="where">${words}</span></h2>
        <button class="link label" aria-expanded=${table} @click=${() => session.disclose('layers', !table)}>${table ? 'As a picture' : 'As a table'}</button></div>
      <div class="frame" ?hidden=${table}><canvas role="img" data-testid="layers"
          aria-label=${`${session.trace.count} tokens in ${layers} layers; the table says the same`}
          @wheel=${this.onWheel} @pointerdown=${this.onDown} @pointermove=${this.onMove} @pointerup=${this.onUp}
          @pointerleave=${this.onLeave}></canvas>
        ${session.trace.count ? this.key() : nothing}</div>
      ${table ? this.twin() : nothing}`;
  }

  /** Stands in for the cell the keyboard is on. */
  private key() {
    const { session, painter } = this;
    const at = session.current.get();
    const layer = session.layer.get();
    const box = painter?.box(at, layer);
    const style = box ? `left:${box.x}px;top:${box.y}px;width:${box.width}px;height:${box.height}px` : '';
    return html`<button class="key" .style=${style} aria-label=${this.sentence(at, layer)} data-testid="layers-key"
      aria-pressed=${session.pinned.get() === at} aria-description="Arrow keys go to other tokens and layers"
      @keydown=${this.onKey}></button>`;
  }

  private sentence(at: number, layer: number): string {
    const { trace } = this.session;
    const experts = Array.from(
      { length: trace.chosen(at, layer) },
      (_, rank) => `expert ${trace.expert(at, layer, rank)} ${percent(trace.gate(at, layer, rank))}`,
    );
    return `Token ${at}, ${spoken(trace.texts[at])}, layer ${layer}: ${experts.join(', ')}`;
  }

  /** The tokens in sight, in figures. */
  private twin() {
    const { trace } = this.session;
    const { layers } = trace.shape;
    const seen = this.painter?.seen();
    // Opened as a table, by a link: nothing was painted that could be in sight.
    const [from, to] = seen ?? [Math.max(0, trace.count - UNSEEN), trace.count];
    const tokens = Array.from({ length: to - from }, (_, i) => from + i);
    const cell = (at: number, layer: number) =>
      Array.from({ length: trace.chosen(at, layer) }, (_, rank) => trace.expert(at, layer, rank)).join(' ');
    return html`<div class="wide" tabindex="0" role="region" aria-label="Experts of each token in every layer">
      <table data-testid="layers-table"><caption class="note">Tokens ${from} to ${to - 1}: experts in the order of their probability.</caption>
      <thead><tr><th>token</th>${Array.from({ length: layers }, (_, layer) => html`<th scope="col">layer ${layer}</th>`)}</tr></thead>
      <tbody>${tokens.map(
        (at) =>
          html`<tr><th scope="row" class="token" translate="no">${visible(trace.texts[at])}</th>${Array.from(
            { length: layers },
            (_, layer) => html`<td>${cell(at, layer)}</td>`,
          )}</tr>`,
      )}</tbody></table></div>`;
  }

  protected override updated(): void {
    if (this.canvas && !this.painter) {
      this.painter = new StripPainter(this.session, this.canvas.getContext('2d')!);
      drawnBy(this.canvas, (brush) => this.palette && this.painter?.drawWith(brush, this.palette));
      this.observer = new ResizeObserver(() => paint(this.draw));
      this.observer.observe(this.frame);
      this.unwatch = watchResolution(() => paint(this.draw));
    }
    paint(this.draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
    this.unwatch();
    this.observer = null;
    this.painter = null;
    // The next painter has everything to learn.
    this.fitted = '';
    stopPainting(this.draw);
  }

  private draw = (): boolean => {
    const { painter, session } = this;
    if (!painter || session.disclosed('layers')) return false;
    const { width, height } = this.frame.getBoundingClientRect();
    const size = `${width}x${height}@${devicePixelRatio}`;
    if (size !== this.fitted) {
      this.fitted = size;
      painter.fit(width, height, devicePixelRatio);
    }
    if (this.paletteOf !== this.session.appearance.look.get()) {
      this.paletteOf = this.session.appearance.look.get();
      this.palette = readPalette(this);
    }
    painter.measure(this.palette!);
    const inspected = session.inspected.get();
    if (inspected !== null && inspected !== this.shown && !this.dragged) painter.show(inspected);
    this.shown = inspected ?? -1;
    painter.draw(this.palette!);
    const key = this.renderRoot.querySelector<HTMLElement>('.key');
    const at = session.current.get();
    if (key && at >= 0) {
      const box = painter.box(at, session.layer.get());
      key.style.cssText = `left:${box.x}px;top:${box.y}px;width:${box.width}px;height:${box.height}px`;
    }
    return false;
  };

  private cellAt(event: PointerEvent) {
    const box = this.canvas.getBoundingClientRect();
    return this.painter?.at(event.clientX - box.left, event.clientY - box.top) ?? null;
  }

  private onWheel = (event: WheelEvent): void => {
    const by = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
    if (!by) return;
    event.preventDefault();
    this.painter?.scrollBy(by);
    paint(this.draw);
  };

  private onDown = (event: PointerEvent): void => {
    this.dragged = { x: event.clientX, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
  };

  private onMove = (event: PointerEvent): void => {
    if (this.dragged) {
      const by = this.dragged.x - event.clientX;
      if (!this.dragged.moved && Math.abs(by) < 4) return;
      this.dragged = { x: event.clientX, moved: true };
      this.painter?.scrollBy(by);
      paint(this.draw);
      return;
    }
    const cell = this.cellAt(event);
    if (event.pointerType !== 'touch') this.session.selection.hover(cell?.at ?? null);
  };

  private onUp = (event: PointerEvent): void => {
    const { dragged, session } = this;
    this.dragged = null;
    const cell = this.cellAt(event);
    if (!cell || dragged?.moved) return;
    if (cell.layer >= 0) session.chosenLayer.choose(cell.layer);
    // A click on another row of the pinned token changes the layer alone.
    const same = session.pinned.get() === cell.at;
    session.selection.pinToken(same && cell.layer < 0 ? null : cell.at);
  };

  private onLeave = (): void => {
    if (!this.dragged) this.session.selection.hover(null);
  };

  private onKey = (event: KeyboardEvent): void => {
    const { session } = this;
    const { layers } = session.shape.get();
    const at = session.current.get();
    const layer = session.layer.get();
    const to: Record<string, [number, number]> = {
      ArrowRight: [at + 1, layer],
      ArrowLeft: [at - 1, layer],
      ArrowDown: [at, layer + 1],
      ArrowUp: [at, layer - 1],
      Home: [0, layer],
      End: [session.trace.count - 1, layer],
    };
    const step = to[event.key];
    if (event.key === 'Escape') session.selection.pinToken(null);
    else if (step) {
      session.selection.pinToken(Math.max(0, Math.min(session.trace.count - 1, step[0])));
      session.chosenLayer.choose(Math.max(0, Math.min(layers - 1, step[1])));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
