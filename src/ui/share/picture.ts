/**
 * A part of the page as a picture of its own. What is on the screen is read box by box and written as plain SVG: text stays
 * text, and any program can open it. What a canvas shows goes in as shapes where it says how it was drawn, else as an image.
 */
import { drawingOf } from '../kit/brush.ts';
import { type Layer, layersOf } from './picture-backgrounds.ts';
import { element, type Paint, paintOf, ramp, round, SVG, stripes } from './picture-paint.ts';
import { addedTo, linesOf, valueLine } from './picture-text.ts';
import { SvgBrush } from './svg-brush.ts';

const MARGIN = 24;
const CAPTION = 34;

type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

class Drawing {
  parts: SVGElement[] = [];
  private names = 0;

  constructor(private readonly origin: DOMRect) {}

  /** @param whole also what a reader has to scroll for */
  read(node: Node, whole = false): void {
    if (node instanceof Text) this.parts.push(...linesOf(node, this.origin));
    else if (node instanceof HTMLElement) this.element(node, whole);
    else if (node instanceof SVGSVGElement) this.vector(node);
  }

  private element(node: HTMLElement, whole: boolean): void {
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    // A box of its own is needed to tell whether it is seen: what is folded away has one, too.
    const boxed = style.display !== 'contents';
    if (boxed && !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    // Words for screen readers alone are clipped to a point.
    if (boxed && box.width <= 1 && box.height <= 1 && style.overflow === 'hidden') return;
    if (boxed) for (const each of style.display === 'inline' ? node.getClientRects() : [box]) this.box(each, style);
    if (node instanceof HTMLCanvasElement) this.canvas(node, box);
    if (node instanceof HTMLSelectElement || node instanceof HTMLInputElement) {
      const words = node instanceof HTMLSelectElement ? node.selectedOptions[0]?.textContent : node.value;
      if (node.type !== 'range') this.parts.push(...valueLine(words ?? '', box, style, this.origin));
      return;
    }
    const children =
      node instanceof HTMLSlotElement && node.assignedNodes().length
        ? node.assignedNodes()
        : (node.shadowRoot ?? node).childNodes;
    const scrolls = node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1;
    if (whole || !boxed || style.overflow === 'visible' || !scrolls) {
      for (const child of children) this.read(child);
      if (boxed) this.parts.push(...addedTo(node, box, this.origin));
      return;
    }
    const around = this.parts;
    this.parts = [];
    for (const child of children) this.read(child);
    const id = `c${this.names++}`;
    const clip = element('clipPath', { id });
    clip.append(element('rect', this.placed(box)));
    const inside = element('g', { 'clip-path': `url(#${id})` });
    inside.append(...this.parts);
    this.parts = [...around, clip, inside];
  }

  private placed({ left, top, width, height }: DOMRect): Box {
    return { x: left - this.origin.left, y: top - this.origin.top, width, height };
  }

  private box(box: DOMRect, style: CSSStyleDeclaration): void {
    const at = this.placed(box);
    const fill = paintOf(style.backgroundColor);
    if (fill.opacity > 0) this.rect(at, fill, Number.parseFloat(style.borderTopLeftRadius) || 0);
    for (const layer of layersOf(style, box)) this.layer(layer, at);
    const frame = Number.parseFloat(style.outlineWidth);
    if (style.outlineStyle === 'solid' && frame) {
      const { hex } = paintOf(style.outlineColor);
      this.parts.push(element('rect', { ...at, fill: 'none', stroke: hex, 'stroke-width': frame }));
    }
    const sides = [
      ['Top', 0, 0, 1, 0],
      ['Bottom', 0, 1, 1, 1],
      ['Left', 0, 0, 0, 1],
      ['Right', 1, 0, 1, 1],
    ] as const;
    for (const [side, x1, y1, x2, y2] of sides) {
      const width = Number.parseFloat(style[`border${side}Width`]);
      const kind = style[`border${side}Style`];
      const color = paintOf(style[`border${side}Color`]);
      if (!width || kind === 'none' || color.opacity === 0) continue;
      this.parts.push(
        element('line', {
          x1: at.x + x1 * at.width,
          y1: at.y + y1 * at.height,
          x2: at.x + x2 * at.width,
          y2: at.y + y2 * at.height,
          stroke: color.hex,
          'stroke-opacity': color.opacity,
          'stroke-width': width,
          ...(kind === 'dashed' && { 'stroke-dasharray': `${3 * width} ${2 * width}` }),
          ...(kind === 'dotted' && { 'stroke-dasharray': `${width} ${width}` }),
        }),
      );
    }
  }

  private rect(at: Box, fill: Paint, rx: number): void {
    this.parts.push(element('rect', { ...at, rx, fill: fill.hex, 'fill-opacity': fill.opacity }));
  }

  private layer(layer: Layer, at: Box): void {
    const place = { x: at.x + layer.x, y: at.y + layer.y, width: layer.width, height: layer.height };
    if (new Set(layer.stops.map(({ color }) => color)).size === 1) {
      this.rect(place, paintOf(layer.stops[0].color), 0);
      return;
    }
    const id = `g${this.names++}`;
    this.parts.push(
      layer.repeating ? stripes(id, layer) : ramp(id, layer),
      element('rect', { ...place, fill: `url(#${id})` }),
    );
  }

  private canvas(node: HTMLCanvasElement, box: DOMRect): void {
    if (!node.width || !node.height) return;
    const draw = drawingOf(node);
    if (draw) {
      const brush = new SvgBrush(this.placed(box), () => `b${this.names++}`);
      draw(brush);
      this.parts.push(brush.root);
      return;
    }
    this.parts.push(
      element('image', {
        ...this.placed(box),
        href: node.toDataURL('image/png'),
        style: `image-rendering:${getComputedStyle(node).imageRendering}`,
      }),
    );
  }

  /** A drawing within the page, with the colours it has now. */
  private vector(node: SVGSVGElement): void {
    const box = node.getBoundingClientRect();
    if (!box.width || !node.checkVisibility()) return;
    const copy = node.cloneNode(true) as SVGSVGElement;
    const originals = [node, ...node.querySelectorAll('*')];
    for (const [i, each] of [copy, ...copy.querySelectorAll<SVGElement>('*')].entries()) {
      const style = getComputedStyle(originals[i]);
      for (const name of ['fill', 'stroke'] as const) {
        if (style[name] !== 'none') each.setAttribute(name, paintOf(style[name]).hex);
        else each.setAttribute(name, 'none');
      }
      each.setAttribute('stroke-width', style.strokeWidth);
      each.setAttribute('font-family', style.fontFamily);
      each.setAttribute('font-size', style.fontSize);
    }
    copy.setAttribute('x', round(box.left - this.origin.left));
    copy.setAttribute('y', round(box.top - this.origin.top));
    copy.setAttribute('width', round(box.width));
    copy.setAttribute('height', round(box.height));
    this.parts.push(copy);
  }
}

const dataUrlOf = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });

