/** Linear gradients of a computed style, as boxes to be painted one over the other: bars, ramps and hatches are made of them. */
export interface Stop {
  readonly color: string;
  /** In pixels along the gradient, or as a share of it; null where CSS spreads the stops. */
  readonly at: { readonly value: number; readonly unit: 'px' | '%' } | null;
}

export interface Layer {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The stops are in pixels then, from 0 to the end of the period. */
  readonly repeating: boolean;
  /** Degrees, as in CSS: 0 goes up, 90 to the right. */
  readonly angle: number;
  /** The colour space it is mixed in, as CSS names it. */
  readonly space: string;
  readonly stops: readonly Stop[];
}

const SIDES: Readonly<Record<string, number>> = { top: 0, right: 90, bottom: 180, left: 270 };

/** At the commas that stand in no brackets. */
function split(list: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const each of list) {
    if (each === '(') depth++;
    if (each === ')') depth--;
    if (each === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += each;
  }
  return parts.map((part) => part.trim());
}

/** `62%`, `2px`, `calc(100% - 1px)`. */
function length(text: string, whole: number): number {
  let sum = 0;
  for (const [, sign, value, unit] of text.matchAll(/(-\s*)?([\d.]+)(px|%)/g)) {
    sum += (sign ? -1 : 1) * Number(value) * (unit === '%' ? whole / 100 : 1);
  }
  return sum;
}

/** Words apart, what stands in brackets together. */
const pair = (text: string): string[] => text.match(/calc\([^()]*\)|\S+/g) ?? [];

function stopsOf(part: string): Stop[] {
  const color = part.match(/^(?:[\w-]+\([^()]*\)|#\w+|\w+)/)?.[0] ?? 'transparent';
  const places = [...part.slice(color.length).matchAll(/(-?[\d.]+)(px|%)/g)];
  if (!places.length) return [{ color, at: null }];
  return places.map(([, value, unit]) => ({ color, at: { value: Number(value), unit: unit as 'px' | '%' } }));
}

/** A tile that the box is full of goes on, along the line of its gradient, as that gradient repeated. */
function tiled(layer: Layer, { width, height }: { readonly width: number; readonly height: number }): Layer {
  const slant = (layer.angle * Math.PI) / 180;
  const period = Math.abs(layer.width * Math.sin(slant)) + Math.abs(layer.height * Math.cos(slant));
  const stops = layer.stops.map(({ color, at }) => {
    const value = at && (at.unit === '%' ? (at.value / 100) * period : at.value);
    return { color, at: value === null ? null : { value, unit: 'px' as const } };
  });
  return { ...layer, x: 0, y: 0, width, height, repeating: true, stops };
}

interface Background {
  readonly backgroundImage: string;
  readonly backgroundSize: string;
  readonly backgroundPosition: string;
  readonly backgroundRepeat: string;
}

/** The lowest first. What is no linear gradient is left out. */
export function layersOf(style: Background, box: { readonly width: number; readonly height: number }): Layer[] {
  const sizes = split(style.backgroundSize);
  const places = split(style.backgroundPosition);
  const repeats = split(style.backgroundRepeat);
  const layers = split(style.backgroundImage).flatMap((image, i): Layer[] => {
    const [, repeating, inside] = image.match(/^(repeating-)?linear-gradient\((.*)\)$/s) ?? [];
    if (inside === undefined) return [];
    const parts = split(inside);
    const way = /^(to |in |-?[\d.]+deg)/.test(parts[0]) ? parts.shift()! : '';
    const side = way.match(/to (\w+)/)?.[1];
    const degrees = way.match(/(-?[\d.]+)deg/)?.[1];
    const [wide, high = 'auto'] = pair(sizes[i % sizes.length]);
    const width = wide === 'auto' ? box.width : length(wide, box.width);
    const height = high === 'auto' ? box.height : length(high, box.height);
    const [x = '0%', y = '50%'] = pair(places[i % places.length]);
    const layer = {
      x: length(x, box.width - width),
      y: length(y, box.height - height),
      width,
      height,
      repeating: repeating !== undefined,
      angle: side ? (SIDES[side] ?? 180) : degrees === undefined ? 180 : Number(degrees),
      space: way.match(/in (\w+)/)?.[1] ?? 'srgb',
      stops: parts.flatMap(stopsOf),
    };
    const small = width < box.width || height < box.height;
    return [small && repeats[i % repeats.length] === 'repeat' ? tiled(layer, box) : layer];
  });
  return layers.reverse();
}
