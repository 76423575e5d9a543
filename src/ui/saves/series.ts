/** A comparison as the series of its charts. */
import { type BlockShape, expectedExpertsTouched } from '../../compare/costModel.ts';
import type { Limits } from '../../compare/limits.ts';
import { segmentCost } from '../../compare/segmentCost.ts';
import { bytesPerWeight } from '../../compare/twins.ts';
import type { TensorType } from '../../model/types.ts';
import { BATCHES, type Comparison } from '../../state/saves/comparison.ts';
import type { Crossing, SweepPoint } from '../../worker/protocol.ts';
import type { LimitLine, Series, VerticalMark } from '../chart/types.ts';
import { KIND_WORDS, KINDS } from '../kit/kinds.ts';
import { crossingWords, rate, SEGMENT_WORDS } from './words.ts';

/** Experts that a step touches: what chance predicts, and what the router did on held-out text. */
export function touchedSeries(
  shape: Pick<BlockShape, 'experts' | 'expertsPerToken'>,
  points: readonly SweepPoint[],
): Series[] {
  const { experts, expertsPerToken } = shape;
  const predicted = BATCHES.map((x) => ({ x, y: expectedExpertsTouched(experts, expertsPerToken, x) }));
  const measured = points.flatMap(({ tokens, touched }) =>
    touched.measured === null ? [] : [{ x: tokens, y: touched.measured }],
  );
  return [
    { name: 'by chance', points: predicted, mark: 'ring', line: 'dashed' },
    ...(measured.length
      ? [{ name: 'on real text', points: measured, mark: 'disc', line: 'solid', accent: true } satisfies Series]
      : []),
  ];
}

export function timeSeries(points: readonly SweepPoint[]): Series[] {
  return byKind(points, (row) => ({ y: row.time.median, spread: row.time.spread }));
}

export function readSeries(points: readonly SweepPoint[]): Series[] {
  const measured = points.flatMap(({ tokens, bytesReadMeasured }) =>
    bytesReadMeasured === null ? [] : [{ x: tokens, y: bytesReadMeasured }],
  );
  const real: Series = {
    name: 'This MoE, on real text',
    points: measured,
    mark: 'diamond',
    line: 'dotted',
    accent: true,
  };
  return [...byKind(points, (row) => ({ y: row.bytesRead })), ...(measured.length ? [real] : [])];
}

function byKind(
  points: readonly SweepPoint[],
  value: (row: SweepPoint['rows'][number]) => { y: number; spread?: number },
): Series[] {
  return KINDS.map((kind) => ({
    name: KIND_WORDS[kind].name,
    ...KIND_WORDS[kind].look,
    points: points.flatMap(({ tokens, rows }) => {
      const row = rows.find((each) => each.kind === kind);
      return row ? [{ x: tokens, ...value(row) }] : [];
    }),
  }));
}

/** Crossings of a quantity within the batch sizes of a chart. */
export function marksOf(
  crossings: readonly Crossing[],
  quantity: Crossing['quantity'],
  points: readonly SweepPoint[],
): VerticalMark[] {
  const [low, high] = [points[0]?.tokens ?? 0, points.at(-1)?.tokens ?? 0];
  return crossings
    .filter((each) => each.quantity === quantity && each.tokens >= low && each.tokens <= high)
    .map((each) => ({ x: each.tokens, words: crossingWords(each) }));
}

/** Blocks and segments on the roofline: FLOPs per byte read across, FLOPs per second up. */
export function rooflineSeries({ shape, method }: Pick<Comparison, 'shape' | 'method'>, point: SweepPoint): Series[] {
  const perWeight = bytesPerWeight(method.weights as TensorType);
  const perSecond = (flops: number, milliseconds: number) => (1000 * flops) / milliseconds;
  const blocks = point.rows.map(({ kind, flops, bytesRead, time }) => ({
    name: KIND_WORDS[kind].name,
    mark: KIND_WORDS[kind].look.mark,
    accent: KIND_WORDS[kind].look.accent,
    points: [{ x: flops / bytesRead, y: perSecond(flops, time.median), label: KIND_WORDS[kind].name }],
  }));
  const segments = point.segments.flatMap(({ name, time }) => {
    const work = segmentCost(name, shape, point.tokens, perWeight);
    if (!work || work.flops === 0) return [];
    return [{ x: work.flops / work.bytes, y: perSecond(work.flops, time.median), label: SEGMENT_WORDS[name] }];
  });
  return [...blocks, { name: 'Segments of this MoE', mark: 'cross', points: segments }];
}

/** The roof: what reading allows on the left, what multiplying allows on the right. */
export function roof({ read, fma }: Limits, series: readonly Series[]): LimitLine[] {
  const ridge = fma.rate / read.rate;
  const xs = series.flatMap(({ points }) => points.map(({ x }) => x));
  const low = Math.min(ridge / 4, ...xs) / 1.5;
  const high = Math.max(ridge * 4, ...xs) * 1.5;
  const between = (a: number, b: number) => Math.sqrt(a * b);
  const slope = [low, between(low, ridge), ridge].map((x) => ({ x, y: x * read.rate }));
  const flat = [ridge, between(ridge, high), high].map((x) => ({ x, y: fma.rate }));
  return [
    { words: `reading, ${rate(read.rate, 'B/s')} measured`, points: slope, below: true },
    { words: `multiply-adds, ${rate(fma.rate, 'FLOP/s')} measured`, points: flat },
  ];
}
