/** Results of others: every card in the repository is one, what is wrong is refused, and what is made of them is not stale. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repository } from '../../scripts/repository.ts';
import { pageFile, readResults, withTable } from '../../scripts/results.ts';
import { PUBLISHED } from '../../src/compare/publishedTable.ts';
import { readCard } from '../../src/state/results/reader.ts';
import { inOrder } from '../../src/state/results/shared.ts';
import { issueAddress } from '../../src/ui/results/issue.ts';
import { COLUMNS, fileName, tableOf, timesLess } from '../../src/ui/results/result-words.ts';
import { layerReport } from '../../src/ui/saves/layer-report.ts';
import { qualityReport } from '../../src/ui/saves/quality-report.ts';
import { jsonOf, type Report } from '../../src/ui/saves/report.ts';
import { sweepReport } from '../../src/ui/saves/sweep-report.ts';
import { plain, timeOf } from '../../src/ui/saves/words.ts';
import { comparisonOf, layerOf, qualityOf, qualityPoint } from '../ui/comparisons.ts';

const STAMP = { browser: 'Chromium 156', date: '2026-11-26T04:00:00.000Z' };
const comparison = comparisonOf([1, 2, 4, 8]);
const model = PUBLISHED.find(({ id }) => id === 'qwen3-30b-a3b')!;
const layer = { ...layerOf(model.id, 2), ...STAMP };
const quality = {
  ...qualityOf([
    qualityPoint('moe', 2, 1.7, 3),
    qualityPoint('moe', 3, 1.6, 4, { trained: false }),
    qualityPoint('dense-total', null, 2.4, 6),
  ]),
  ...{ ...STAMP, lost: null },
};
const json = (report: Report) => jsonOf(report, 'https://example.org/#view=saves');
const sweep = json(sweepReport(comparison));

/** The card with one value changed, by its path. */
function changed(path: string, value: unknown, card = sweep): string {
  const all = JSON.parse(card);
  const keys = path.split('.');
  const last = keys.pop()!;
  const place = keys.reduce((at, key) => at[key], all);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return JSON.stringify(all);
}

describe('the results in the repository', () => {
  const results = readResults('results');

  it('are all cards that the page reads', () => {
    expect(results.length).toBe(readdirSync('results').length);
    expect(results.length).toBeGreaterThan(0);
  });

  it('lead nowhere else, and say so where they are of a software adapter', () => {
    for (const name of readdirSync('results')) {
      const text = readFileSync(`results/${name}`, 'utf8');
      expect(text).not.toMatch(/localhost|127\.0\.0\.1|file:/);
      expect(readCard(text).software).toBe(/swiftshader/i.test(name));
    }
  });

  it('are what the page fetches and what docs/benchmark.md shows: else run npm run -s results', () => {
    expect(readFileSync('public/results.json', 'utf8')).toBe(pageFile(results));
    const document = readFileSync('docs/benchmark.md', 'utf8');
    expect(document).toBe(withTable(document, results));
    expect(document).toContain(plain(timeOf(results[0].times.moe!)));
  });
});

