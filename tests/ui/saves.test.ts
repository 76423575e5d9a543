/** What the comparison's panel says and draws, against the figures it was given. */
import { describe, expect, it } from 'vitest';
import { blockCost } from '../../src/compare/costModel.ts';
import { shareOfRoofline } from '../../src/compare/limits.ts';
import { jsonOf, markdownOf } from '../../src/ui/saves/report.ts';
import { barsOf } from '../../src/ui/saves/rows.ts';
import { marksOf, readSeries, roof, rooflineSeries, timeSeries, touchedSeries } from '../../src/ui/saves/series.ts';
import { sweepReport } from '../../src/ui/saves/sweep-report.ts';
import { driftWords, methodWords, rate, unsteadyWords, verdicts } from '../../src/ui/saves/words.ts';
import type { Crossing } from '../../src/worker/protocol.ts';
import { comparisonOf, pointOf, SHAPE, steadyTime } from './comparisons.ts';

const comparison = comparisonOf([1, 2, 4, 8, 16]);

describe('the bars', () => {
  it('count weights until a sweep has said how many bytes one takes', () => {
    const { unit, rows } = barsOf(SHAPE, 4, null);
    expect(unit).toBe('weights');
    const expert = 3 * 256 * 128;
    expect(rows.map(({ held }) => held)).toEqual([
      16 * expert + 256 * 16,
      2 * expert,
      16 * expert,
      16 * expert + 256 * 16,
    ]);
    expect(rows[1].flops).toBe(4 * 2 * 2 * expert);
    expect(rows.every(({ measured }) => measured === null)).toBe(true);
  });

  it('are the sweep’s own figures afterwards', () => {
    const point = pointOf(4);
    const { unit, rows } = barsOf(SHAPE, 4, point);
    expect(unit).toBe('bytes');
    for (const [i, { held, read, flops, measured }] of rows.entries()) {
      const row = point.rows[i];
      expect([held, read, flops, measured!.time]).toEqual([row.bytesHeld, row.bytesRead, row.flops, row.time]);
    }
  });
});

describe('the sentences', () => {
  it('name baseline and batch wherever they compare', () => {
    const said = verdicts(pointOf(8));
    expect(said).toHaveLength(3);
    for (const sentence of said) {
      expect(sentence).toMatch(
        /^With 8 tokens per step this MoE takes .*(same active|same total|all experts on).* against /,
      );
    }
  });

  it('say no more than the spread allows', () => {
    const point = pointOf(1);
    const time = (median: number) => steadyTime(median, 0.1);
    const rows = point.rows.map((row) => ({
      ...row,
      time: time({ moe: 1, 'same-active': 0.9 }[row.kind as string] ?? 4),
    }));
    const [active, total] = verdicts({ ...point, rows });
    expect(active).toBe(
      'With 1 token per step this MoE takes as long as a dense block of the same active size, within the spread: 1.00\u00a0ms ±\u00a010\u00a0% against 900\u00a0µs ±\u00a011\u00a0%.',
    );
    expect(total).toContain('takes 25\u00a0% of the time of a dense block of the same total size: 1.00\u00a0ms');
    const dearer = { ...point, rows: rows.map((row) => (row.kind === 'moe' ? { ...row, time: time(6) } : row)) };
    expect(verdicts(dearer)[1]).toContain('takes 1.50 times as long as a dense block of the same total size');
  });

  it('tell of a busy machine and of drift, and are silent otherwise', () => {
    expect(unsteadyWords(comparison)).toBeNull();
    expect(driftWords(comparison)).toBeNull();
    const point = comparison.points[0];
    const rows = [{ ...point.rows[0], time: { ...steadyTime(1, 0.3), secondHalf: 1.25 } }, ...point.rows.slice(1)];
    const busy = { points: [{ ...point, rows }] };
    expect(unsteadyWords(busy)).toContain('1 of 4 times spread over more than 20\u00a0%');
    expect(driftWords(busy)).toContain('up to 25\u00a0% slower (1 token per step)');
  });

  it('name the clock and what was thrown away', () => {
    expect(methodWords(comparison.method)).toMatch(/GPU timestamps.*No sample was discarded\./);
    expect(methodWords({ ...comparison.method, clock: 'wall', discarded: 1 })).toMatch(
      /wall clock over long repeats.*1 sample was discarded/,
    );
  });

  it('print rates with their unit', () => {
    expect([rate(3.1e11, 'B/s'), rate(8.2e12, 'FLOP/s'), rate(12, 'B/s')]).toEqual([
      '310\u00a0GB/s',
      '8.2\u00a0TFLOP/s',
      '12\u00a0B/s',
    ]);
  });
});

