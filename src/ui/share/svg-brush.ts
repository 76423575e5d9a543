/** Draws as on a canvas, and makes SVG of it that any program understands: shapes, and text that stays text. */
import type { Brush } from '../kit/brush.ts';
import { element, type Paint, paintOf, probe, round } from './picture-paint.ts';

type Style = CanvasRenderingContext2D['fillStyle'];

const ANCHORS: Partial<Record<CanvasTextAlign, string>> = { center: 'middle', right: 'end', end: 'end' };

export class SvgBrush implements Brush {
  fillStyle: Style = '#000';
  strokeStyle: Style = '#000';
  lineWidth = 1;
  font = '';
  textAlign: CanvasTextAlign = 'left';
  textBaseline: CanvasTextBaseline = 'alphabetic';
  readonly root: SVGElement;
  private group: SVGElement;
  private path = '';
  private readonly saved: SVGElement[] = [];
  private readonly paints = new Map<string, Paint>();

  /** @param name gives a name that nothing else in the picture has. */
  constructor(
    { x, y }: { readonly x: number; readonly y: number },
    private readonly name: () => string,
  ) {
    this.root = element('g', { transform: `translate(${round(x)} ${round(y)})` });
    this.group = this.root;
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.add('rect', { x, y, width, height, ...this.filled() });
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.add('rect', { x, y, width, height, fill: 'none', ...this.stroked() });
  }

  fillText(words: string, x: number, y: number): void {
    const [, weight = '400', size = '10', family = ''] = /^(\d+) ([\d.]+)px (.*)$/.exec(this.font) ?? [];
    this.group.append(
      element(
        'text',
        {
          ...{ x, y: y + this.below(), 'text-anchor': ANCHORS[this.textAlign] ?? 'start' },
          ...{ 'font-family': family, 'font-size': Number(size), 'font-weight': weight, ...this.filled() },
        },
        words,
      ),
    );
  }

  measureText(words: string): TextMetrics {
    probe.font = this.font;
    return probe.measureText(words);
  }

  /** How far the letters' foot lies below the line that the text is placed by: programs agree on the foot alone. */
  private below(): number {
    probe.font = this.font;
    const [foot, placed] = (['alphabetic', this.textBaseline] as const).map((line) => {
      probe.textBaseline = line;
      return probe.measureText('x').actualBoundingBoxAscent;
    });
    probe.textBaseline = 'alphabetic';
    return foot - placed;
  }

  save(): void {
    this.saved.push(this.group);
  }

  restore(): void {
    this.group = this.saved.pop() ?? this.root;
  }

  beginPath(): void {
    this.path = '';
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path += `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
  }

  moveTo(x: number, y: number): void {
    this.path += `M${round(x)} ${round(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.path += `L${round(x)} ${round(y)}`;
  }

  clip(): void {
    const id = this.name();
    const clip = element('clipPath', { id });
    clip.append(element('path', { d: this.path }));
    const inside = element('g', { 'clip-path': `url(#${id})` });
    this.group.append(clip, inside);
    this.group = inside;
  }

  fill(): void {
    this.add('path', { d: this.path, ...this.filled() });
  }

  stroke(): void {
    this.add('path', { d: this.path, fill: 'none', ...this.stroked() });
  }

  private add(name: string, attributes: Readonly<Record<string, string | number>>): void {
    this.group.append(element(name, attributes));
  }

  private filled() {
    const { hex, opacity } = this.paint(this.fillStyle);
    return { fill: hex, ...(opacity < 1 && { 'fill-opacity': opacity }) };
  }

  private stroked() {
    const { hex, opacity } = this.paint(this.strokeStyle);
    return { stroke: hex, 'stroke-width': this.lineWidth, ...(opacity < 1 && { 'stroke-opacity': opacity }) };
  }

  private paint(style: Style): Paint {
    const color = String(style);
    const known = this.paints.get(color) ?? paintOf(color);
    this.paints.set(color, known);
    return known;
  }
}
