/** The wall: every expert of every layer as one cell. The hero of the page. */
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { Expert } from '../../state/views/selection.ts';
import { drawnBy } from '../kit/brush.ts';
import { percent } from '../kit/format.ts';
import { busy, paint, stopPainting } from '../kit/frame.ts';
import { type Palette, readPalette } from '../kit/palette.ts';
import { watchResolution } from '../kit/resolution.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { say } from '../kit/words.ts';
import { WallPainter } from './wall-painter.ts';
import { placesOf } from './wall-places.ts';
import { wallStyles } from './wall-styles.ts';

/** Room that the name of a layer needs, in pixels. */
const NAME_HEIGHT = 15;

/** Until a model is known the wall has the room of the one that is shipped. */
const EXPECTED_LAYERS = 6;

/** Of what only fades the eye sees no more pictures than this leaves; a token is drawn at once. */
const FADE_MILLISECONDS = 25;
/** Where frames come late. */
const SLOW_FADE_MILLISECONDS = 120;

@customElement('expert-wall')
export class ExpertWall extends SessionElement {
  @query('canvas') protected canvas!: HTMLCanvasElement;
  @query('.frame') private frame!: HTMLElement;
  /** Where the keyboard stands: a place, whichever expert an order by load puts there. */
  @state() private roving = { layer: 0, column: 0 };
  protected painter: WallPainter | null = null;
  private palette: Palette | null = null;
  private paletteOf = '';
  private observer: ResizeObserver | null = null;
  private unwatch = () => {};
  private size = { width: 0, height: 0, shape: '' };
  /** Something has changed since it was drawn last, at this time. */
  private stale = true;
  private drawn = 0;
  private later: ReturnType<typeof setTimeout> | null = null;

  static override styles = [controls, wallStyles];

  override render() {
    const { session } = this;
    const { layers, experts } = session.shape.get();
    const chosen = session.layer.get();
    session.trace.version.get();
    session.current.get();
    session.interventions.get();
    session.inspectedExpert.get();
    session.pinnedExperts.get();
    session.wall.shareOf.get();
    session.wall.scope.get();
    session.wall.order.get();
    placesOf(session);
    this.session.appearance.look.get();
    return html`
      <div class="layers ${layers ? '' : 'unfilled'}" role="radiogroup" aria-label=${say('layer-of-tint')} @keydown=${this.onLayerKey}>
        ${Array.from(
          { length: layers || EXPECTED_LAYERS },
          (_, layer) => html`<button role="radio" aria-checked=${layer === chosen} tabindex=${layer === chosen ? 0 : -1}
            aria-label=${say('layer-named', { layer })} @click=${() => session.chosenLayer.choose(layer)}>
            ${this.isNamed(layer, chosen) ? html`<span class="layer-word">${say('layer')}</span> ${layer}` : nothing}</button>`,
        )}
      </div>
      <div class="frame" @pointermove=${this.onMove} @pointerleave=${this.onLeave} @click=${this.onClick}>
        <canvas role="img" aria-label=${say('wall-shape', { layers, experts })} data-testid="wall"></canvas>
        ${experts ? this.key() : nothing}
      </div>
      <div class="below">
        <slot></slot>
        <p class="told ${experts ? '' : 'unfilled'}" data-testid="wall-told">${this.told()}</p>
      </div>
    `;
  }

  /** With many layers only some fit their name beside their row, and the chosen one. */
  private isNamed(layer: number, chosen: number): boolean {
    const height = this.painter?.cells.cellHeight ?? 0;
    const every = height > 0 ? Math.ceil(NAME_HEIGHT / height) : 1;
    return layer === chosen || (layer % every === 0 && Math.abs(layer - chosen) >= every);
  }

  /** One button stands in for the cell the keyboard is on: arrows move it, Enter pins the expert, Delete switches it off. */
  private key() {
    const { layer, expert } = this.atKey();
    const box = this.painter?.box(layer, expert);
    const style = box ? `left:${box.x}px;top:${box.y}px;width:${box.width}px;height:${box.height}px` : '';
    return html`<button class="key" .style=${style} aria-label=${this.sentence(layer, expert)}
      aria-description=${say('wall-keys')}
      aria-pressed=${this.session.selection.pinOf({ layer, expert }) !== null} data-testid="wall-key"
      @keydown=${this.onKey} @focus=${this.onFocus} @blur=${this.onLeave} @click=${this.onKeyClick}></button>`;
  }

  private atKey(): Expert {
    const { layers, experts } = this.session.shape.get();
    const layer = Math.min(this.roving.layer, layers - 1);
    return { layer, expert: this.session.wall.expertAt(layer, Math.min(this.roving.column, experts - 1)) };
  }

  /** “took 12.1 % of the assignments so far; chance is 6.3 %” */
  private share(layer: number, expert: number): string {
    const { wall } = this.session;
    const share = percent(wall.share(layer, expert), 1);
    const chance = percent(wall.chance(layer), 1);
    if (wall.scope.get() === 'token') return say('got-share', { share, chance });
    const what = say(wall.shareOf.get());
    if (wall.scope.get() === 'all') return say('took-share', { share, what, chance });
    return say('took-lately', { share, what, count: wall.tokens(), chance });
  }

  private sentence(layer: number, expert: number): string {
    const off = this.session.isOff(layer, expert) ? `, ${say('switched-off')}` : '';
    return `${say('wall-cell', { layer, expert, off, share: this.share(layer, expert) })}${this.place(layer, expert)}`;
  }

