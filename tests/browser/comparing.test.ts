/** "What does it save?" from the button to the card, decode and prefill, on the software adapter and a tiny model. */
import { readFileSync } from 'node:fs';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCard } from '../../src/state/results/reader.ts';
import type { Comparison } from '../../src/state/saves/comparison.ts';
import { bytes, percent, short } from '../../src/ui/kit/format.ts';
import { issueAddress } from '../../src/ui/results/issue.ts';
import { fileName } from '../../src/ui/results/result-words.ts';
import { sweepReport } from '../../src/ui/saves/sweep-report.ts';
import { timeOf, verdicts } from '../../src/ui/saves/words.ts';
import { serveTiny } from './tiny.ts';
import { plain, useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** As much of the page's session as is looked into. */
interface MoePage extends HTMLElement {
  session: { comparing: { found: { get(): Comparison | null } } };
}

describe('what it saves', () => {
  let visitor: Visitor;
  let found: Comparison;
  const panel = () => visitor.page.locator('saves-panel');
  const engineSaid = () =>
    visitor.page.evaluate(() => document.querySelector<MoePage>('moe-page')!.session.comparing.found.get());

  beforeAll(async () => {
    visitor = await Visitor.open({
      query: '#view=saves',
      reducedMotion: 'reduce',
      before: serveTiny,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await visitor.page.getByRole('button', { name: 'Write live' }).click();
    await visitor.untilWritten(2);
    await visitor.stop();
  });
  afterAll(() => visitor.leave());

  it('shows what can be computed before anything is measured', async () => {
    expect(await panel().locator('h2').textContent()).toMatch(/same active size.*same total size.*all experts on/);
    expect(await visitor.text('saves-fallback')).toBe('Software adapter: times mean nothing about a GPU.');
    const rows = visitor.id('saves-bars').locator('tbody tr');
    expect(await rows.count()).toBe(4);
    expect(await visitor.text('untimed')).toBe('Software adapter: its times mean nothing about a GPU.');
    expect(await dashes()).toEqual([]);
    expect(await visitor.id('card').count()).toBe(0);
    await panel().locator('[data-testid=chart-touched] summary').click();
    const twin = visitor.id('chart-touched').locator('tbody tr');
    expect(await twin.count()).toBe(10);
    expect(await twin.nth(3).locator('td').first().textContent()).toBe((8 * (1 - (1 - 2 / 8) ** 8)).toFixed(1));
  });

  /** Cells of cost figures that say nothing. */
  const dashes = () =>
    visitor.page
      .locator('cost-strip td, cost-strip span, saves-panel td')
      .evaluateAll((cells) => cells.map((cell) => cell.textContent!.trim()).filter((words) => /^[–-]$/.test(words)));

  it('can be cancelled, and stands as it was', async () => {
    await visitor.id('saves-measure').click();
    await visitor.id('saves-cancel').click();
    await visitor.id('saves-measure').waitFor();
    expect(await visitor.id('saves-measure').textContent()).toBe('Measure on this software adapter');
    expect(await engineSaid()).toBeNull();
  });

  it('waits while the tab is hidden, and prints what the engine returned', async () => {
    const hide = (hidden: boolean) =>
      visitor.page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    // As a link offers it.
    await visitor.page.evaluate(() => (location.hash = '#view=saves&repeat=64'));
    await visitor.id('saves-offer').filter({ hasText: '1 to 64 tokens per step' }).waitFor();
    expect(await visitor.id('saves-reach').inputValue()).toBe('64');
    await hide(true);
    await visitor.id('saves-measure').click();
    await visitor.id('saves-step').waitFor();
    expect(await engineSaid()).toBeNull();
    await hide(false);
    await visitor.id('card').waitFor({ timeout: 400_000 });
    await visitor.id('saves-measure').filter({ hasText: 'Measure again' }).waitFor();
    found = (await engineSaid())!;
    expect(found.points.map(({ tokens }) => tokens)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(found.lost).toBeNull();
    const unsteady = found.points.some(({ rows }) => rows.some((row) => row.time.unsteady));
    expect(await visitor.id('saves-unsteady').count()).toBe(unsteady ? 1 : 0);
    for (const [at, point] of found.points.entries()) {
      await visitor.id('batch').fill(String(at));
      for (const row of point.rows) {
        const cells = visitor.id('saves-bars').locator(`tr[data-kind=${row.kind}] td`);
        const said = (await cells.allTextContents()).map((cell) => plain(cell).trim());
        expect(said).toEqual(
          [
            bytes(row.bytesHeld),
            bytes(row.bytesRead),
            short(row.flops),
            timeOf(row.time),
            `${percent(row.roofline.share)}${row.roofline.bound}`,
          ].map(plain),
        );
      }
      expect(await visitor.id('verdicts').locator('p').allTextContents()).toEqual(verdicts(point));
      for (const { name, time } of point.segments) {
        expect(await visitor.id('segments').locator(`tr[data-segment=${name}] .time`).textContent()).toBe(timeOf(time));
      }
    }
    expect(await dashes()).toEqual([]);
    // The meter knows it, too: all layers of what the bars show of one.
    for (const kind of ['moe', 'same-total', 'same-active']) {
      const { median, spread } = found.points[0].rows.find((row) => row.kind === kind)!.time;
      const { layers } = found.method;
      expect(plain((await visitor.id('cost').locator(`.${kind} .timed`).textContent())!).trim()).toBe(
        plain(timeOf({ median: median * layers, spread: spread * layers })),
      );
    }
    expect(await visitor.text('method')).toContain(`${found.method.discarded || 'No'} sample`);
  }, 600_000);

  it('draws decode and prefill apart, with every time in the tables beneath, and by keyboard', async () => {
    const [decode, prefill] = [found.points.slice(0, 4), found.points.slice(4)];
    for (const [name, points] of [['decode', decode] as const, ['prefill', prefill] as const]) {
      const drawn = visitor.id(`chart-time-${name}`);
      await drawn.locator('summary').click();
      const table = await drawn
        .locator('tbody tr')
        .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
      expect(table).toEqual(points.map(({ rows }) => rows.map((row) => timeOf(row.time))));
    }
    const chart = visitor.id('chart-time-decode');
    await chart.locator('[tabindex="0"].point').focus();
    await visitor.page.keyboard.press('ArrowRight');
    expect(await chart.locator('.said').textContent()).toContain(timeOf(found.points[1].rows[0].time));
    expect(await visitor.id('chart-roofline').locator('.limit').count()).toBe(2);
  });

  it('gives the result away as Markdown, JSON and PNG, with the link that comes back here', async () => {
    const clipboard = () => visitor.page.evaluate(() => navigator.clipboard.readText());
    await visitor.id('card-json').click();
    await visitor.id('card-said').filter({ hasText: 'JSON' }).waitFor();
    const { link, ...read } = JSON.parse(await clipboard());
    expect(read).toMatchObject(JSON.parse(JSON.stringify(found)));
    expect(link).toMatch(/#view=saves.*&repeat=64$/);
    await visitor.id('card-markdown').click();
    await visitor.id('card-said').filter({ hasText: 'Markdown' }).waitFor();
    expect(await clipboard()).toContain(plain(timeOf(found.points[3].rows[0].time)));
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id('card-png').click()]);
    expect(download.suggestedFilename()).toBe('moescope-result.png');
    const { number, words, bars } = sweepReport(found).headline!;
    expect(await visitor.text('headline')).toBe(plain(`${number} ${words}`));
    expect(await visitor.id('card').locator('.picture li').count()).toBe(bars.length);
    // Two dots to a CSS pixel: the card is 46rem wide, with a margin of 24 px at either side.
    const rem = await visitor.page.evaluate(() =>
      Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    );
    const png = readFileSync((await download.path())!);
    expect(png.toString('latin1', 1, 4)).toBe('PNG');
    expect(Math.abs(png.readUInt32BE(16) - 2 * (46 * rem + 48))).toBeLessThan(3);
  });

  it('stands among the results of others, and can be handed on as a file, with nothing sent', async () => {
    await visitor.show('results');
    const mine = visitor.id('results').locator('tbody tr').first();
    await mine.getByText('this machine, now').waitFor();
    expect(plain((await mine.textContent())!)).toContain(plain(timeOf(found.points[0].rows[0].time)));
    const [file] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id('add-save').click()]);
    const read = readCard(readFileSync((await file.path())!, 'utf8'));
    expect(file.suggestedFilename()).toBe(fileName(read));
    expect(read.times.moe!.median).toBe(found.points[0].rows[0].time.median);
    // Where the package names a repository, a form that is filled in.
    expect(await visitor.id('add-yours').count()).toBe(0);
    await visitor.page.locator('add-yours').evaluate((node) => {
      (node as HTMLElement & { repository: string }).repository = 'https://github.com/someone/moescope';
    });
    expect(await visitor.id('add-yours').getAttribute('href')).toBe(
      issueAddress('https://github.com/someone/moescope', read),
    );
    await visitor.show('saves');
  });

  it('has no fault that axe can find', async () => {
    await visitor.page.evaluate(axe.source);
    const faults = await visitor.page.evaluate(async () => {
      const { run } = (globalThis as unknown as { axe: { run(context: Document): Promise<axe.AxeResults> } }).axe;
      const { violations } = await run(document);
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' ')).join(' | ')}`,
      );
    });
    expect(faults).toEqual([]);
  });

  it('remembers the run in this browser, offers to repeat it by its link, and forgets it when asked', async () => {
    const kept = () => visitor.page.evaluate(() => localStorage['moescope.runs'] as string | undefined);
    expect(JSON.parse((await kept())!)).toHaveLength(1);
    expect(await visitor.id('history').locator('tbody tr').count()).toBe(1);
    const hash = await visitor.page.evaluate(() => location.hash);
    await visitor.page.evaluate(() => (location.hash = '#view=saves&repeat=8'));
    await visitor.id('saves-offer').filter({ hasText: 'decode alone: 1 to 8 tokens' }).waitFor();
    expect(await visitor.id('saves-reach').inputValue()).toBe('8');
    await visitor.page.evaluate((before) => (location.hash = before), hash);
    await visitor.id('saves-offer').waitFor({ state: 'detached' });
    await visitor.id('erase-all').click();
    await visitor.id('history').waitFor({ state: 'detached' });
    expect(await kept()).toBeUndefined();
    expect(visitor.errors).toEqual([]);
  });
});
