/** The picture that is learned by default: a cat before tiles, drawn for this project. The same bytes everywhere. */
import { hash } from '../reference/hash.ts';
import type { Pixels } from '../reference/painter/inputs.ts';

type Colour = readonly [number, number, number];

/** Samples of a pixel, along each axis. */
const SAMPLES = 3;

const mix = (a: Colour, b: Colour, share: number): Colour => {
  const s = Math.max(0, Math.min(1, share));
  return [a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s, a[2] + (b[2] - a[2]) * s];
};
/** Below 1 inside an ellipse. */
const ellipse = (x: number, y: number, cx: number, cy: number, rx: number, ry: number) =>
  Math.hypot((x - cx) / rx, (y - cy) / ry);
/** Distance from a line between two points. */
function segment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
const lot = (x: number, y: number) => hash((Math.imul(x, 73856093) ^ Math.imul(y, 19349663)) >>> 0) / 2 ** 32;

/** Smooth noise from 0 to 1. */
function noise(x: number, y: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - i, y - j].map((t) => t * t * (3 - 2 * t));
  const row = (b: number) => lot(i, b) + (lot(i + 1, b) - lot(i, b)) * u;
  return row(j) + (row(j + 1) - row(j)) * v;
}

const TILES: readonly (readonly [Colour, Colour, Colour])[] = [
  [
    [18, 94, 122],
    [244, 233, 205],
    [235, 120, 58],
  ],
  [
    [236, 226, 198],
    [28, 108, 138],
    [214, 62, 70],
  ],
  [
    [38, 52, 98],
    [250, 196, 78],
    [240, 238, 226],
  ],
  [
    [226, 148, 62],
    [250, 238, 208],
    [32, 86, 110],
  ],
];

function wall(x: number, y: number): Colour {
  const [u, v] = [(x + 1) * 3.5, (y + 1) * 3.5];
  const [i, j] = [Math.floor(u), Math.floor(v)];
  const [a, b] = [2 * (u - i) - 1, 2 * (v - j) - 1];
  if (Math.max(Math.abs(a), Math.abs(b)) > 0.95) return [206, 200, 186];
  const [ground, figure, dot] = TILES[Math.floor(4 * lot(i + 7, j + 3))];
  const r = Math.hypot(a, b);
  const petals = 0.5 + 0.3 * Math.cos((lot(j, i) < 0.5 ? 4 : 8) * Math.atan2(b, a));
  const glaze = 0.92 + 0.16 * noise(9 * u, 9 * v);
  const flat = r < 0.2 ? dot : r < petals ? figure : Math.abs(a) + Math.abs(b) > 1.45 ? dot : ground;
  return [flat[0] * glaze, flat[1] * glaze, flat[2] * glaze];
}

const RUG: readonly Colour[] = [
  [186, 30, 52],
  [246, 208, 106],
  [30, 66, 120],
  [240, 236, 222],
  [24, 126, 96],
];

function rug(x: number, y: number): Colour {
  const row = (y - 0.7) * 16;
  const zigzag = Math.abs(((x * 7 + 70) % 1) - 0.5) * 1.6;
  const colour = RUG[Math.floor(row + zigzag + 10) % RUG.length];
  const weave = 0.86 + 0.14 * Math.sin(x * 190) * Math.sin(y * 190);
  return [colour[0] * weave, colour[1] * weave, colour[2] * weave];
}

const GINGER: Colour = [228, 132, 48];
const DARK: Colour = [146, 66, 22];
const CREAM: Colour = [252, 236, 212];

/** Fur, with the stripes of a tabby where `stripe` is near 1. */
function fur(x: number, y: number, stripe: number): Colour {
  const hair = noise(70 * x + 30 * y, 16 * y) - 0.5;
  const base = mix(GINGER, [250, 176, 88], 0.5 + 0.5 * Math.sin(5 * x + 3 * y));
  return mix(mix(base, DARK, stripe), hair > 0 ? [255, 226, 170] : [96, 44, 20], Math.abs(hair) * 0.75);
}

const band = (t: number) => Math.max(0, Math.min(1, 3 * Math.sin(t) - 0.6));

function body(x: number, y: number): Colour | null {
  if (ellipse(x, y, 0, 0.86, 0.62, 0.62) > 1) return null;
  if (ellipse(x, y, 0, 0.86, 0.26, 0.5) < 1) return mix(CREAM, [214, 190, 160], noise(30 * x, 14 * y));
  return fur(x, y, band(15 * y + 9 * Math.abs(x)));
}

function ear(x: number, y: number, side: number): Colour | null {
  const [u, v] = [side * x, y];
  const inside = (tip: number, left: number, right: number) => {
    const top = tip;
    const share = (v - top) / (-0.3 - top);
    const middle = 0.5 + (0.34 - 0.5) * share;
    return share > 0 && share < 1.2 && u > middle - left * share && u < middle + right * share;
  };
  if (inside(-0.74, 0.1, 0.22)) return mix([238, 150, 140], [170, 70, 70], noise(40 * x, 20 * y));
  return inside(-0.86, 0.26, 0.24) ? fur(x, y, 0.3) : null;
}

