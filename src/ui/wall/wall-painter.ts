/** Draws the wall: load as one ramp, the current token's experts lit, the tokens just before it fading. */

import type { Session } from '../../state/session/session.ts';
import { HUES } from '../../state/views/selection.ts';
import type { Brush } from '../kit/brush.ts';
import { reducedMotion } from '../kit/frame.ts';
import { loadStep, type Palette } from '../kit/palette.ts';
import { unitOf } from '../kit/unit.ts';
import type { PlacesPainter } from '../residency/places.ts';
import { rampEnd } from './ramp-end.ts';
import { type Box, drawLit, drawMark, drawOff, drawPins, lightPixels } from './wall-marks.ts';
import { placesOf } from './wall-places.ts';

/** A flash rises in 60 ms and goes out over 400 ms. */
const RISE = 60;
const DECAY = 400;
const GONE = RISE + DECAY;
/** No more than the last few tokens of a frame flash: at full speed the eye could not tell them apart. */
const FLASHES = 4;
/** Below this many pixels a cell is drawn without a gap, all cells as one picture. */
export const FINE = 7;
/** More lit cells than that, each a speck, are pixels of that picture, and do not flash: a frame has no time for more. */
const MOST_LIT = 4096;

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
  /** The share that the darkest end of the ramp stands for; follows the largest share of the wall. */
  top = 0;
  /** Screen pixels for one of the pixels that sizes are written in. */
  protected em = 1;
  private seen = 0;
  private epoch = -1;
  private scope = '';
  private ratio = 1;
  /** The head as a picture, and what it shows: writing is dear to draw, and it seldom changes. */
  private readonly head = document.createElement('canvas');
  private headShows = '';
  private headPalette: Palette | null = null;
  private started = new Float64Array(0);
  private strength = new Float32Array(0);
  private places: PlacesPainter | null = null;
  private readonly raster = document.createElement('canvas');

  constructor(
    protected readonly session: Session,
    protected readonly context: CanvasRenderingContext2D,
  ) {}

  /** Lays the cells out in a box of CSS pixels. */
  fit(width: number, height: number, ratio: number): void {
    const { layers, experts } = this.session.trace.shape;
    const canvas = this.context.canvas;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.em = unitOf(canvas) / 16;
    const head = 22 * this.em;
    this.ratio = ratio;
    this.headShows = '';
    this.cells = {
      left: 0,
      top: head,
      width,
      height: height - head,
      cellWidth: experts ? width / experts : 0,
      cellHeight: layers ? (height - head) / layers : 0,
    };
  }

  /** The expert at a point of the canvas, or null. */
  at(x: number, y: number): { layer: number; expert: number } | null {
    const { shape } = this.session.trace;
    const column = Math.floor((x - this.cells.left) / this.cells.cellWidth);
    const layer = Math.floor((y - this.cells.top) / this.cells.cellHeight);
    const inside = column >= 0 && layer >= 0 && column < shape.experts && layer < shape.layers;
    return inside ? { layer, expert: this.session.wall.expertAt(layer, column) } : null;
  }

  /** Where an expert's cell lies. */
  box(layer: number, expert: number): Box {
    const { left, top, cellWidth, cellHeight } = this.cells;
    const column = this.session.wall.columnOf(layer, expert);
    return { x: left + column * cellWidth, y: top + layer * cellHeight, width: cellWidth, height: cellHeight };
  }

  /** Draws one frame; true while something still moves. Costs O(L·E), however long the text is. */
  draw(now: number, palette: Palette): boolean {
    const { session, context, cells } = this;
    this.collect(now);
    context.clearRect(0, 0, cells.width, cells.top + cells.height);
    if (!session.trace.shape.experts) return false;
    const shares = session.wall.shares();
    const moving = this.ease(shares);
    this.drawHead(palette);
    if (Math.min(cells.cellWidth, cells.cellHeight) < FINE) this.drawFine(shares, palette);
    else this.drawCells(shares, palette);
    drawOff(context, session, this.inside, palette);
    const arriving = this.drawPlaces(now, palette, context);
    const fading = session.inspected.get() === null && this.drawFlashes(now, palette);
    this.drawMarks(context, palette);
    return moving || arriving || fading;
  }

  /** The same with another brush, as it is when nothing flashes. */
  drawWith(brush: Brush, palette: Palette): void {
    const { session } = this;
    if (!session.trace.shape.experts) return;
    this.writeHead(brush, palette);
    this.drawCells(session.wall.shares(), palette, brush);
    drawOff(brush, session, this.inside, palette);
    this.drawPlaces(performance.now(), palette, brush);
    this.drawMarks(brush, palette);
  }

  private drawMarks(context: Brush, palette: Palette): void {
    const { session, em } = this;
    const { shape } = session.trace;
    const mark = session.inspectedExpert.get();
    const place = (layer: number, expert: number) => this.box(layer, expert);
    if (!this.crowded || context !== this.context) drawLit(context, session, place, palette, em);
    drawPins(context, session, place, palette, em);
    const there = mark && mark.layer < shape.layers && mark.expert < shape.experts;
    if (there) drawMark(context, place(mark.layer, mark.expert), palette);
  }

  private get crowded(): boolean {
    const { cellWidth, cellHeight } = this.cells;
    const { layers, expertsPerToken } = this.session.trace.shape;
    return Math.min(cellWidth, cellHeight) < FINE && layers * expertsPerToken > MOST_LIT;
  }

  private drawPlaces(now: number, palette: Palette, context: Brush): boolean {
    const where = placesOf(this.session);
    if (!where) this.places = null;
    if (!where) return false;
    this.places ??= new where.places.PlacesPainter();
    const { experts } = this.session.trace.shape;
    return this.places.draw(context, now, { residency: where.residency, experts, box: this.inside, palette });
  }

  protected inside = (layer: number, expert: number): Box => this.inner(this.box(layer, expert));

  protected inner({ x, y, width, height }: Box): Box {
    const gap = width > 14 ? 1.5 : width > FINE ? 1 : 0;
    return { x: x + gap, y: y + gap, width: width - 2 * gap, height: height - 2 * gap };
  }

  protected drawCells(shares: Float32Array, palette: Palette, context: Brush = this.context): void {
    const { session } = this;
    const { layers, experts } = session.trace.shape;
    for (let layer = 0; layer < layers; layer++) {
      for (let expert = 0; expert < experts; expert++) {
        const { x, y, width, height } = this.inner(this.box(layer, expert));
        context.fillStyle = palette.load[loadStep(shares[layer * experts + expert] / this.top)];
        context.fillRect(x, y, width, height);
      }
    }
  }

  /** Thousands of cells: one pixel each, drawn large. */
  protected drawFine(shares: Float32Array, palette: Palette): void {
    const { context, cells, raster, session } = this;
    const { layers, experts } = session.trace.shape;
    raster.width = experts;
    raster.height = layers;
    const brush = raster.getContext('2d')!;
    const picture = brush.createImageData(experts, layers);
    const pixels = new Uint32Array(picture.data.buffer);
    for (let layer = 0; layer < layers; layer++) {
      const columns = session.wall.columns(layer);
      for (let column = 0; column < experts; column++) {
        const share = shares[layer * experts + (columns?.[column] ?? column)];
        pixels[layer * experts + column] = palette.loadPixels[loadStep(share / this.top)];
      }
    }
    if (this.crowded) lightPixels(pixels, session, palette.nowPixel);
    brush.putImageData(picture, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(raster, cells.left, cells.top, cells.width, cells.height);
  }

  protected collect(now: number): void {
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
  protected ease(shares: Float32Array): boolean {
    const { wall } = this.session;
    let most = 0;
    for (const share of shares) if (share > most) most = share;
    const scope = `${wall.scope.get()} ${wall.shareOf.get()}`;
    const wanted = rampEnd(most, wall.tokens(), wall.scope.get() === 'token', wall.chance(0));
    const jump = reducedMotion() || scope !== this.scope;
    this.scope = scope;
    const next = jump ? wanted : this.top + (wanted - this.top) * 0.08;
    const moving = Math.abs(wanted - next) > 0.004 * wanted;
    this.top = moving ? next : wanted;
    return moving;
  }

  private drawHead(palette: Palette): void {
    const { context, cells, head, ratio, session } = this;
    const { column, sorted, experts } = this.headOf();
    const shows = [experts, column, sorted, document.fonts.status, session.layer.get(), session.hues.stage()].join();
    if (shows !== this.headShows || palette !== this.headPalette) {
      this.headShows = shows;
      this.headPalette = palette;
      head.width = context.canvas.width;
      head.height = Math.ceil(cells.top * ratio);
      const brush = head.getContext('2d')!;
      brush.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.writeHead(brush, palette);
    }
    if (head.width) context.drawImage(head, 0, 0, head.width / ratio, head.height / ratio);
  }

  /** How many columns there are, the one that is marked, or -1, and whether they are places in an order. */
  private headOf() {
    const { session } = this;
    const mark = session.inspectedExpert.get();
    const column = mark ? session.wall.columnOf(mark.layer, mark.expert) : -1;
    return { experts: session.trace.shape.experts, column, sorted: session.wall.order.get() !== null };
  }

  private writeHead(context: Brush, palette: Palette): void {
    const { cells, em } = this;
    const { experts, column: markedColumn, sorted } = this.headOf();
    context.font = `500 ${11 * em}px ${palette.figureFace}`;
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    const room = (experts > 100 ? 28 : 18) * em;
    const every = cells.cellWidth >= 15 * em ? 1 : Math.ceil(room / cells.cellWidth);
    for (let column = 0; column < experts; column++) {
      const x = cells.left + column * cells.cellWidth;
      const marked = markedColumn === column;
      context.fillStyle = marked ? palette.ink : palette.ink2;
      // In an order by load the head counts places: the experts differ from row to row.
      const words = sorted ? `${column + 1}.` : String(column);
      const near = !marked && markedColumn >= 0 && Math.abs(column - markedColumn) * cells.cellWidth < room;
      if (marked || (column % every === 0 && (every === 1 || !near)))
        context.fillText(words, Math.max(8 * em, Math.min(cells.width - 8 * em, x + cells.cellWidth / 2)), 11 * em);
      if (sorted || experts > 16 || experts < 2) continue;
      // The tint that the text gives this expert of the open layer; the less busy half is dotted there and here.
      const slot = this.session.hues.slot(this.session.layer.get(), column);
      context.fillStyle = palette.hues[slot % HUES];
      const dotted = slot >= HUES;
      const length = cells.cellWidth - 3;
      for (let at = 0; at < length; at += dotted ? 5 * em : length)
        context.fillRect(x + 1.5 + at, 15 * em, dotted ? 2.5 * em : length, 2.5 * em);
    }
  }

  protected drawFlashes(now: number, palette: Palette): boolean {
    const { context } = this;
    const { experts, layers } = this.session.trace.shape;
    if (reducedMotion() || this.crowded) return false;
    let fading = false;
    for (let cell = 0; cell < layers * experts; cell++) {
      const age = now - this.started[cell];
      if (age > GONE) continue;
      fading = true;
      // The light goes out by shrinking, not by mixing: the load beneath keeps its colour.
      const left = age < RISE ? age / RISE : (1 - (age - RISE) / DECAY) ** 1.5;
      const size = left * (0.45 + 0.55 * this.strength[cell]);
      const { x, y, width, height } = this.inner(this.box(Math.floor(cell / experts), cell % experts));
      context.fillStyle = left > 0.5 ? palette.now : palette.nowSoft;
      context.fillRect(x + (width * (1 - size)) / 2, y + (height * (1 - size)) / 2, width * size, height * size);
    }
    return fading;
  }
}
