/** The wall as large as the screen: the page's own, without the marks that only a reader can use. */
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { loadStep, type Palette } from '../../kit/palette.ts';
import { controls } from '../../kit/shared.ts';
import { ExpertWall } from '../../wall/expert-wall.ts';
import { drawLit, drawOff } from '../../wall/wall-marks.ts';
import { FINE, WallPainter } from '../../wall/wall-painter.ts';

/**
 * parts: every expert alike, those that work flash. lit: those of this token alone. load: how much each has done for this
 * text. touched: those that any of the last tokens used.
 */
export type WallMode = 'parts' | 'lit' | 'load' | 'touched';

class StagePainter extends WallPainter {
  mode: WallMode = 'load';
  /** With a ring around them: layer · E + expert. */
  rings: readonly number[] = [];
  /** Used by the last tokens. */
  touched: ReadonlySet<number> = new Set();

  override fit(width: number, height: number, ratio: number): void {
    super.fit(width, height, ratio);
    const { layers, experts } = this.session.trace.shape;
    // No numbers above the columns, and none in the cells: too small for a hall.
    this.em = 0.3;
    this.cells = {
      ...this.cells,
      top: 0,
      height,
      cellWidth: experts ? width / experts : 0,
      cellHeight: layers ? height / layers : 0,
    };
  }

  override draw(now: number, palette: Palette): boolean {
    const { session, context, cells, mode } = this;
    const { layers, experts } = session.trace.shape;
    this.collect(now);
    context.clearRect(0, 0, cells.width, cells.height);
    if (!experts) return false;
    const load = session.wall.shares();
    const moving = this.ease(load);
    const plain = { parts: 0.22, touched: 0.06, lit: 0.06, load: 0 }[mode] * this.top;
    const shares = mode === 'load' ? load : new Float32Array(layers * experts).fill(plain);
    if (Math.min(cells.cellWidth, cells.cellHeight) < FINE) this.drawFine(shares, palette);
    else this.drawCells(shares, palette);
    drawOff(context, session, this.inside, palette);
    context.fillStyle = palette.load[loadStep(1)];
    for (const cell of mode === 'touched' ? this.touched : []) {
      const { x, y, width, height } = this.inner(this.box(Math.floor(cell / experts), cell % experts));
      context.fillRect(x, y, width, height);
    }
    const fading = mode !== 'touched' && this.drawFlashes(now, palette);
    if (mode === 'lit' || mode === 'touched') drawLit(context, session, (l, e) => this.box(l, e), palette, this.em);
    this.drawRings(palette);
    return moving || fading;
  }

  private drawRings(palette: Palette): void {
    const { context, cells } = this;
    const { experts } = this.session.trace.shape;
    const line = Math.max(2, Math.min(cells.cellWidth, cells.cellHeight) / 14);
    context.lineWidth = line;
    context.strokeStyle = palette.ink;
    for (const cell of this.rings) {
      const { x, y, width, height } = this.inner(this.box(Math.floor(cell / experts), cell % experts));
      context.strokeRect(x + line / 2, y + line / 2, width - line, height - line);
    }
  }
}

@customElement('stage-wall')
export class StageWall extends ExpertWall {
  @property({ attribute: false }) mode: WallMode = 'load';
  @property({ attribute: false }) rings: readonly number[] = [];
  /** How many of the last tokens `touched` looks at. */
  @property({ attribute: false }) span = 1;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        position: relative;
        min-width: 0;
        min-height: 0;
      }
      .frame {
        position: absolute;
        inset: 0;
        contain: strict;
      }
      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { layers, experts } = session.shape.get();
    session.trace.version.get();
    session.interventions.get();
    session.appearance.look.get();
    return html`<div class="frame"><canvas role="img" aria-label=${`${layers} layers of ${experts} experts`} data-testid="stage-wall"></canvas></div>`;
  }

  protected override firstUpdated(): void {
    super.firstUpdated();
    this.painter = new StagePainter(this.session, this.canvas.getContext('2d')!);
  }

  protected override updated(): void {
    const painter = this.painter as StagePainter;
    painter.mode = this.mode;
    painter.rings = this.rings;
    if (this.mode === 'touched') painter.touched = touchedBy(this.session.trace, this.span);
    super.updated();
  }
}

/** The experts that any of the last `tokens` used: layer · E + expert. */
export function touchedBy(trace: ExpertWall['session']['trace'], tokens: number): Set<number> {
  const { layers, experts } = trace.shape;
  const touched = new Set<number>();
  for (let at = Math.max(0, trace.count - tokens); at < trace.count; at++)
    for (let layer = 0; layer < layers; layer++)
      for (let rank = trace.chosen(at, layer) - 1; rank >= 0; rank--)
        touched.add(layer * experts + trace.expert(at, layer, rank));
  return touched;
}