function eye(x: number, y: number, side: number): Colour | null {
  const [u, v] = [side * x - 0.235, y + 0.12];
  const lid = ellipse(u, v + 0.12 * u, 0, 0, 0.155, 0.115);
  if (lid > 1.18) return null;
  if (lid > 1) return [52, 24, 16];
  if (Math.hypot(u * side + 0.045, v + 0.045) < 0.028) return [255, 255, 255];
  if (ellipse(u, v, 0, 0, 0.03, 0.098) < 1) return [12, 14, 16];
  const ray = 0.5 + 0.5 * Math.sin(22 * Math.atan2(v, u));
  return mix(mix([188, 214, 66], [34, 138, 92], Math.hypot(u, v) / 0.14), [236, 230, 120], 0.35 * ray);
}

function face(x: number, y: number): Colour | null {
  const nose = Math.abs(x) < 0.075 - 0.9 * Math.abs(y - 0.12) && y > 0.07 && y < 0.2;
  if (nose) return mix([236, 120, 128], [180, 66, 84], (y - 0.07) / 0.09);
  const mouth = Math.min(segment(x, y, 0, 0.17, 0, 0.23), Math.abs(Math.hypot(Math.abs(x) - 0.09, y - 0.215) - 0.09));
  if (mouth < 0.011 && y > 0.17 && y < 0.33 && Math.abs(x) < 0.17) return [84, 36, 28];
  const spot = Math.hypot(((Math.abs(x) - 0.1) * 14) % 1, ((y - 0.16) * 14) % 1);
  const muzzle = Math.min(ellipse(Math.abs(x), y, 0.12, 0.21, 0.17, 0.125), ellipse(x, y, 0, 0.33, 0.14, 0.1));
  if (muzzle < 1)
    return spot < 0.2 && muzzle < 0.75 && y < 0.25 ? [120, 84, 66] : mix(CREAM, [226, 200, 172], noise(44 * x, 26 * y));
  if (ellipse(x, y, 0, -0.06, 0.6, 0.5) > 1) return null;
  const brow = y < -0.24 ? band(26 * x + 1.6) * Number(Math.abs(x) < 0.3) : 0;
  const cheek = Math.abs(x) > 0.36 ? band(24 * y + 8 * Math.abs(x)) : 0;
  return fur(x, y, Math.max(brow, cheek));
}

function collar(x: number, y: number): Colour | null {
  const bell = Math.hypot(x, y - 0.57);
  if (bell < 0.085)
    return Math.abs(y - 0.585) < 0.01 || (bell < 0.025 && y > 0.57)
      ? [92, 60, 8]
      : mix([255, 232, 120], [206, 138, 20], bell * 11 + 4 * (y - 0.57));
  const strap = Math.abs(y - 0.43 - 0.06 * Math.cos(2.6 * x));
  if (strap > 0.04 || Math.abs(x) > 0.47) return null;
  return Math.abs(((x * 12 + 12) % 1) - 0.5) < 0.16 && strap < 0.018 ? [250, 244, 230] : [28, 74, 168];
}

function whisker(x: number, y: number): boolean {
  const [u, lines] = [
    Math.abs(x),
    [
      [0.07, -0.02],
      [0.19, 0.19],
      [0.29, 0.4],
    ],
  ];
  return lines.some(([from, to], i) => segment(u, y, 0.17, 0.17 + 0.05 * i, 0.86, 0.12 + from + to - 0.14) < 0.0075);
}

/** x and y from -1 to 1, downwards. */
function colourAt(x: number, y: number): Colour {
  if (whisker(x, y)) return [255, 252, 244];
  const eyes = eye(x, y, 1) ?? eye(x, y, -1);
  const head = eyes ?? face(x, y) ?? ear(x, y, 1) ?? ear(x, y, -1);
  if (head) return head;
  const rest = collar(x, y) ?? body(x, y);
  if (rest) return rest;
  return y > 0.7 ? rug(x, y) : wall(x, y);
}

/** The cat, as large as asked. */
export function drawnPicture(size: number): Pixels {
  const data = new Uint8ClampedArray(4 * size * size);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const sum = [0, 0, 0];
    for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
      const across = (pixel % size) + ((sample % SAMPLES) + 0.5) / SAMPLES;
      const down = Math.floor(pixel / size) + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
      const colour = colourAt((2 * across) / size - 1, (2 * down) / size - 1);
      for (let c = 0; c < 3; c++) sum[c] += colour[c];
    }
    data.set([...sum.map((each) => each / SAMPLES ** 2), 255], 4 * pixel);
  }
  return { width: size, height: size, data };
}
