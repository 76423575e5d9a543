/** At which count models are compared that have seen different amounts of text. */
import { expect, it } from 'vitest';
import type { Curve } from '../../src/state/models/training-curves.ts';
import { endedTogether } from '../../src/ui/quality/schedule-ends.ts';

/** Points as [tokens, bits per byte, whether a schedule ended there]. */
function curve(...points: [number, number, boolean?][]): Curve {
  const parameters = { total: 1, active: 1 };
  const all = points.map(([tokens, bitsPerByte, ended = false]) => ({
    ...{ tokens, bitsPerByte, ended, flops: 1, seconds: 1, loss: 1 },
  }));
  return { parameters, points: all, tokensSeen: points[points.length - 1][0] };
}

it('takes the largest count at which every model had ended a schedule, the best first', () => {
  const moe = curve([1, 4, true], [2, 3.2, true], [3, 3.1], [4, 2.5, true]);
  const work = curve([1, 3.9, true], [2, 3.3, true], [4, 2.6, true]);
  const size = curve([1, 3.5, true], [2, 3.1, true]);
  const ended = endedTogether([
    ['moe', moe],
    ['dense-active', work],
    ['dense-total', size],
  ])!;
  expect(ended.map(([id, { tokens, bitsPerByte }]) => [id, tokens, bitsPerByte])).toEqual([
    ['dense-total', 2, 3.1],
    ['moe', 2, 3.2],
    ['dense-active', 2, 3.3],
  ]);
});

it('says nothing where a count is not an end of all, where all ended last, and of one model', () => {
  const moe = curve([2, 3, true], [4, 2.5, true]);
  expect(
    endedTogether([
      ['moe', moe],
      ['dense-total', curve([2, 3.1], [3, 2.9, true])],
    ]),
  ).toBeNull();
  expect(
    endedTogether([
      ['moe', moe],
      ['dense-active', curve([2, 3, true], [4, 2.6, true])],
    ]),
  ).toBeNull();
  expect(endedTogether([['moe', moe]])).toBeNull();
  expect(endedTogether([])).toBeNull();
});
