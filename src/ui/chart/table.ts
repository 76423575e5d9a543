/** The chart as a table: the same numbers, for whoever does not see the picture or wants to copy them. */
import { plusMinus } from '../kit/format.ts';
import type { ChartPoint, Series } from './types.ts';

export interface Twin {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Words {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xFormat: (value: number) => string;
  readonly yFormat: (value: number) => string;
}

/** A value with what it may be off by. */
export const withSpread = (value: number, spread: number | undefined, format: (value: number) => string): string =>
  spread === undefined ? format(value) : `${format(value)} ${plusMinus(value, spread)}`;

/** One row for an x where the series share theirs or there is but one, else one for each point. */
export function twinOf(series: readonly Series[], words: Words): Twin {
  const plain = series.every(({ points }) =>
    points.every((each) => each.label === undefined && each.xSpread === undefined),
  );
  return plain && (series.length === 1 || sharesX(series)) ? byX(series, words) : byPoint(series, words);
}

/** Most of the places are those of at least two series. */
function sharesX(series: readonly Series[]): boolean {
  const places = new Set(series.flatMap(({ points }) => points.map(({ x }) => x)));
  const points = series.reduce((sum, each) => sum + each.points.length, 0);
  return points >= 1.5 * places.size;
}

function byX(series: readonly Series[], { xLabel, yLabel, xFormat, yFormat }: Words): Twin {
  const places = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return {
    head: [xLabel, ...series.map(({ name }) => `${name}: ${yLabel}`)],
    rows: places.map((x) => [
      xFormat(x),
      ...series.map(({ points }) => {
        const point = points.find((each) => each.x === x);
        return point ? withSpread(point.y, point.spread, yFormat) : 'no value';
      }),
    ]),
  };
}

function byPoint(series: readonly Series[], { xLabel, yLabel, xFormat, yFormat }: Words): Twin {
  return {
    head: ['', xLabel, yLabel],
    rows: series.flatMap(({ name, points }) =>
      points.map((point) => [
        nameOf(name, point),
        withSpread(point.x, point.xSpread, xFormat),
        withSpread(point.y, point.spread, yFormat),
      ]),
    ),
  };
}

export const nameOf = (series: string, { label }: ChartPoint): string =>
  label === undefined || label === series ? series : `${series}, ${label}`;

/** A point in a sentence, for a screen reader and for the line under the chart. */
export function sentenceOf(series: string, point: ChartPoint, { xLabel, yLabel, xFormat, yFormat }: Words): string {
  const x = withSpread(point.x, point.xSpread, xFormat);
  const y = withSpread(point.y, point.spread, yFormat);
  return `${nameOf(series, point)}: ${yLabel} ${y} at ${xLabel} ${x}`;
}
