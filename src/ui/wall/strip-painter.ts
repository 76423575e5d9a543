/**
 * Draws the text as one line with a row a layer beneath it, like a gloss: under each token the experts it used there. Few
 * experts are told by tint and number; of many each has its place in the cell's width, and only pinned ones a hue.
 */

import type { Session } from '../../state/session/session.ts';
import { hueOf, isColoured } from '../../state/views/selection.ts';
import type { Brush } from '../kit/brush.ts';
import { visible } from '../kit/format.ts';
import type { Palette } from '../kit/palette.ts';
import { unitOf } from '../kit/unit.ts';

interface Size {
  readonly width: number;
  readonly height: number;
  readonly em: number;
}

export class StripPainter {
  /** Where each token's column begins, and where the next will; in pixels from the first. */
  private starts: number[] = [0];
  private epoch = -1;
  private size: Size = { width: 0, height: 0, em: 1 };
  /** Pixels that have gone out on the left. */
  scroll = 0;
  following = true;

  constructor(
    private readonly session: Session,
    private readonly context: CanvasRenderingContext2D,
  ) {}

  fit(width: number, height: number, ratio: number): void {
    const canvas = this.context.canvas;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const em = unitOf(canvas) / 16;
    if (em !== this.size.em) this.epoch = -1;
    this.size = { width, height, em };
  }

  private get left(): number {
    return 24 * this.size.em;
  }

  private get top(): number {
    return 25 * this.size.em;
  }

  private get room(): number {
    return this.size.width - this.left;
  }

  get rowHeight(): number {
    const { layers } = this.session.trace.shape;
    return layers ? Math.min(26 * this.size.em, (this.size.height - this.top) / layers) : 0;
  }

  /** The first token that is at least partly seen, and the one after the last; null before there was room for any. */
  seen(): [number, number] | null {
    if (!this.count || this.room <= 0) return null;
    return [this.tokenAt(this.scroll), Math.min(this.count, this.tokenAt(this.scroll + this.room) + 1)];
  }

  private get count(): number {
    return this.starts.length - 1;
  }