  private place(layer: number, expert: number): string {
    const where = placesOf(this.session);
    return where ? where.places.placeWords(where.residency, layer, expert) : '';
  }

  private told() {
    const { session } = this;
    const { layers, experts } = session.shape.get();
    const asked = session.inspectedExpert.get();
    if (experts === 1) return nothing;
    if (!asked || asked.layer >= layers || asked.expert >= experts) {
      const changed = session.betweenTexts.changed();
      if (changed) return changed;
      const where = placesOf(session);
      if (where) return where.places.placesWords(session, where.residency);
      return say('used-once', { count: session.trace.touched(), all: layers * experts });
    }
    const { layer, expert } = asked;
    const off = session.isOff(layer, expert);
    const name = session.names.of(asked);
    return html`<span><strong>${say('expert-in-layer', { expert, layer })}</strong>${name ? html` “${name}”` : nothing}${off ? say('is-off') : ''}
      ${this.share(layer, expert)}.${this.place(layer, expert)}</span> ${session.selection.pinOf(asked) ? this.actions(asked, off) : nothing}`;
  }

  private actions(asked: Expert, off: boolean) {
    const { session } = this;
    return html`<span class="actions"><button class="link" @click=${() => session.toggleExpert(asked.layer, asked.expert)}
        data-testid="wall-toggle">${off ? 'Bring it back' : 'Switch it off'}</button>
      <button class="link" @click=${() => session.show('expert')}>Its page</button>
      <button class="link" @click=${() => session.selection.togglePin(asked)} data-testid="wall-unpin">Unpin</button></span>`;
  }

  protected override firstUpdated(): void {
    this.painter = new WallPainter(this.session, this.canvas.getContext('2d')!);
    drawnBy(this.canvas, (brush) => this.palette && this.painter?.drawWith(brush, this.palette));
    const resized = () => {
      this.size.shape = '';
      this.requestUpdate();
    };
    this.observer = new ResizeObserver(resized);
    this.observer.observe(this.frame);
    this.unwatch = watchResolution(resized);
  }

  protected override updated(): void {
    this.stale = true;
    paint(this.draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
    this.unwatch();
    stopPainting(this.draw);
  }

  private again = (): void => {
    this.later = null;
    paint(this.draw);
  };

  private draw = (now: number): boolean => {
    const { painter } = this;
    if (!painter) return false;
    if (!this.stale) {
      const slow = busy(now);
      const wait = (slow ? SLOW_FADE_MILLISECONDS : FADE_MILLISECONDS) - (now - this.drawn);
      if (wait > 0 && slow) this.later ??= setTimeout(this.again, wait);
      if (wait > 0) return !slow;
    }
    this.stale = false;
    this.drawn = now;
    const { layers, experts } = this.session.trace.shape;
    const shape = `${layers}x${experts}`;
    if (this.size.shape !== shape) {
      const { width, height } = this.frame.getBoundingClientRect();
      this.size = { width, height, shape };
      painter.fit(width, height, devicePixelRatio);
      this.requestUpdate();
    }
    if (this.paletteOf !== this.session.appearance.look.get()) {
      this.paletteOf = this.session.appearance.look.get();
      this.palette = readPalette(this);
    }
    return painter.draw(now, this.palette!);
  };

  private cellAt(event: PointerEvent): Expert | null {
    const box = this.canvas.getBoundingClientRect();
    return this.painter?.at(event.clientX - box.left, event.clientY - box.top) ?? null;
  }

  private onMove = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') this.session.selection.hoverExpert(this.cellAt(event));
  };

  private onLeave = (): void => this.session.selection.hoverExpert(null);

  private onClick = (event: PointerEvent): void => {
    const cell = this.cellAt(event);
    if (!cell || this.session.shape.get().experts < 2) return;
    this.roving = { layer: cell.layer, column: this.session.wall.columnOf(cell.layer, cell.expert) };
    this.session.selection.togglePin(cell);
  };

  private onFocus = (): void => this.session.selection.hoverExpert(this.atKey());

  private onKeyClick = (event: Event): void => {
    event.stopPropagation();
    this.session.selection.togglePin(this.atKey());
  };

  private onKey = (event: KeyboardEvent): void => {
    const { layers, experts } = this.session.shape.get();
    const { layer, column } = this.roving;
    const steps: Record<string, [number, number]> = {
      ArrowRight: [layer, column + 1],
      ArrowLeft: [layer, column - 1],
      ArrowDown: [layer + 1, column],
      ArrowUp: [layer - 1, column],
      PageDown: [layer + 10, column],
      PageUp: [layer - 10, column],
      Home: [layer, 0],
      End: [layer, experts - 1],
    };
    const to = steps[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') {
      const { layer, expert } = this.atKey();
      void this.session.toggleExpert(layer, expert);
    } else if (to) {
      this.roving = {
        layer: Math.max(0, Math.min(layers - 1, to[0])),
        column: Math.max(0, Math.min(experts - 1, to[1])),
      };
      this.onFocus();
    } else return;
    event.preventDefault();
  };

  private onLayerKey = (event: KeyboardEvent): void => {
    const { session } = this;
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const { layers } = session.shape.get();
    const next = (session.layer.get() + by + layers) % layers;
    session.chosenLayer.choose(next);
    this.renderRoot.querySelectorAll<HTMLElement>('[role=radio]')[next].focus();
  };
}
