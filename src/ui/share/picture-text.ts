/** The words of the page as lines of SVG text, each as wide as it is on the page. */
import { element, paintOf, probe } from './picture-paint.ts';

type Place = Pick<DOMRect, 'left' | 'top' | 'height'>;

/** A text as it was broken into lines. */
export function linesOf(node: Text, origin: DOMRect): SVGElement[] {
  const content = node.data;
  const parent = node.parentElement ?? (node.getRootNode() as ShadowRoot).host;
  if (!content.trim() || !parent) return [];
  const style = getComputedStyle(parent);
  const range = document.createRange();
  const lines: SVGElement[] = [];
  let words = '';
  let start: DOMRect | null = null;
  let right = 0;
  const end = () => {
    if (start && words.trim()) lines.push(line(words.trim(), start, style, origin, right - start.left));
    words = '';
    start = null;
  };
  for (let at = 0; at < content.length; at++) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const here = range.getClientRects()[0];
    if (!here?.width) continue;
    if (start && Math.abs(here.top - start.top) > here.height / 2) end();
    const blank = !content[at].trim();
    if (blank && !start) continue;
    start ??= here;
    words += content[at];
    if (!blank) right = here.right;
  }
  end();
  return lines;
}

/** What a control says. */
export function valueLine(words: string, box: DOMRect, style: CSSStyleDeclaration, origin: DOMRect): SVGElement[] {
  const padding = Number.parseFloat(style.paddingLeft) || 0;
  const { top, height } = box;
  return words.trim() ? [line(words.trim(), { left: box.left + padding, top, height }, style, origin)] : [];
}

/** Words that a style puts before, after or under those of an element. */
export function addedTo(node: HTMLElement, box: DOMRect, origin: DOMRect): SVGElement[] {
  return ['::before', '::after'].flatMap((part) => {
    const style = getComputedStyle(node, part);
    const words = [...style.content.matchAll(/"([^"]*)"|attr\(([\w-]+)\)/g)]
      .map(([, said, attribute]) => said ?? node.getAttribute(attribute) ?? '')
      .join('')
      .trim();
    if (!words || style.display === 'none' || style.visibility === 'hidden') return [];
    const height = Number.parseFloat(style.lineHeight) || Number.parseFloat(style.fontSize);
    const width = measured(words, style);
    const before = part === '::before';
    const { paddingLeft, paddingRight } = getComputedStyle(node);
    const left = before
      ? box.left + Number.parseFloat(paddingLeft)
      : box.right - Number.parseFloat(paddingRight) - width;
    if (style.position !== 'absolute') return [line(words, { ...box.toJSON(), left }, style, origin)];
    const middle = (box.left + box.right - width) / 2;
    const top = box.bottom - Number.parseFloat(style.bottom) - height;
    return [line(words, { left: style.textAlign === 'center' ? middle : left, top, height }, style, origin)];
  });
}

function measured(words: string, style: CSSStyleDeclaration): number {
  probe.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return probe.measureText(words).width;
}

/** @param width that the line must have, whatever face a program sets it in */
function line(words: string, place: Place, style: CSSStyleDeclaration, origin: DOMRect, width?: number): SVGElement {
  probe.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = probe.measureText('x');
  const ink = paintOf(style.color);
  return element(
    'text',
    {
      x: place.left - origin.left,
      y: place.top - origin.top + (place.height + ascent - descent) / 2,
      ...(width && words.length > 1 && { textLength: width }),
      'font-family': style.fontFamily,
      'font-size': Number.parseFloat(style.fontSize),
      'font-weight': style.fontWeight,
      'font-style': style.fontStyle,
      style: `letter-spacing:${style.letterSpacing};font-variant-numeric:${style.fontVariantNumeric}`,
      fill: ink.hex,
      'fill-opacity': ink.opacity,
    },
    words,
  );
}