  /** By halves: the token whose column holds `x`. */
  private tokenAt(x: number): number {
    let low = 0;
    let high = Math.max(0, this.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= x) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What lies at a point of the canvas. */
  at(x: number, y: number): { at: number; layer: number } | null {
    const along = x - this.left + this.scroll;
    if (x < this.left || !this.count || along >= this.starts[this.count]) return null;
    const layer = Math.floor((y - this.top) / this.rowHeight);
    return { at: this.tokenAt(along), layer: Math.min(layer, this.session.trace.shape.layers - 1) };
  }

  box(at: number, layer: number): { x: number; y: number; width: number; height: number } {
    const start = this.starts[at] ?? 0;
    const end = this.starts[at + 1] ?? start;
    const height = this.rowHeight;
    return { x: this.left + start - this.scroll, y: this.top + layer * height, width: end - start, height };
  }

  scrollBy(pixels: number): void {
    const last = Math.max(0, this.starts[this.count] - this.room);
    this.scroll = Math.max(0, Math.min(last, this.scroll + pixels));
    this.following = this.scroll >= last - 1;
  }

  /** Brings a token into sight. */
  show(at: number): void {
    const [start, end] = [this.starts[at] ?? 0, this.starts[at + 1] ?? 0];
    if (start < this.scroll) this.scrollBy(start - this.scroll - this.room / 3);
    else if (end > this.scroll + this.room) this.scrollBy(end - this.scroll - (this.room * 2) / 3);
  }

  /** Takes the widths of tokens that are new. */
  measure(palette: Palette): void {
    const { trace } = this.session;
    if (this.epoch !== trace.epoch.get()) {
      this.epoch = trace.epoch.get();
      this.starts = [0];
      this.scroll = 0;
      this.following = true;
    }
    if (this.count === trace.count) return;
    this.context.font = this.textFont(palette);
    const narrow = (isColoured(trace.shape) ? 21 : 30) * this.size.em;
    while (this.count < trace.count) {
      const words = this.words(this.count);
      const width = Math.max(narrow, this.context.measureText(words).width + 7 * this.size.em);
      this.starts.push(this.starts[this.count] + Math.round(width));
    }
    if (this.following) this.scroll = Math.max(0, this.starts[this.count] - this.room);
  }

  private textFont(palette: Palette): string {
    return `500 ${15.5 * this.size.em}px ${palette.textFace}`;
  }

  private words(at: number): string {
    const text = this.session.trace.texts[at];
    if (text === '') return '◦';
    return text.trim() === '' ? visible(text) : text.trim();
  }

  draw(palette: Palette): void {
    const { context, size } = this;
    this.measure(palette);
    context.clearRect(0, 0, size.width, size.height);
    this.drawWith(context, palette);
  }

  /** The same on anything that is drawn on. */
  drawWith(brush: Brush, palette: Palette): void {
    const { session, size } = this;
    const { trace } = session;
    const seen = this.seen();
    if (!seen || trace.shape.experts < 2) return;
    this.drawLayers(brush, palette);
    brush.save();
    brush.beginPath();
    brush.rect(this.left, 0, this.room, size.height);
    brush.clip();
    const current = session.current.get();
    const [from, to] = seen;
    for (let at = from; at < to; at++) {
      this.drawWord(brush, at, at === current, palette);
      for (let layer = 0; layer < trace.shape.layers; layer++) this.drawCell(brush, at, layer, palette);
    }
    this.drawChosen(brush, current, palette);
    brush.restore();
  }

  private drawLayers(brush: Brush, palette: Palette): void {
    const { session, size } = this;
    const height = this.rowHeight;
    const every = Math.ceil((13 * size.em) / height);
    const chosen = session.layer.get();
    brush.textAlign = 'right';
    brush.textBaseline = 'middle';
    for (let layer = 0; layer < session.trace.shape.layers; layer++) {
      const near = layer !== chosen && Math.abs(layer - chosen) < every;
      if (near || (layer !== chosen && layer % every)) continue;
      brush.font = `${layer === chosen ? 700 : 500} ${11 * size.em}px ${palette.figureFace}`;
      brush.fillStyle = layer === chosen ? palette.ink : palette.ink2;
      const y = Math.min(this.top + (layer + 0.5) * height + 0.5, size.height - 5 * size.em);
      brush.fillText(String(layer), this.left - 7 * size.em, y);
    }
  }

  private drawWord(brush: Brush, at: number, current: boolean, palette: Palette): void {
    const { size } = this;
    const { x, width } = this.box(at, 0);
    if (current) {
      brush.fillStyle = palette.ink;
      brush.fillRect(x, 0, width - 1, this.top - 3 * size.em);
    }
    brush.font = this.textFont(palette);
    brush.textAlign = 'center';
    brush.textBaseline = 'alphabetic';
    brush.fillStyle = current ? palette.paper : palette.ink;
    brush.fillText(this.words(at), x + (width - 1) / 2, 15.5 * size.em);
  }

  private drawCell(brush: Brush, at: number, layer: number, palette: Palette): void {
    const { session, size } = this;
    const { trace } = session;
    const { x, y, width, height } = this.box(at, layer);
    const gap = height > 6 ? 1 : height > 3 ? 0.5 : 0;
    const pins = session.pinnedExperts.get();
    const asked = session.hoveredExpert.get();
    if (isColoured(trace.shape)) {
      const expert = trace.expert(at, layer);
      const hue = hueOf(trace.shape, { layer, expert }, pins, session.hues)!;
      const rank = asked?.layer === layer ? trace.rankOf(at, layer, asked.expert) : -1;
      const lit = rank === 0;
      brush.fillStyle = lit ? palette.now : height < 9 ? palette.hues[hue] : palette.tints[hue];
      brush.fillRect(x, y, width - 1, height - gap);
      // Not the first, but among the chosen: lit along its foot.
      brush.fillStyle = palette.now;
      if (rank > 0) brush.fillRect(x, y + (height - gap) * 0.75, width - 1, (height - gap) * 0.25);
      if (height < 11 * size.em) return;
      brush.font = `500 ${Math.min(11.5, height * 0.62) * size.em}px ${palette.figureFace}`;
      brush.textAlign = 'center';
      brush.textBaseline = 'middle';
      brush.fillStyle = lit ? palette.onNow : palette.ink;
      brush.fillText(String(expert), x + (width - 1) / 2, y + (height - gap) / 2 + 0.5);
      return;
    }
    brush.fillStyle = palette.well;
    brush.fillRect(x, y, width - 1, height - gap);
    for (let rank = trace.chosen(at, layer) - 1; rank >= 0; rank--) {
      const expert = trace.expert(at, layer, rank);
      const hue = hueOf(trace.shape, { layer, expert }, pins, session.hues);
      const lit = asked?.layer === layer && asked.expert === expert;
      brush.fillStyle = lit ? palette.now : hue === null ? palette.ink2 : palette.hues[hue];
      const place = (expert / trace.shape.experts) * (width - 1);
      const broad = lit || hue !== null ? 3 : 1.25;
      brush.fillRect(x + place, y, broad, height - gap);
    }
  }

  /** The chosen layer's row under the token in question. */
  private drawChosen(brush: Brush, at: number, palette: Palette): void {
    if (at < 0) return;
    const { x, y, width, height } = this.box(at, this.session.layer.get());
    brush.strokeStyle = palette.ink;
    brush.lineWidth = 2;
    brush.strokeRect(x + 0.5, y + 0.5, width - 2, Math.max(3, height - 2));
  }
}
