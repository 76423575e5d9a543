/** What lies on top of the load: the current token's experts, pinned experts, the one that is looked at, those switched off. */

import type { Session } from '../../state/session/session.ts';
import { hueOf } from '../../state/views/selection.ts';
import type { Brush } from '../kit/brush.ts';
import { hundredths } from '../kit/format.ts';
import type { Palette } from '../kit/palette.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Place = (layer: number, expert: number) => Box;

/** A cell smaller than this is drawn larger where it carries a mark. */
const SMALLEST = 3;

function atLeast(box: Box, size: number): Box {
  const width = Math.max(size, box.width);
  const height = Math.max(size, box.height);
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** The experts of the token in question: full colour, weight in hundredths, until the next token comes. */
export function drawLit(context: Brush, session: Session, place: Place, palette: Palette, em: number): void {
  const { trace } = session;
  const at = session.current.get();
  if (at < 0) return;
  const cell = place(0, 0);
  const big = Math.min(cell.width * 0.42, cell.height * 0.5, 22 * em);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `600 ${big}px ${palette.figureFace}`;
  for (let layer = 0; layer < trace.shape.layers; layer++) {
    for (let rank = trace.chosen(at, layer) - 1; rank >= 0; rank--) {
      const gate = trace.gate(at, layer, rank);
      const { x, y, width, height } = atLeast(place(layer, trace.expert(at, layer, rank)), SMALLEST);
      // The cell swells a little, and is filled from below as far as its gate weight reaches.
      context.fillStyle = palette.paper;
      context.fillRect(x - 1, y - 1, width + 2, height + 2);
      context.fillStyle = palette.nowSoft;
      context.fillRect(x, y, width, height);
      context.fillStyle = palette.now;
      const filled = height < 8 ? height : height * Math.min(1, gate);
      context.fillRect(x, y + height - filled, width, filled);
      if (big < 8) continue;
      context.fillStyle = palette.onNow;
      context.fillText(hundredths(gate), x + width / 2, y + height / 2 + 1);
    }
  }
}

/** As drawLit, where a cell is one pixel of a picture [L, E], in the columns of the wall. */
export function lightPixels(pixels: Uint32Array, { trace, wall, current }: Session, colour: number): void {
  const at = current.get();
  if (at < 0) return;
  const { layers, experts } = trace.shape;
  for (let layer = 0; layer < layers; layer++) {
    const lit = new Uint8Array(experts);
    for (let rank = trace.chosen(at, layer) - 1; rank >= 0; rank--) lit[trace.expert(at, layer, rank)] = 1;
    const columns = wall.columns(layer);
    for (let column = 0; column < experts; column++)
      if (lit[columns?.[column] ?? column]) pixels[layer * experts + column] = colour;
  }
}

/** Pinned experts wear a ring in their hue, and their number, so that the hue is not the only sign. */
export function drawPins(context: Brush, session: Session, place: Place, palette: Palette, em: number): void {
  const pins = session.pinnedExperts.get();
  const { shape } = session.trace;
  context.font = `650 ${11 * em}px ${palette.figureFace}`;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const pin of pins) {
    if (pin.layer >= shape.layers || pin.expert >= shape.experts) continue;
    const box = place(pin.layer, pin.expert);
    const ring = atLeast(box, 9 * em);
    context.lineWidth = 2.5 * em;
    context.strokeStyle = palette.hues[hueOf(shape, pin, pins, session.hues) ?? pin.hue];
    context.strokeRect(ring.x + 1.25 * em, ring.y + 1.25 * em, ring.width - 2.5 * em, ring.height - 2.5 * em);
    const words = String(pin.expert);
    const width = context.measureText(words).width + 6 * em;
    const inside = box.width > width + 8 * em && box.height > 44 * em;
    const right = ring.x + ring.width + width < place(0, shape.experts - 1).x + box.width || shape.experts === 1;
    const x = inside ? ring.x + 2.5 * em : right ? ring.x + ring.width : ring.x - width;
    const y = inside ? ring.y + 2.5 * em : ring.y + ring.height / 2 - 7 * em;
    context.fillStyle = palette.paper;
    context.fillRect(x, y, width, 14 * em);
    context.fillStyle = palette.ink;
    context.fillText(words, x + 3 * em, y + 7.5 * em);
  }
}

export function drawMark(context: Brush, box: Box, palette: Palette): void {
  const { x, y, width, height } = atLeast(box, 7);
  context.strokeStyle = palette.ink;
  context.lineWidth = 2;
  context.strokeRect(x + 1, y + 1, width - 2, height - 2);
}

/** @param place of a cell without the gap around it. */
export function drawOff(context: Brush, session: Session, place: Place, palette: Palette): void {
  for (const each of session.interventions.get())
    if (each.kind === 'off') hatch(context, place(each.layer, each.expert), palette);
}

/** Switched off: paper with strokes across, so that it differs from an empty cell without any colour. */
function hatch(context: Brush, box: Box, palette: Palette): void {
  const { x, y, width, height } = atLeast(box, SMALLEST);
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
