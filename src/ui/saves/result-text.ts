/** A result as others can read and repeat it: Markdown and JSON. */
import type { Comparison } from '../../state/comparison.ts';
import { bytes, percent, short } from '../format.ts';
import { KIND_WORDS } from '../kinds.ts';
import { FALLBACK, methodWords, rate, timeOf, unsteadyWords } from './words.ts';

export const TITLE =
  'One MoE layer beside a dense block of the same active size, one of the same total size, and itself with all experts on';

/** Which machine, which model, when. */
export function originWords({ model, info, browser, date, shape }: Comparison): string {
  const { experts, expertsPerToken, width, expertHidden } = shape;
  return `${model}: ${expertsPerToken} of ${experts} experts, D = ${width}, H = ${expertHidden}. ${info.name}${info.fallback ? ' (software)' : ''}, ${browser}, ${date.slice(0, 16).replace('T', ' ')} UTC.`;
}

/** @param link repeats the measurement's page. */
export function markdownOf(comparison: Comparison, link: string): string {
  const { points, limits, method, info, lost } = comparison;
  const rows = points.flatMap(({ tokens, rows }) =>
    rows.map(({ kind, bytesHeld, bytesRead, flops, time, roofline }) =>
      [
        tokens,
        KIND_WORDS[kind].name,
        ...[bytes(bytesHeld), bytes(bytesRead), short(flops), timeOf(time), time.samples, percent(roofline.share)],
      ].join(' | '),
    ),
  );
  return [
    `### ${TITLE}`,
    '',
    originWords(comparison),
    ...(info.fallback ? ['', `**${FALLBACK}**`] : []),
    '',
    '| N | block | weights held (computed) | weights read (computed) | FLOPs (computed) | time (measured) | n | of its roofline |',
    '|--:|---|--:|--:|--:|--:|--:|--:|',
    ...rows.map((row) => `| ${row} |`),
    '',
    `Limits of this machine, measured: reading ${rate(limits.read.rate, 'B/s')}, multiply-adds ${rate(limits.fma.rate, 'FLOP/s')}.`,
    ...[methodWords(method), unsteadyWords(comparison), lost].filter((words) => words !== null),
    '',
    link,
    '',
  ].join('\n');
}

/** Everything that was measured, in its own units: milliseconds, bytes, FLOPs, per second. */
export function jsonOf(comparison: Comparison, link: string): string {
  return JSON.stringify({ title: TITLE, link, ...comparison }, null, 1);
}
