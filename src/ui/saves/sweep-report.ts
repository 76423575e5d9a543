/** The sweep over batch sizes as a result to show. */
import { type Comparison, REACHES } from '../../state/saves/comparison.ts';
import type { SweepPoint } from '../../worker/protocol.ts';
import { bytes, percent, short } from '../kit/format.ts';
import { KIND_WORDS, KINDS } from '../kit/kinds.ts';
import { headlineOf } from './headline.ts';
import { originWords, type Report } from './report.ts';
import { methodWords, rate, timeOf, tokensPerStep, unsteadyWords } from './words.ts';

/** How far a sweep was asked to go, as far as it came. */
export const reachOf = ({ points }: Pick<Comparison, 'points'>) =>
  REACHES.find((reach) => reach >= points[points.length - 1].tokens) ?? 512;

export function sweepReport(comparison: Comparison): Report {
  const { points, limits, method, info, lost, model, shape } = comparison;
  const { experts, expertsPerToken, width, expertHidden } = shape;
  return {
    title:
      'One MoE layer beside a dense block of the same active size, one of the same total size, and itself with all experts on',
    headline: headlineOf(points[0].rows, 'block', tokensPerStep(points[0].tokens)),
    origin: `${model}. E = ${experts}, K = ${expertsPerToken}, D = ${width}, H = ${expertHidden}. ${originWords(comparison)}`,
    fallback: info.fallback,
    card: {
      head: ['tokens per step', ...KINDS.map((kind) => KIND_WORDS[kind].name)],
      rows: points.map(({ tokens, rows }) => [
        String(tokens),
        ...KINDS.map((kind) => {
          const row = rows.find((each) => each.kind === kind);
          return row ? `${timeOf(row.time)}\n${percent(row.roofline.share)} of its roofline` : 'not run';
        }),
      ]),
    },
    full: {
      head: [
        ...['N', 'block', 'weights held (computed)', 'weights read (computed)', 'FLOPs (computed)'],
        ...['time (measured)', 'n', 'of its roofline'],
      ],
      rows: points.flatMap(({ tokens, rows }) =>
        rows.map(({ kind, bytesHeld, bytesRead, flops, time, roofline }) => [
          ...[String(tokens), KIND_WORDS[kind].name, bytes(bytesHeld), bytes(bytesRead), short(flops)],
          ...[timeOf(time), String(time.samples), percent(roofline.share)],
        ]),
      ),
    },
    notes: [
      `Time per step, measured, n = ${samples(points)}. Weights held, computed: ${held(points)}.`,
      `Limits of this machine, measured: reading ${rate(limits.read.rate, 'B/s')}, multiply-adds ${rate(limits.fma.rate, 'FLOP/s')}.`,
      ...[methodWords(method), unsteadyWords(comparison), lost].filter((words) => words !== null),
    ],
    repeat: String(reachOf(comparison)),
    data: comparison,
  };
}

function samples(points: readonly SweepPoint[]): string {
  const counts = points.flatMap(({ rows }) => rows.map(({ time }) => time.samples));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

const held = (points: readonly SweepPoint[]): string =>
  points[0].rows.map(({ kind, bytesHeld }) => `${KIND_WORDS[kind].name} ${bytes(bytesHeld)}`).join(', ');
