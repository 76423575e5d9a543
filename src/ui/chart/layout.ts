/** Where everything in a chart goes: pure, so that what must not overlap can be tested. */
import { type Placed, placeBeside, rowsOf, spreadOut, widthOf } from './labels.ts';
import { fittingTicks, rangeOf, type Scale, scaleOf } from './scale.ts';
import type { LimitLine, ScaleKind, Series, VerticalMark } from './types.ts';

export interface ChartInput {
  readonly series: readonly Series[];
  readonly marks: readonly VerticalMark[];
  readonly limits: readonly LimitLine[];
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  readonly xFormat: (value: number) => string;
  readonly yFormat: (value: number) => string;
  /** Whether a linear y begins at 0. */
  readonly fromZero: boolean;
  /** Pixels: the whole picture, and one line of text. */
  readonly width: number;
  readonly height: number;
  readonly size: number;
}

export interface Dot {
  readonly series: number;
  readonly point: number;
  readonly x: number;
  readonly y: number;
  /** Ends of the error bars; null where there are none. */
  readonly yBar: readonly [number, number] | null;
  readonly xBar: readonly [number, number] | null;
  readonly label: Placed | null;
}

interface Tick {
  readonly at: number;
  readonly words: string;
}

export interface Layout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Words of the last one stay inside the picture. */
  readonly xTicks: readonly (Tick & { readonly wordsX: number })[];
  readonly yTicks: readonly Tick[];
  readonly dots: readonly Dot[];
  /** A path for each series that is joined; empty for the others. */
  readonly lines: readonly string[];
  /** The name at the end of each line; null where the legend names it. */
  readonly names: readonly ({
    readonly x: number;
    readonly y: number;
    readonly fromX: number;
    readonly fromY: number;
  } | null)[];
  readonly marks: readonly {
    readonly x: number;
    readonly wordsX: number;
    readonly wordsY: number;
    readonly words: string;
  }[];
  readonly limits: readonly { readonly path: string; readonly words: string; readonly x: number; readonly y: number }[];
}

/** Below this many lines' widths names stand in a legend instead of beside their lines. */
const WIDE = 44;

/** @throws never; without points the axes stand alone. */
export function layOut(input: ChartInput): Layout {
  const { series, size, width, height, xFormat, yFormat } = input;
  const [xRange, yRange] = ranges(input);
  const direct = width > WIDE * size && series.length > 0 && series.every(({ line }) => line !== undefined);
  const names = direct ? Math.max(...series.map(({ name }) => widthOf(name, size))) + 2 * size : 0;
  const bottom = height - 2.9 * size;
  const wanted = markRows(input, xRange, width);
  const top = 2.2 * size + wanted.rows * 1.3 * size;
  const y = scaleOf(input.yScale, yRange, bottom, top);
  const yValues = fittingTicks(y, () => 1.9 * size, 7);
  const left = Math.max(2 * size, ...yValues.map((tick) => widthOf(yFormat(tick), size))) + 0.7 * size;
  const right = width - Math.max(names, 0.8 * size);
  const x = scaleOf(input.xScale, xRange, left, right);
  const xValues = fittingTicks(x, (tick) => widthOf(xFormat(tick), size) + size, 12);
  const dots = dotsOf(input, x, y, { left, right: width, top, bottom });
  return {
    ...{ left, right, top, bottom, dots },
    xTicks: xValues.map((tick) => {
      const [at, words] = [x.at(tick), xFormat(tick)];
      return { at, words, wordsX: Math.min(at, width - widthOf(words, size) / 2) };
    }),
    yTicks: yValues.map((tick) => ({ at: y.at(tick), words: yFormat(tick) })),
    lines: series.map(({ points, line }) => (line === undefined ? '' : pathOf(points, x, y))),
    names: direct ? namesOf(dots, series, size, { top, bottom, right }) : series.map(() => null),
    marks: wanted.place(x),
    limits: input.limits.map((limit) => limitOf(limit, x, y, size)),
  };
}

/** Its words stand over its middle or under it, and stay inside. */
function limitOf({ words, points, below }: LimitLine, x: Scale, y: Scale, size: number): Layout['limits'][number] {
  const middle = points[Math.floor((points.length - 1) / 2)];
  const half = widthOf(words, size) / 2;
  const wanted = x.at(middle.x) + (below ? half + 0.8 * size : 0);
  const ends = [x.at(x.low) + half, x.at(x.high) - half];
  return {
    words,
    path: pathOf(points, x, y),
    x: Math.max(ends[0], Math.min(ends[1], wanted)),
    y: y.at(middle.y) + (below ? 1.4 : -0.6) * size,
  };
}

