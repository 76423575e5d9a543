/** Draws the wall: load so far as one ramp, the current token's experts lit, the tokens just before it fading. */
import type { Session } from '../state/session.ts';
import { hundredths } from './format.ts';
import { reducedMotion } from './frame.ts';
import { loadStep, type Palette } from './palette.ts';

/** A flash rises in 60 ms and goes out over 400 ms. */
const RISE = 60;
const DECAY = 400;
const GONE = RISE + DECAY;
/** No more than the last few tokens of a frame flash: at full speed the eye could not tell them apart. */
const FLASHES = 4;

export interface Cells {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

export class WallPainter {
  cells: Cells = { left: 0, top: 0, width: 0, height: 0, cellWidth: 0, cellHeight: 0 };
  /** The load that the darkest end of the ramp stands for; follows the largest share of the wall. */
  top = 0;
  /** The cell under the pointer or the focus. */
  marked: { layer: number; expert: number } | null = null;
  /** Screen pixels for one of the pixels that sizes are written in. */
  private em = 1;
  private seen = 0;
  private epoch = -1;
  private started = new Float64Array(0);
  private strength = new Float32Array(0);

  constructor(
    private readonly session: Session,
    private readonly context: CanvasRenderingContext2D,
  ) {}

  /** Lays the cells out in a box of CSS pixels. */
  fit(width: number, height: number, ratio: number): void {
    const { layers, experts } = this.session.trace.shape;
    const canvas = this.context.canvas;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.em = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const head = 22 * this.em;
    this.cells = {
      left: 0,
      top: head,
      width,
      height: height - head,
      cellWidth: experts ? width / experts : 0,
      cellHeight: layers ? (height - head) / layers : 0,
    };
  }

  /** The cell at a point of the canvas, or null. */
  at(x: number, y: number): { layer: number; expert: number } | null {
    const { shape } = this.session.trace;
    const expert = Math.floor((x - this.cells.left) / this.cells.cellWidth);
    const layer = Math.floor((y - this.cells.top) / this.cells.cellHeight);
    const inside = expert >= 0 && layer >= 0 && expert < shape.experts && layer < shape.layers;
    return inside ? { layer, expert } : null;
  }

  /** Draws one frame; true while something still moves. */
  draw(now: number, palette: Palette): boolean {
    this.collect(now);
    const moving = this.ease();
    const { session, context, cells } = this;
    const { shape } = session.trace;
    context.clearRect(0, 0, cells.width, cells.top + cells.height);
    if (!shape.experts) return false;
    this.drawHead(palette);
    const gap = cells.cellWidth > 14 ? 1.5 : cells.cellWidth > 6 ? 1 : 0.5;
    for (let layer = 0; layer < shape.layers; layer++) {
      for (let expert = 0; expert < shape.experts; expert++) {
        const x = cells.left + expert * cells.cellWidth + gap;
        const y = cells.top + layer * cells.cellHeight + gap;
        const width = cells.cellWidth - 2 * gap;
        const height = cells.cellHeight - 2 * gap;
        context.fillStyle = palette.load[this.step(layer, expert)];
        context.fillRect(x, y, width, height);
        if (session.isOff(layer, expert)) this.hatch(x, y, width, height, palette);
      }
    }
    const fading = session.inspected.get() === null && this.drawFlashes(now, palette, gap);
    this.drawCurrent(palette);
    this.drawMark(palette);
    return moving || fading;
  }

  /** Where on the ramp a cell stands, 0 to 63. */
  step(layer: number, expert: number): number {
    return loadStep(this.top ? this.session.trace.share(layer, expert) / this.top : 0);
  }

  private collect(now: number): void {
    const { trace } = this.session;
    const { layers, experts } = trace.shape;
    if (this.epoch !== trace.epoch.get()) {
      this.epoch = trace.epoch.get();
      this.seen = 0;
      this.top = experts ? 4 / experts : 0;
      this.started = new Float64Array(layers * experts).fill(Number.NEGATIVE_INFINITY);
      this.strength = new Float32Array(layers * experts);
    }
    const from = Math.max(this.seen, trace.count - FLASHES);
    for (let at = from; at < trace.count; at++) {
      for (let layer = 0; layer < layers; layer++) {
        for (let rank = trace.chosen(at, layer) - 1; rank >= 0; rank--) {
          const cell = layer * experts + trace.expert(at, layer, rank);
          this.started[cell] = now;
          this.strength[cell] = trace.gate(at, layer, rank);
        }
      }
    }
    this.seen = trace.count;
  }

  /** Lets the ramp's end follow the largest share without a jump. */
  private ease(): boolean {
    const { trace } = this.session;
    const { experts, perToken } = trace.shape;
    const slots = trace.count * perToken;
    let largest = 0;
    for (const load of trace.load) if (load > largest) largest = load;
    // With a handful of tokens every share is large: the ramp waits until there is something to tell.
    const wanted = Math.max(experts ? 3 / experts : 0, slots > 24 ? largest / slots : 0.5);
    const next = reducedMotion() ? wanted : this.top + (wanted - this.top) * 0.08;
    const moving = Math.abs(wanted - next) > 0.004 * wanted;
    this.top = moving ? next : wanted;
    return moving;
  }

