/** What is painted behind an element of another page, as far as its styles tell. */
import { over, type Rgba, white } from './colour-maths.ts';

/** The element that `node` stands in as it is drawn: through slots and shadow roots. */
export function around(node: Element): Element | null {
  return node.assignedSlot ?? node.parentElement ?? ((node.getRootNode() as ShadowRoot).host || null);
}

let context: CanvasRenderingContext2D | null = null;
const read = new Map<string, Rgba>();

/** A computed colour, in any notation, as numbers. */
export function rgba(colour: string): Rgba {
  const kept = read.get(colour);
  if (kept) return kept;
  context ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = 'black';
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  const made: Rgba = [red, green, blue, alpha / 255];
  if (read.size > 500) read.clear();
  read.set(colour, made);
  return made;
}

/** Colours in a computed `background-image`, gradients alone. */
const STOPS = /(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\((?:[^()]|\([^()]*\))*\)/g;

export interface Behind {
  /** Colours that may be there, opaque. */
  readonly papers: readonly Rgba[];
  /** One plain colour was found. */
  readonly known: boolean;
}

/** Reads from `host` up to the first opaque colour; under all of it is the canvas. */
export function behind(host: Element): Behind {
  const layers: (readonly Rgba[])[] = [];
  let known = true;
  let ground: readonly Rgba[] | null = null;
  for (let node: Element | null = host; node && !ground; node = around(node)) {
    const { backgroundColor, backgroundImage, backgroundClip } = getComputedStyle(node);
    if (backgroundClip === 'text') continue;
    if (backgroundImage !== 'none') {
      known = false;
      const stops = (backgroundImage.match(STOPS) ?? []).map(rgba);
      // Pictures tell nothing: what is under them counts.
      if (stops.length && !backgroundImage.includes('url(')) {
        if (stops.every(([, , , alpha]) => alpha === 1)) ground = stops;
        else layers.push(stops);
      }
    }
    const plain = rgba(backgroundColor);
    if (!ground && plain[3] === 1) ground = [plain];
    else if (!ground && plain[3] > 0) layers.push([plain]);
  }
  if (!ground) known = false;
  let papers = ground ?? [canvasOf(host.ownerDocument)];
  for (const upper of layers.reverse())
    papers = papers.flatMap((lower) => upper.map((each) => over(each, lower))).slice(0, 64);
  return { papers, known };
}

/** A page without a background shows the browser's own, dark or light as its `color-scheme` says. */
function canvasOf(document: Document): Rgba {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const dark =
    scheme.includes('dark') && (!scheme.includes('light') || matchMedia('(prefers-color-scheme: dark)').matches);
  return dark ? [18, 18, 18, 1] : white;
}