describe('the charts', () => {
  it('show the sweep’s medians with their spreads, and its bytes', () => {
    const moe = timeSeries(comparison.points)[0];
    expect(moe.points).toEqual(
      comparison.points.map(({ tokens, rows }) => ({ x: tokens, y: rows[0].time.median, spread: rows[0].time.spread })),
    );
    const [read, , , , real] = readSeries(comparison.points);
    expect(read.points[2].y).toBe(blockCost('moe', SHAPE, 4, 0.5625).bytesRead);
    expect(real.points[2].y).toBe(comparison.points[2].bytesReadMeasured);
    expect(real.points[2].y).toBeLessThan(read.points[2].y);
  });

  it('set what was counted beside what chance predicts, where there was text', () => {
    expect(touchedSeries(SHAPE, [])).toHaveLength(1);
    const [predicted, counted] = touchedSeries(SHAPE, comparison.points);
    expect(predicted.points.at(-1)!.y).toBeCloseTo(16, 5);
    expect(counted.points[0].y).toBeCloseTo(0.9 * 2, 9);
  });

  it('mark crossings only where their batch sizes are', () => {
    const then = 'dearer';
    const crossing = (quantity: Crossing['quantity'], against: Crossing['against'], tokens: number): Crossing => {
      return { quantity, against, tokens, then };
    };
    const all = [
      crossing('time', 'same-active', 1.4),
      crossing('time', 'same-total', 40),
      crossing('bytesRead', 'same-total', 3),
    ];
    expect(marksOf(all, 'time', comparison.points)).toEqual([
      { x: 1.4, words: 'dearer than same active from N ≈ 1.4' },
    ]);
  });

  it('put a block under the roof at its own share of it', () => {
    const point = comparison.points[3];
    const [moe] = rooflineSeries(comparison, point);
    const { x, y } = moe.points[0];
    const { read, fma } = comparison.limits;
    const { flops, bytesRead, time } = point.rows[0];
    const { share } = shareOfRoofline({ flops, bytes: bytesRead }, time.median, comparison.limits);
    expect(y / Math.min(fma.rate, x * read.rate)).toBeCloseTo(share, 9);
    const [slope, flat] = roof(comparison.limits, [moe]);
    expect(slope.points.at(-1)).toEqual(flat.points[0]);
    expect(slope.points[0].x).toBeLessThan(x);
  });
});

describe('a result to take away', () => {
  it('has every time with its spread and n, the machine, the method and the link', () => {
    const text = markdownOf(sweepReport(comparison), 'https://example.org/#view=saves');
    for (const word of ['a GPU', 'Chromium 156', '2026-11-26', 'GPU timestamps', 'https://example.org/#view=saves']) {
      expect(text).toContain(word);
    }
    expect(text.split('\n').filter((line) => /^\| \d+ \| .* ± .* \| 9 \| \d+ % \|$/.test(line))).toHaveLength(20);
    expect(text).not.toContain('Software');
  });

  it('warns of a software adapter', () => {
    const software = { ...comparison, info: { ...comparison.info, fallback: true } };
    expect(markdownOf(sweepReport(software), '')).toContain('Software adapter: times mean nothing about a GPU.');
  });

  it('is the comparison itself as JSON', () => {
    const read = JSON.parse(jsonOf(sweepReport(comparison), 'link'));
    expect(read.points).toEqual(JSON.parse(JSON.stringify(comparison.points)));
    expect(read.limits.read.rate).toBe(2e11);
  });
});
