/** Every figure of the page stands there with one value, wherever it is said; and costs are never a dash. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** All values that are shown under each name (`data-figure`), through all shadow roots. */
function figures(page: Page): Promise<Record<string, string[]>> {
  return page.evaluate(() => {
    const found: Record<string, string[]> = {};
    const visit = (root: ParentNode) => {
      for (const each of root.querySelectorAll<HTMLElement>('*')) {
        if (each.shadowRoot) visit(each.shadowRoot);
        const name = each.dataset.figure;
        if (name) found[name] = [...(found[name] ?? []), each.textContent!.replace(/\s+/g, ' ').trim()];
      }
    };
    visit(document);
    return found;
  });
}

/** Of a real GPU, as a site may ship them. */
const REFERENCE = {
  device: 'Some GPU',
  date: '2026-11-01',
  times: { moe: [2.1, 0.05], 'same-total': [9.8, 0.1], 'same-active': [2, 0.04] },
};

describe('the figures', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.untilBadge('live (CPU)');
    await visitor.pauseAfter(30);
    await visitor.page.locator('moe-article').waitFor();
    for (const part of ['quality', 'Card', 'Training curves']) await visitor.show(part);
    await visitor.page.locator('model-card dl').waitFor({ state: 'attached' });
  });
  afterAll(() => visitor.leave());

  it('have one value each', async () => {
    const found = await figures(visitor.page);
    const several = Object.entries(found).filter(([, values]) => values.length > 1);
    expect(several.map(([name]) => name)).toEqual(
      expect.arrayContaining(['weights', 'weights active', 'tokens', 'loss moe']),
    );
    expect(several.filter(([, values]) => new Set(values).size > 1)).toEqual([]);
  });

  it('are said in words where there is no time', async () => {
    const cells = await visitor.id('cost').locator('td').allTextContents();
    expect(cells.filter((cell) => /^\s*[–-]?\s*$/.test(cell))).toEqual([]);
    expect(cells.join(' ')).toContain('Times are measured on WebGPU only; here the CPU computes.');
  });

  it('are those of a real GPU, with its name and date, where one was taken', async () => {
    await visitor.leave();
    const list = JSON.parse(readFileSync('public/models/index.json', 'utf8'));
    Object.assign(list.models[0], { reference: REFERENCE });
    visitor = await Visitor.open({
      cpu: true,
      before: (page) => page.route('**/models/index.json', (route) => route.fulfill({ json: list })),
    });
    await visitor.untilWritten(3);
    await expect.poll(() => visitor.text('cost')).toContain('one token through its experts, on Some GPU, 2026-11-01');
    const times = await visitor.id('cost').locator('.timed .cell').allTextContents();
    expect(times.map((words) => words.replace(/\s+/g, ' ').trim())).toEqual([
      '2.10 ms ± 2.4 %',
      '9.80 ms ± 1.0 %',
      '2.00 ms ± 2.0 %',
    ]);
  });
});
