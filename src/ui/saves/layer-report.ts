/** One timed layer of a published model as a result to show. */
import type { TimedLayer } from '../../state/models/published.ts';
import type { PublishedModel } from '../../worker/protocol.ts';
import { bytes, percent, short, time } from '../kit/format.ts';
import { KIND_WORDS } from '../kit/kinds.ts';
import { PRECISIONS, sliceWords, wholeModelWords } from '../published/published-words.ts';
import { headlineOf } from './headline.ts';
import { originWords, type Report } from './report.ts';
import { rate, timeOf, tokensPerStep } from './words.ts';

export function layerReport(timing: TimedLayer, model: PublishedModel): Report {
  const { id, precision, slice, decode, prefill, lost, info, limits, method, wholeModel } = timing;
  const steps = prefill ? [decode, prefill] : [decode];
  const words = wholeModelWords(timing);
  const clock = method.clock === 'timestamps' ? 'GPU timestamps' : 'the wall clock';
  return {
    title: `One MoE layer of ${model.name} (${model.by}), ${sliceWords(model, slice)}, at ${PRECISIONS[precision]}, beside dense layers`,
    headline: headlineOf(decode.rows, 'layer', tokensPerStep(1)),
    origin: `Random weights, the model’s own routing rule: ${model.expertsPerToken} of ${slice?.experts ?? model.experts} experts. ${originWords(timing)}`,
    fallback: info.fallback,
    card: {
      head: ['layer', ...steps.map(({ tokens }) => (tokens === 1 ? 'one token' : `${tokens} tokens at once`))],
      rows: decode.rows.map(({ kind }) => [
        KIND_WORDS[kind].name,
        ...steps.map(({ rows }) => {
          const row = rows.find((each) => each.kind === kind);
          return row ? `${timeOf(row.time)}\n${percent(row.roofline.share)} of its roofline` : 'not run';
        }),
      ]),
    },
    full: {
      head: [
        ...['N', 'layer', 'weights held (computed)', 'weights read (computed)', 'FLOPs (computed)'],
        ...['time (measured)', 'n', 'of its roofline'],
      ],
      rows: steps.flatMap(({ tokens, rows }) =>
        rows.map(({ kind, bytesHeld, bytesRead, flops, time: taken, roofline }) => [
          ...[String(tokens), KIND_WORDS[kind].name, bytes(bytesHeld), bytes(bytesRead), short(flops)],
          ...[timeOf(taken), String(taken.samples), percent(roofline.share)],
        ]),
      ),
    },
    notes: [
      wholeModel && words
        ? `The whole model would take ${time(wholeModel.milliseconds)} per token, computed: ${words}; its weights take ${bytes(wholeModel.bytesNeeded)}.`
        : 'A slice was timed, so no time of the whole model is computed.',
      `Median ± half the interquartile range of n samples of ${method.sampleMilliseconds}\u00a0ms at least, in turns, by ${clock}.`,
      `Limits of this machine, measured: reading ${rate(limits.read.rate, 'B/s')}, multiply-adds ${rate(limits.fma.rate, 'FLOP/s')}.`,
      ...(lost ? [lost] : []),
      `Configuration: ${model.source.card}`,
    ],
    repeat: `${id}:${precision}${slice ? `:${slice.experts}x${slice.expertHidden}` : ''}`,
    data: timing,
  };
}
