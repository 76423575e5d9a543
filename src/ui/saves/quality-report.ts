/** Quality beside speed as a result to show. */
import type { StampedQuality } from '../../state/saves/quality.ts';
import { mostTokens } from '../../state/saves/quality-points.ts';
import { bits, bytes, million, short } from '../kit/format.ts';
import { ROLE_KINDS, ROLES } from '../kit/kinds.ts';
import { labelOf, method, notComparable, unsteady } from '../quality/quality-words.ts';
import { headlineOf } from './headline.ts';
import { originWords, type Report } from './report.ts';
import { timeOf } from './words.ts';

export function qualityReport(quality: StampedQuality): Report {
  const { points, browser, date, lost } = quality;
  const [{ info, heldout }] = points;
  const most = mostTokens(points);
  return {
    title:
      'Loss beside time: a MoE with more and fewer experts per token, and dense models of its active and its total size',
    headline: headlineOf(
      points.filter(({ trained }) => trained).map(({ model, time }) => ({ kind: ROLE_KINDS[model.role], time })),
      'model',
      'writing one text',
    ),
    origin: originWords({ info, browser, date }),
    fallback: points.some((point) => point.info.fallback),
    card: {
      head: ['model', 'bits per byte', 'time per token', 'FLOPs per token, computed'],
      rows: points.map((point) => [
        labelOf(point, most),
        bits(point.heldout.bitsPerByte),
        point.time ? timeOf(point.time) : 'not timed',
        short(point.flops),
      ]),
    },
    full: {
      head: [
        ...['model', ...texts(quality).map(({ title }) => `${title} (bits per byte)`)],
        ...['time per token (measured)', 'n', 'FLOPs per token (computed)', 'weights read (computed)', 'tokens seen'],
      ],
      rows: points.map((point) => [
        ...[labelOf(point, most), ...[point.heldout, ...point.domains].map(({ bitsPerByte }) => bits(bitsPerByte))],
        ...(point.time ? [timeOf(point.time), String(point.time.samples)] : ['not timed', '0']),
        ...[short(point.flops), bytes(point.bytesRead)],
        million(point.tokensSeen),
      ]),
    },
    notes: [
      `Held-out text of ${points[0].domains.length} kinds, ${heldout.tokens} tokens, ${heldout.bytes} bytes: less loss is better.`,
      method(quality),
      ...[
        notComparable(points.map(({ model, tokensSeen }) => ({ name: ROLES[model.role], tokensSeen }))),
        unsteady(points),
        lost,
      ].filter((words) => words !== null),
    ],
    repeat: 'quality',
    data: quality,
  };
}

const texts = ({ points }: StampedQuality) => [points[0].heldout, ...points[0].domains];