function ranges({ series, marks, limits, xScale, yScale, fromZero }: ChartInput) {
  const points = series.flatMap((each) => each.points);
  const roof = limits.flatMap((each) => each.points);
  const xs = points.flatMap(({ x, xSpread = 0 }) => [x, x - xSpread, x + xSpread]);
  const ys = points.flatMap(({ y, spread = 0 }) => [y, y - spread, y + spread]);
  return [
    rangeOf(xScale, [...xs, ...marks.map((mark) => mark.x), ...roof.map((point) => point.x)]),
    rangeOf(yScale, [...ys, ...roof.map((point) => point.y)], fromZero),
  ] as const;
}

/** Words of vertical lines take as many rows above the chart as they need. */
function markRows({ marks, xScale, size, width }: ChartInput, range: readonly [number, number], right: number) {
  const boxes = (x: Scale) =>
    marks.map(({ x: value, words }) => {
      const half = widthOf(words, size) / 2;
      const middle = Math.min(width - half - 2, Math.max(half + 2, x.at(value)));
      return { left: middle - half, right: middle + half };
    });
  // The axis is as wide as the picture within a few per cent: enough to count rows.
  const rows = marks.length ? Math.max(...rowsOf(boxes(scaleOf(xScale, range, 4 * size, right)), size)) + 1 : 0;
  const place = (x: Scale) => {
    const found = boxes(x);
    const own = rowsOf(found, size);
    return marks.map(({ x: value, words }, i) => ({
      words,
      x: x.at(value),
      wordsX: (found[i].left + found[i].right) / 2,
      wordsY: (2.4 + 1.3 * own[i]) * size,
    }));
  };
  return { rows, place };
}

function dotsOf({ series, size }: ChartInput, x: Scale, y: Scale, frame: Parameters<typeof placeBeside>[2]): Dot[] {
  const shown = (scale: Scale, value: number) => scale.kind === 'linear' || value > 0;
  const bar = (scale: Scale, value: number, spread?: number) =>
    spread ? ([scale.at(value - spread), scale.at(value + spread)] as const) : null;
  const bare = series.flatMap(({ points, line }, s) =>
    points.flatMap((point, p) =>
      shown(x, point.x) && shown(y, point.y)
        ? [
            {
              ...{ series: s, point: p, x: x.at(point.x), y: y.at(point.y) },
              yBar: bar(y, point.y, point.spread),
              xBar: bar(x, point.x, point.xSpread),
              words: point.label ?? '',
              main: point.main,
              joined: line !== undefined,
            },
          ]
        : [],
    ),
  );
  const labelled = bare.filter(({ words }) => words);
  const places = placeBeside(labelled, bare, frame, size);
  return bare.map(({ words: _, joined: __, main: ___, ...dot }) => ({
    ...dot,
    label: places[labelled.findIndex((each) => each.series === dot.series && each.point === dot.point)] ?? null,
  }));
}

function namesOf(
  dots: readonly Dot[],
  series: readonly Series[],
  size: number,
  { top, bottom, right }: { top: number; bottom: number; right: number },
): Layout['names'] {
  const ends = series.map((_, i) => dots.filter((dot) => dot.series === i).at(-1) ?? null);
  const there = ends.flatMap((end, i) => (end ? [{ end, i }] : []));
  const places = spreadOut(
    there.map(({ end }) => end.y),
    1.35 * size,
    top,
    bottom,
  );
  const found: (Layout['names'][number] | null)[] = series.map(() => null);
  for (const [rank, { end, i }] of there.entries()) {
    found[i] = { x: right + 1.6 * size, y: places[rank], fromX: end.x, fromY: end.y };
  }
  return found;
}

function pathOf(points: readonly { x: number; y: number }[], x: Scale, y: Scale): string {
  return points.map((point, i) => `${i ? 'L' : 'M'}${x.at(point.x).toFixed(1)} ${y.at(point.y).toFixed(1)}`).join('');
}

/** The point nearest to a place in the picture, or null when none is near. */
export function nearest(dots: readonly Dot[], x: number, y: number, reach: number): Dot | null {
  let best: Dot | null = null;
  let least = reach;
  for (const dot of dots) {
    const distance = Math.hypot(dot.x - x, dot.y - y);
    if (distance < least) [best, least] = [dot, distance];
  }
  return best;
}
