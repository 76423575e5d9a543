/** Results to show, of whatever was measured: every number with its spread, the machine, and the link that repeats it. */
import { describe, expect, it } from 'vitest';
import { PUBLISHED } from '../../src/compare/publishedTable.ts';
import { readAddress } from '../../src/state/address/address.ts';
import { headlineOf } from '../../src/ui/saves/headline.ts';
import { layerReport } from '../../src/ui/saves/layer-report.ts';
import { qualityReport } from '../../src/ui/saves/quality-report.ts';
import { jsonOf, markdownOf, type Report } from '../../src/ui/saves/report.ts';
import { sweepReport } from '../../src/ui/saves/sweep-report.ts';
import { timeOf } from '../../src/ui/saves/words.ts';
import { comparisonOf, layerOf, qualityOf, qualityPoint } from './comparisons.ts';

const STAMP = { browser: 'Chromium 156', date: '2026-11-26T04:00:00.000Z' };
const quality = {
  ...qualityOf([qualityPoint('moe', 2, 1.7, 3), qualityPoint('dense-total', null, 2.4, 6, { tokensSeen: 120 })]),
  ...STAMP,
  lost: null,
};
const model = PUBLISHED.find(({ id }) => id === 'qwen3-30b-a3b')!;
const whole = { ...layerOf(model.id, 2), ...STAMP };
const slice = { ...layerOf(model.id, 2, { experts: 16, expertHidden: 768 }), ...STAMP };

describe.each<[string, Report]>([
  ['a sweep', sweepReport(comparisonOf([1, 2, 4, 8]))],
  ['quality beside speed', qualityReport(quality)],
  ['a layer', layerReport(whole, model)],
  ['a slice', layerReport(slice, model)],
])('the report of %s', (_, report) => {
  it('names the machine, the browser and the date, and has a cell for each head', () => {
    const text = markdownOf(report, 'https://example.org/#x');
    for (const words of ['a GPU', 'Chromium 156', '2026-11-26 04:00 UTC', 'Repeat it: https://example.org/#x']) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain('\u00a0');
    for (const { head, rows } of [report.card, report.full]) {
      expect(rows.length).toBeGreaterThan(1);
      for (const row of rows) expect(row).toHaveLength(head.length);
    }
  });

  it('is repeated by a link that the page takes as it stands', () => {
    const { state, complaints } = readAddress(`#repeat=${report.repeat}`);
    expect([state.repeat, complaints]).toEqual([report.repeat, []]);
  });

  it('is all that was measured as JSON', () => {
    expect(JSON.parse(jsonOf(report, 'link'))).toMatchObject(JSON.parse(JSON.stringify(report.data)));
  });
});

describe('the headline', () => {
  const time = (median: number, spread = 0.1) => ({ median, spread });
  const of = (moe: number, total: number, spread?: number) =>
    headlineOf(
      [
        { kind: 'moe', time: time(moe, spread) },
        { kind: 'same-active', time: null },
        { kind: 'same-total', time: time(total, spread) },
      ],
      'block',
      '1 token per step',
    )!;

  it('is one ratio with its baseline and its batch, and bars of the times that it is of', () => {
    const { number, words, bars } = of(2, 8);
    expect(number).toBe('4.0×');
    expect(words).toBe('less time than a dense block of the same total size, 1 token per step (measured)');
    expect(bars.map(({ kind, share }) => [kind, share])).toEqual([
      ['moe', 0.25],
      ['same-total', 1],
    ]);
    expect(bars[0].words).toBe(timeOf(time(2)));
  });

  it('says when the MoE is slower, and when no difference was measured', () => {
    expect([of(3, 2).number, of(3, 2).words.slice(0, 11)]).toEqual(['1.5×', 'the time of']);
    expect(of(2.1, 2, 0.1)).toMatchObject({ number: '1×', words: expect.stringContaining('beyond the spread') });
  });

  it('is missing where one of the two was not timed', () => {
    expect(headlineOf([{ kind: 'moe', time: time(1) }], 'block', '')).toBeNull();
  });

  it('is of the MoE as it was trained, where whole models are timed', () => {
    const more = { ...quality, points: [...quality.points, qualityPoint('moe', 1, 1.9, 1, { trained: false })] };
    expect(qualityReport(more).headline!.number).toBe('2.0×');
    expect(markdownOf(qualityReport(more), '')).toContain('**2.0×** less time than a dense model');
  });
});

describe('a report', () => {
  it('prints the very figures that were measured', () => {
    const [moe] = qualityReport(quality).full.rows;
    expect(moe.slice(0, 6)).toEqual(['MoE, k = 2', '1.700', '2.700', '0.700', timeOf(quality.points[0].time!), '5']);
    const [first] = layerReport(whole, model).full.rows;
    expect(first[5]).toBe(timeOf(whole.decode.rows[0].time));
  });

  it('says what cannot be compared, and computes no whole model from a slice', () => {
    const { notes, card, full } = qualityReport(quality);
    expect(notes.join(' ')).toContain('“dense, same total” has seen');
    for (const { rows } of [card, full])
      expect(rows.map(([name]) => name)).toEqual(['MoE, k = 2', 'dense, same total, not comparable yet']);
    expect(layerReport(whole, model).notes[0]).toContain(
      'The whole model would take 96.0\u00a0ms per token, computed: 48 MoE',
    );
    expect(layerReport(slice, model).notes[0]).toBe('A slice was timed, so no time of the whole model is computed.');
    expect(layerReport(slice, model).title).toContain('a slice: 16 of its 128 experts');
  });

  it('warns of a software adapter', () => {
    const software = { ...whole, info: { ...whole.info, fallback: true } };
    expect(markdownOf(layerReport(software, model), '')).toContain('**Software adapter');
  });
});
