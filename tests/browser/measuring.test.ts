import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Heldout } from '../../src/compare/heldout.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** The search takes half a minute where a processor plays the GPU; what it finds and forgets is tested without the page. */
const FULL = process.env.MOESCOPE_FULL === '1';

/** The shipped held-out text, but only its first 96 tokens of each kind: the software adapter would need minutes. */
async function shortenHeldout(page: Page): Promise<void> {
  const heldout = JSON.parse(readFileSync('public/models/heldout.json', 'utf8')) as Heldout;
  const domains = heldout.domains.map((domain) => ({ ...domain, ids: [domain.ids[0].slice(0, 96)] }));
  await page.route('**/heldout.json', (route) => route.fulfill({ json: { ...heldout, domains } }));
}

describe('measuring on the software adapter', () => {
  let visitor: Visitor;

  beforeAll(async () => {
    visitor = await Visitor.open({ reducedMotion: 'reduce', before: shortenHeldout });
    await visitor.page.getByRole('button', { name: 'Write live' }).click();
    await visitor.untilBadge('live (WebGPU, ');
    await visitor.untilWritten(2);
    await visitor.stop();
  });
  afterAll(() => visitor.leave());

  it('times the block beside its dense twins, and says what the times are worth', async () => {
    await visitor.id('compare').click();
    await visitor.id('compare').filter({ hasText: 'Measure again' }).waitFor({ timeout: 110_000 });
    const rows = visitor.id('cost').locator('tbody tr');
    expect(await rows.count()).toBe(3);
    for (const row of await rows.all()) {
      const cells = (await row.locator('td').allTextContents()).map((cell) => cell.replace(/\s+/g, ' ').trim());
      expect(cells[0]).toMatch(/^[\d.]+ [kMGT]$/);
      expect(cells[1]).toMatch(/^[\d.]+\s(µs|ms|s) ±\s[\d.]+\s%$/);
    }
    const caption = await visitor.page.locator('cost-strip .note').textContent();
    expect(caption).toContain('its times mean nothing about a GPU');
    expect(caption).toMatch(/n = \d+/);
    expect(await visitor.text('verdict')).toMatch(
      /4\.6 times fewer multiply-adds \(computed\), and its experts [\d.]+ times (less|more) time \(measured, one token at a time\)/,
    );
  });

  it.runIf(FULL)('searches for the quickest kernels when asked, keeps what it found, and forgets it', async () => {
    const panel = visitor.page.locator('tuning-panel');
    await visitor.show('Kernels');
    expect(await panel.locator('.note').textContent()).toContain('Not searched');
    await visitor.id('search').click();
    await visitor.id('searched').waitFor({ timeout: 110_000 });
    expect(await visitor.id('searched').locator('tr.chosen').count()).toBe(3);
    for (const row of await visitor.id('searched').locator('tbody tr').allTextContents()) {
      expect(row.replace(/\s+/g, ' ')).toMatch(/[\d.]+ (µs|ms|s)/);
    }
    expect(await panel.locator('.note').textContent()).toContain('its times mean nothing about a GPU');
    const kept = () => visitor.page.evaluate(() => Object.keys(JSON.parse(localStorage['moescope.tuning'])).length);
    expect(await kept()).toBe(1);
    await visitor.id('forget-search').click();
    await visitor.id('searched').waitFor({ state: 'detached' });
    expect(await kept()).toBe(0);
    await visitor.untilBadge('live (WebGPU, ');
  });

  it('shows who pays for the experts that French uses most, and keeps them off when asked', async () => {
    await visitor.show('proof');
    await visitor.id('prove').click();
    await visitor.id('proof').waitFor({ timeout: 110_000 });
    const change = async (domain: string) => {
      const cell = visitor.id('proof').locator(`tr[data-domain=${domain}] .change`);
      return Number((await cell.textContent())!.replace('−', '-'));
    };
    const domains = ['story', 'prose', 'verse', 'code', 'math', 'german', 'spanish'];
    const others = await Promise.all(domains.map(change));
    const french = await change('french');
    console.log(`French ${french}, others ${others.join(', ')}`);
    expect(french).toBeGreaterThan(Math.max(...others));
    await visitor.id('keep-off').click();
    await expect.poll(() => visitor.id('interventions').locator('button').count()).toBeGreaterThanOrEqual(6);
    await visitor.stop();
    await visitor.page.getByRole('button', { name: 'Remove all' }).first().click();
    expect(visitor.errors).toEqual([]);
  });

  it('can be cancelled', async () => {
    await visitor.id('prove').click();
    await visitor.page.locator('knockout-proof').getByRole('button', { name: 'Cancel' }).click();
    await visitor.id('prove').waitFor({ timeout: 60_000 });
  });
});