/** The page's own faces, so that the picture looks the same where they are not installed. */
async function faces(): Promise<string> {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules];
    } catch {
      // A host page's, from another origin: its faces are not ours.
      return [];
    }
  });
  const written = rules
    .filter((rule) => rule instanceof CSSFontFaceRule)
    .map(async (rule) => {
      const url = rule.style.getPropertyValue('src').match(/url\("?([^")]+)/)?.[1];
      if (!url) return '';
      const base = rule.parentStyleSheet?.href ?? document.baseURI;
      const data = await dataUrlOf(await (await fetch(new URL(url, base))).blob()).catch(() => null);
      if (!data) return '';
      const family = rule.style.getPropertyValue('font-family');
      return `@font-face{font-family:${family};src:url("${data}");font-weight:${rule.style.getPropertyValue('font-weight')}}`;
    });
  return (await Promise.all(written)).join('');
}

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Where all of a node would stand, what one has to scroll for included. */
function wholeOf(node: HTMLElement): DOMRect {
  const { left, top, width, height } = node.getBoundingClientRect();
  const more = node.scrollHeight - node.clientHeight;
  return more > 1
    ? new DOMRect(left, top - node.scrollTop, width, height + more)
    : new DOMRect(left, top, width, height);
}

/** Of the palette that a node is drawn with, whatever page it stands on. */
function colorOf(node: HTMLElement, name: string, system: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name}, ${system})`;
  (node.shadowRoot ?? node).append(probe);
  const { hex } = paintOf(getComputedStyle(probe).color);
  probe.remove();
  return hex;
}

/** What `nodes` show now, one beneath the other as they stand on the page, with a caption below. */
export async function pictureOf(nodes: readonly HTMLElement[], caption: string): Promise<Picture> {
  const boxes = nodes.map(wholeOf);
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const width = right - left + 2 * MARGIN;
  const height = bottom - top + 2 * MARGIN + CAPTION;
  const paper = colorOf(nodes[0], 'paper', 'Canvas');
  const ink = colorOf(nodes[0], 'ink', 'CanvasText');
  const drawing = new Drawing(new DOMRect(left - MARGIN, top - MARGIN, 0, 0));
  for (const node of nodes) drawing.read(node, true);
  const root = element('svg', {
    xmlns: SVG,
    width,
    height,
    viewBox: `0 0 ${round(width)} ${round(height)}`,
    role: 'img',
  });
  const fitted = Math.min(12, ((width - 2 * MARGIN) / caption.length) * 1.9);
  root.append(
    element('title', {}, caption),
    element('style', {}, await faces()),
    element('rect', { width, height, fill: paper }),
    ...drawing.parts,
    element(
      'text',
      { x: MARGIN, y: height - MARGIN, 'font-family': 'Plex, sans-serif', 'font-size': fitted, fill: ink },
      caption,
    ),
  );
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}

/** The picture as PNG, two dots to a CSS pixel. */
export async function toPng({ svg, width, height }: Picture): Promise<Blob> {
  const image = new Image();
  // No `blob:` address: strict policies let pictures come from `data:` alone.
  image.src = await dataUrlOf(new Blob([svg], { type: 'image/svg+xml' }));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(2 * width);
  canvas.height = Math.ceil(2 * height);
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large to be drawn.'))));
  });
}
