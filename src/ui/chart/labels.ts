/** Words in a chart that never lie on one another. */

/** A word's width in pixels, rather too much: a digit of the page's figures is 0.6 of their size. */
export const widthOf = (words: string, size: number): number => words.length * size * 0.58;

/** Places near the wanted ones, in their order, at least `gap` apart and, where there is room, between `low` and `high`. */
export function spreadOut(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const places = order.map((i) => Math.max(low, wanted[i]));
  for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i], places[i - 1] + gap);
  for (let i = places.length - 1; i >= 0; i--) {
    const ceiling = i === places.length - 1 ? high : places[i + 1] - gap;
    places[i] = Math.min(places[i], ceiling);
  }
  const found: number[] = new Array(wanted.length);
  for (const [rank, i] of order.entries()) found[i] = places[rank];
  return found;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly words: string;
  /** A line goes through the point: words stand above or below it first. */
  readonly joined?: boolean;
  /** Takes its place before the others. */
  readonly main?: boolean;
}

export interface Placed {
  readonly x: number;
  /** Base line. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  /** The end of a line from the point, where the words stand away from it. */
  readonly leadY?: number;
}

const meet = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Lines of text between a point and its words, where there is no room beside it. */
const AWAY = [2, 3, 4, 5];

/** Sets each word beside its point, on the first side that is free, else above or below it; null where nothing is. No point is covered. */
export function placeBeside(
  anchors: readonly Anchor[],
  points: readonly { readonly x: number; readonly y: number }[],
  frame: Box,
  size: number,
): (Placed | null)[] {
  const dot = 0.45 * size;
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - dot, right: x + dot, top: y - dot, bottom: y + dot }));
  const place = ({ x, y, words, joined }: Anchor): Placed | null => {
    const width = widthOf(words, size);
    const away = 0.8 * size;
    const across: Placed[] = [
      { x: x + away, y: y + 0.35 * size, anchor: 'start' },
      { x: x - away, y: y + 0.35 * size, anchor: 'end' },
    ];
    const along: Placed[] = [
      { x, y: y - away, anchor: 'middle' },
      { x, y: y + away + 0.75 * size, anchor: 'middle' },
    ];
    const sides: Placed[] = [
      ...(joined ? [...along, ...across] : [...across, ...along]),
      { x: x + 0.5 * away, y: y - 0.7 * away, anchor: 'start' },
      { x: x + 0.5 * away, y: y + away + 0.5 * size, anchor: 'start' },
      ...AWAY.flatMap((lines): Placed[] => [
        { x, y: y + (lines + 0.75) * size, anchor: 'start', leadY: y + lines * size },
        { x, y: y - lines * size, anchor: 'start', leadY: y - (lines - 0.2) * size },
      ]),
    ];
    for (const side of sides) {
      const left = side.x - { start: 0, middle: width / 2, end: width }[side.anchor];
      const box = { left, right: left + width, top: side.y - 0.8 * size, bottom: side.y + 0.25 * size };
      const inside =
        left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
      if (!inside || taken.some((other) => meet(box, other))) continue;
      taken.push(box);
      return side;
    }
    return null;
  };
  const found: (Placed | null)[] = anchors.map(() => null);
  const order = [...anchors.keys()].sort((a, b) => Number(anchors[b].main ?? false) - Number(anchors[a].main ?? false));
  for (const i of order) found[i] = place(anchors[i]);
  return found;
}

/** Rows for words that stand on their own x, so that none touches another: the row of each, from 0. */
export function rowsOf(words: readonly { readonly left: number; readonly right: number }[], gap: number): number[] {
  const ends: number[] = [];
  const order = words.map((_, i) => i).sort((a, b) => words[a].left - words[b].left);
  const rows: number[] = new Array(words.length);
  for (const i of order) {
    const free = ends.findIndex((end) => end + gap <= words[i].left);
    const row = free < 0 ? ends.length : free;
    ends[row] = words[i].right;
    rows[i] = row;
  }
  return rows;
}
