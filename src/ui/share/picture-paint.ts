/** Colours, ramps and hatches of the page as SVG that any program understands. */
import type { Layer } from './picture-backgrounds.ts';

export const SVG = 'http://www.w3.org/2000/svg';

/** Measures text and mixes colours. */
export const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;

export interface Paint {
  readonly hex: string;
  readonly opacity: number;
}

/** Any CSS colour as every program knows it. */
export function paintOf(color: string): Paint {
  probe.canvas.width = 1;
  probe.canvas.height = 1;
  probe.fillStyle = color;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
  return { hex: `#${[r, g, b].map((x) => x.toString(16).padStart(2, '0')).join('')}`, opacity: a / 255 };
}

export const round = (value: number) => String(Math.round(value * 100) / 100);

/** An SVG element with its attributes. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    // As an attribute a strict Content-Security-Policy forbids it.
    if (key === 'style') made.style.cssText = String(value);
    else made.setAttribute(key, typeof value === 'number' ? round(value) : value);
  }
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Stripes along the gradient's line, as a pattern that is turned. */
export function stripes(id: string, { angle, stops }: Layer): SVGElement {
  const period = stops.at(-1)?.at?.value ?? 1;
  const made = element('pattern', {
    id,
    width: period,
    height: period,
    patternUnits: 'userSpaceOnUse',
    patternTransform: `rotate(${angle - 90})`,
  });
  for (const [i, { color, at }] of stops.entries()) {
    const from = at?.value ?? 0;
    const next = stops[i + 1];
    const paint = paintOf(color);
    if (!next?.at || next.color !== color || paint.opacity === 0) continue;
    made.append(element('rect', { x: from, y: 0, width: next.at.value - from, height: period, fill: paint.hex }));
  }
  return made;
}

/** Steps between two colours: SVG mixes in sRGB, the page need not. */
const STEPS = 8;

/** A gradient in the colour space that the page mixes it in. */
export function ramp(id: string, { angle, space, stops }: Layer): SVGElement {
  const [sine, cosine] = [Math.sin((angle * Math.PI) / 180) / 2, Math.cos((angle * Math.PI) / 180) / 2];
  const made = element('linearGradient', { id, x1: 0.5 - sine, y1: 0.5 + cosine, x2: 0.5 + sine, y2: 0.5 - cosine });
  const place = (i: number) => (stops[i].at?.unit === '%' ? stops[i].at.value / 100 : i / (stops.length - 1));
  const stop = (offset: number, color: string) => {
    const { hex, opacity } = paintOf(color);
    made.append(element('stop', { offset, 'stop-color': hex, 'stop-opacity': opacity }));
  };
  for (let i = 0; i < stops.length; i++) {
    stop(place(i), stops[i].color);
    if (i + 1 === stops.length || space === 'srgb') continue;
    for (let step = 1; step < STEPS; step++) {
      const part = step / STEPS;
      const mixed = `color-mix(in ${space}, ${stops[i].color}, ${stops[i + 1].color} ${100 * part}%)`;
      stop(place(i) + (place(i + 1) - place(i)) * part, mixed);
    }
  }
  return made;
}