  private drawHead(palette: Palette): void {
    const { context, cells, em } = this;
    const { experts } = this.session.trace.shape;
    context.font = `500 ${11 * em}px ${palette.figureFace}`;
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    const every = cells.cellWidth >= 15 * em ? 1 : Math.ceil((18 * em) / cells.cellWidth);
    for (let expert = 0; expert < experts; expert++) {
      const x = cells.left + expert * cells.cellWidth;
      const marked = this.marked?.expert === expert;
      context.fillStyle = marked ? palette.ink : palette.ink2;
      if (expert % every === 0 || marked) context.fillText(String(expert), x + cells.cellWidth / 2, 11 * em);
      // The tint that the text gives this expert; the second eight are dotted there and here.
      context.fillStyle = palette.hues[expert % 8];
      const dotted = Math.floor(expert / 8) % 2 === 1;
      const length = cells.cellWidth - 3;
      for (let at = 0; at < length; at += dotted ? 5 * em : length)
        context.fillRect(x + 1.5 + at, 15 * em, dotted ? 2.5 * em : length, 2.5 * em);
    }
  }

  private drawFlashes(now: number, palette: Palette, gap: number): boolean {
    const { context, cells } = this;
    const { experts, layers } = this.session.trace.shape;
    if (reducedMotion()) return false;
    let fading = false;
    for (let cell = 0; cell < layers * experts; cell++) {
      const age = now - this.started[cell];
      if (age > GONE) continue;
      fading = true;
      // The light goes out by shrinking, not by mixing: the load beneath keeps its colour.
      const left = age < RISE ? age / RISE : (1 - (age - RISE) / DECAY) ** 1.5;
      const size = left * (0.45 + 0.55 * this.strength[cell]);
      const width = (cells.cellWidth - 2 * gap) * size;
      const height = (cells.cellHeight - 2 * gap) * size;
      const x = cells.left + ((cell % experts) + 0.5) * cells.cellWidth;
      const y = cells.top + (Math.floor(cell / experts) + 0.5) * cells.cellHeight;
      context.fillStyle = left > 0.5 ? palette.now : palette.nowSoft;
      context.fillRect(x - width / 2, y - height / 2, width, height);
    }
    return fading;
  }

  /** The experts of the token in question: full colour, weight in hundredths, until the next token comes. */
  private drawCurrent(palette: Palette): void {
    const { session, context, cells } = this;
    const { trace } = session;
    const at = session.current.get();
    if (at < 0) return;
    const big = Math.min(cells.cellWidth * 0.42, cells.cellHeight * 0.5, 22 * this.em);
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.font = `600 ${big}px ${palette.figureFace}`;
    for (let layer = 0; layer < trace.shape.layers; layer++) {
      for (let rank = trace.chosen(at, layer) - 1; rank >= 0; rank--) {
        const gate = trace.gate(at, layer, rank);
        const x = cells.left + trace.expert(at, layer, rank) * cells.cellWidth;
        const y = cells.top + layer * cells.cellHeight;
        // The cell swells a little, and is filled from below as far as its gate weight reaches.
        context.fillStyle = palette.paper;
        context.fillRect(x - 1, y - 1, cells.cellWidth + 2, cells.cellHeight + 2);
        context.fillStyle = palette.nowSoft;
        context.fillRect(x, y, cells.cellWidth, cells.cellHeight);
        context.fillStyle = palette.now;
        const filled = cells.cellHeight * Math.min(1, gate);
        context.fillRect(x, y + cells.cellHeight - filled, cells.cellWidth, filled);
        if (big < 8) continue;
        context.fillStyle = palette.onNow;
        context.fillText(hundredths(gate), x + cells.cellWidth / 2, y + cells.cellHeight / 2 + 1);
      }
    }
  }

  private drawMark(palette: Palette): void {
    if (!this.marked) return;
    const { context, cells } = this;
    context.strokeStyle = palette.ink;
    context.lineWidth = 2;
    const x = cells.left + this.marked.expert * cells.cellWidth;
    const y = cells.top + this.marked.layer * cells.cellHeight;
    context.strokeRect(x + 1, y + 1, cells.cellWidth - 2, cells.cellHeight - 2);
  }

  /** Switched off: paper with strokes across, so that it differs from an empty cell without any colour. */
  private hatch(x: number, y: number, width: number, height: number, palette: Palette): void {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.fillStyle = palette.paper;
    context.fill();
    context.strokeStyle = palette.ink2;
    context.lineWidth = 1;
    context.beginPath();
    for (let at = -height; at < width; at += 6) {
      context.moveTo(x + at, y + height);
      context.lineTo(x + at + height, y);
    }
    context.stroke();
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
    context.restore();
  }
}
