/** Where the experts of the open model are, as the wall says it: in marks, in words, and what the marks mean. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Session } from '../../state/session/session.ts';
import type { Residency } from '../../worker/protocol.ts';
import type { Brush } from '../kit/brush.ts';
import { adapterWords, bytes } from '../kit/format.ts';
import { reducedMotion } from '../kit/frame.ts';
import type { Palette } from '../kit/palette.ts';
import { SessionElement } from '../kit/shared.ts';
import type { Box } from '../wall/wall-marks.ts';

/** A frame closes in on an expert that has come. */
const ARRIVES_MILLISECONDS = 350;

/** A layer's experts that are on the GPU, those that this machine has beside it, and those that are not here yet. */
export function placed({ held, away, expertBytes }: Residency, experts: number) {
  const routed = expertBytes.flatMap((each, layer) => (each ? [layer] : []));
  const sum = (of: (layer: number) => number) => routed.reduce((total, layer) => total + of(layer), 0);
  return {
    here: sum((layer) => held[layer].length),
    away: sum((layer) => away[layer].length),
    all: routed.length * experts,
    bytesHere: sum((layer) => held[layer].length * expertBytes[layer]),
    bytesAll: sum((layer) => experts * expertBytes[layer]),
  };
}

const count = (number: number) => number.toLocaleString('en');

/** “Writes with 41 of 1,024 experts on this GPU: 212 MB of 4.2 GB; 93 of 100 asked for were there.” */
export function placesWords(session: Session, residency: Residency): string {
  const { hits, misses } = residency;
  const { here, away, all, bytesHere, bytesAll } = placed(residency, session.shape.get().experts);
  const writes = session.phase.get() === 'going' ? 'Writes' : 'Wrote';
  const there = hits + misses ? `; ${Math.round((100 * hits) / (hits + misses))} of 100 asked for were there` : '';
  const coming = away ? `; ${count(away)} not here yet` : '';
  const on = adapterWords(session.opened.get()?.info);
  return `${writes} with ${count(here)} of ${count(all)} experts on ${on}: ${bytes(bytesHere)} of ${bytes(bytesAll)}${there}${coming}.`;
}

/** Of one expert, as a sentence after others; nothing in a layer that routes nothing. */
export function placeWords({ held, away, expertBytes }: Residency, layer: number, expert: number): string {
  if (!expertBytes[layer]) return '';
  if (held[layer].includes(expert)) return ' It is on the GPU.';
  return away[layer].includes(expert) ? ' It is not here yet.' : ' It is on this machine, not on the GPU.';
}

@customElement('places-legend')
export class PlacesLegend extends SessionElement {
  static override styles = css`
    :host {
      display: contents;
    }
    i {
      display: inline-block;
      box-sizing: border-box;
      width: 10px;
      height: 10px;
      margin-right: 0.45em;
      vertical-align: -1px;
      background: linear-gradient(var(--ink), var(--ink)) bottom / 100% 3px no-repeat var(--load-0);
    }
    .beside {
      background-size: 4px 3px;
    }
    .away {
      background-size: 0;
    }
  `;

  override render() {
    const away = this.session.residency.get()?.away.some(({ length }) => length > 0);
    return html`<span><i></i>on the GPU</span><span><i class="beside"></i>on this machine, not on the GPU</span>
      ${away ? html`<span><i class="away"></i>not here yet</span>` : nothing}`;
  }
}

/** A bar under the load of each expert: whole for those on the GPU, short for those beside it, none for the others. */
export class PlacesPainter {
  private before: Residency | null = null;
  /** Of `before`, as sets: looked up for every expert of every frame. */
  private held: readonly ReadonlySet<number>[] = [];
  private away: readonly ReadonlySet<number>[] = [];
  /** When experts came that were elsewhere before. [layer · E + expert] */
  private readonly came = new Map<number, number>();

  /** True while something still moves. */
  draw(context: Brush, now: number, { residency, experts, box, palette }: Drawn): boolean {
    this.note(residency, experts, now);
    const { held, away } = this;
    for (const [layer, each] of residency.expertBytes.entries()) {
      for (let expert = 0; each && expert < experts; expert++) {
        if (away[layer].has(expert)) continue;
        const { x, y, width, height } = box(layer, expert);
        const bar = Math.max(1, Math.min(3, height / 6));
        const wide = held[layer].has(expert) ? width : Math.max(1, width / 3);
        context.fillStyle = palette.paper;
        context.fillRect(x + (width - wide) / 2, y + height - bar - 1, wide, bar + 1);
        context.fillStyle = palette.ink;
        context.fillRect(x + (width - wide) / 2, y + height - bar, wide, bar);
      }
    }
    return this.drawArrivals(context, now, experts, box, palette);
  }

  private note(residency: Residency, experts: number, now: number): void {
    const { before, held: wasHeld } = this;
    if (residency === before) return;
    this.before = residency;
    this.held = residency.held.map((layer) => new Set(layer));
    this.away = residency.away.map((layer) => new Set(layer));
    // Other room begins empty: what fills it has come from beside, but not one by one.
    if (!before || before.entries !== residency.entries || reducedMotion()) return;
    for (const [layer, held] of residency.held.entries())
      for (const expert of held) if (!wasHeld[layer]?.has(expert)) this.came.set(layer * experts + expert, now);
  }

  private drawArrivals(context: Brush, now: number, experts: number, box: Drawn['box'], palette: Palette): boolean {
    context.strokeStyle = palette.ink;
    context.lineWidth = 2;
    for (const [cell, at] of this.came) {
      const left = 1 - (now - at) / ARRIVES_MILLISECONDS;
      if (left <= 0) this.came.delete(cell);
      const { x, y, width, height } = box(Math.floor(cell / experts), cell % experts);
      const out = 8 * left ** 2;
      if (left > 0) context.strokeRect(x - out, y - out, width + 2 * out, height + 2 * out);
    }
    return this.came.size > 0;
  }
}

interface Drawn {
  readonly residency: Residency;
  readonly experts: number;
  /** Where the cell of an expert lies. */
  readonly box: (layer: number, expert: number) => Box;
  readonly palette: Palette;
}