describe('a card that is read', () => {
  it('keeps what a sweep measured with one token per step', () => {
    const { rows } = comparison.points[0];
    const result = readCard(sweep);
    expect(result).toMatchObject({
      what: 'sweep',
      device: 'a GPU',
      software: false,
      read: 2e11,
      repeat: '8',
      ...STAMP,
    });
    const { median, spread, samples } = rows[2].time;
    expect(result.times['same-total']).toEqual({ median, spread, samples });
    expect(timesLess(result)).toBe(`${(median / rows[0].time.median).toFixed(1)}×`);
    expect(COLUMNS.map(({ of }) => of(result))).toContain(`${timeOf(rows[0].time)}, n = 9`);
  });

  it('keeps what a layer and whole models measured, of the MoE as it was trained', () => {
    const ofLayer = readCard(json(layerReport(layer, model)));
    expect(ofLayer).toMatchObject({ what: 'layer', repeat: 'qwen3-30b-a3b:q4_0', times: { moe: { median: 2 } } });
    const ofModels = readCard(json(qualityReport(quality)));
    expect(ofModels).toMatchObject({ what: 'quality', read: null, clock: 'wall', times: { 'same-active': null } });
    expect(ofModels.times.moe!.median).toBe(3);
    expect(timesLess(ofModels)).toBe('2.0×');
  });

  it('calls no difference what is within the spread', () => {
    const result = readCard(sweep);
    const { moe } = result.times;
    expect(timesLess({ ...result, times: { ...result.times, 'same-total': moe } })).toBe('within the spread');
    expect(timesLess({ ...result, times: { ...result.times, 'same-total': null } })).toBe('not timed');
  });

  it.each<[string, unknown, string]>([
    ['date', 'yesterday', 'date is to be a time of ISO 8601'],
    ['browser', undefined, 'browser is to be words'],
    ['browser', 'x'.repeat(300), 'browser is to be words'],
    ['info.kind', 'cpu', 'info.kind is to be one of webgpu, not “cpu”'],
    ['info.name', 'SwiftShader Device (Subzero)', 'info.fallback is to be true'],
    ['info.fallback', 'no', 'info.fallback is to be true or false'],
    ['method.clock', 'sundial', 'method.clock is to be one of'],
    ['limits.read.rate', 0, 'limits.read.rate is to be a number above zero'],
    ['limits', undefined, 'limits is to be an object, but it is missing'],
    ['points', [], 'points is to be a list of 1 to 64'],
    ['points.0.rows.0.time.median', -1, 'points[0].rows[0].time.median is to be a number above zero, not -1'],
    ['points.0.rows.0.time.median', 1e9, 'points[0].rows[0].time.median is to be between'],
    ['points.0.rows.0.time.samples', 1.5, 'samples is to be a whole number'],
    ['points.1.rows.2.flops', 12, 'points[1].rows[2].flops is to be'],
    ['points.0.tokens', 2, 'points[0].rows[0].flops is to be'],
    ['points.0.rows.3.kind', 'alien', 'kind is to be one of'],
    ['shape.experts', 1, 'shape.experts is to be 2 at least'],
    ['shape.expertsPerToken', 17, 'shape.expertsPerToken is to be 16 at most'],
  ])('is refused with %s = %j', (path, value, words) => {
    expect(() => readCard(changed(path, value))).toThrow(words);
  });

  it('is refused without the blocks that are compared, and without one token per step', () => {
    const rows = comparison.points[0].rows.filter(({ kind }) => kind !== 'same-total');
    expect(() => readCard(changed('points.0.rows', rows))).toThrow('the dense block of the same total size');
    expect(() => readCard(json(sweepReport(comparisonOf([2, 4]))))).toThrow('one of them of one token');
    const untrained = { ...quality, points: quality.points.map((point) => ({ ...point, trained: false })) };
    expect(() => readCard(json(qualityReport(untrained)))).toThrow('the MoE as it was trained');
  });

  it.each(['', 'null', '[]', '"card"', '{"points":1}', '{"decode":{}}', `{"a":"${'x'.repeat(400_001)}"}`])(
    'is refused when it is %.20s',
    (text) => {
      expect(() => readCard(text)).toThrow(/is no result|too large/);
    },
  );
});

describe('the table', () => {
  const gpu = readCard(sweep);
  const software = { ...gpu, device: 'A processor', software: true };

  it('has GPUs first, and keeps the words of a stranger in their cell', () => {
    expect(inOrder([software, gpu])).toEqual([gpu, software]);
    const lines = tableOf([{ ...gpu, device: 'a | b\n<b>`' }]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).not.toMatch(/[<`]/);
    expect(new Set(lines.map((line) => line.split('|').length))).toEqual(new Set([COLUMNS.length + 3]));
  });

  it('is put between its marks, or refused where there are none', () => {
    const document = 'a\n<!-- results -->\nold\n<!-- end of results -->\nb';
    const made = withTable(document, [gpu]);
    expect(made).toContain(tableOf([gpu]));
    expect(made).not.toContain('old');
    expect(withTable(made, [gpu])).toBe(made);
    expect(() => withTable('none', [gpu])).toThrow('has no');
  });
});

describe('an issue', () => {
  const result = readCard(sweep);

  it('is short enough for an address, and names the file that it is for', () => {
    const address = new URL(issueAddress('https://github.com/someone/moescope', result));
    expect(address.href.length).toBeLessThan(4000);
    expect(`${address.origin}${address.pathname}`).toBe('https://github.com/someone/moescope/issues/new');
    expect(address.searchParams.get('body')).toContain(`results/${fileName(result)}`);
    const lab = new URL(issueAddress('https://gitlab.com/someone/moescope', result));
    expect(lab.pathname).toBe('/someone/moescope/-/issues/new');
    expect(lab.searchParams.get('issue[title]')).toContain('a GPU');
  });

  it('goes to the repository that package.json names, however it does', () => {
    const url = 'https://github.com/a/b-c';
    for (const named of [
      'a/b-c',
      'github:a/b-c',
      url,
      `git+${url}.git`,
      'git@github.com:a/b-c.git',
      { url: 'git://github.com/a/b-c.git' },
      { url: 'ssh://git@github.com/a/b-c.git' },
    ])
      expect(repository({ repository: named })).toBe(url);
    for (const named of [undefined, '', {}, 'javascript:alert(1)', 'file:///a/b', 'gist:11081aaa281'])
      expect(repository({ repository: named })).toBe('');
  });
});
