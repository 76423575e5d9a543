/** axe finds nothing to complain of: in every view and theme, on a phone, on the tour, in the sheet. */
import { afterEach, describe, expect, it } from 'vitest';
import { THEMES } from '../../src/state/address/types.ts';
import { complaints, small } from './access.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const TEXT = 'prompt=The+fox&seed=5&tokens=40&pace=full';
const PHONE = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };

describe('accessibility', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  const open = async (query: string, options: object = {}) => {
    visitor = await Visitor.open({ query, cpu: true, ...options });
    // As far as the model’s own end of the text.
    await visitor.untilWritten(8);
    await visitor.untilAtRest();
    await visitor.page.locator('moe-article').waitFor();
  };

  const part = (view: string) => visitor.page.locator(`moe-part[data-view="${view}"]`);

  /** All that a link leads to, in the order of the page. */
  const views = () =>
    visitor.page
      .locator('moe-part[data-view]')
      .evaluateAll((parts) => parts.map((part) => (part as HTMLElement).dataset.view!));

  it('has no fault in any view, whatever the theme', async () => {
    await open(`#${TEXT}&off=2:3&token=8&experts=5:5&theme=${THEMES[0]}`);
    const found: Record<string, string[]> = {};
    for (const theme of THEMES) {
      await expect.poll(() => visitor.page.evaluate(() => location.hash)).toContain(`theme=${theme}`);
      // Another theme has other colours, and nothing else.
      const rules = theme === THEMES[0] ? undefined : ['color-contrast'];
      for (const view of await views()) {
        await visitor.show(view);
        const here = await complaints(visitor.page, rules, part(view));
        if (here.length) found[`${theme}: ${view}`] = here;
      }
      const page = await complaints(visitor.page, rules);
      if (page.length) found[theme] = page;
      await visitor.id('theme').click();
    }
    expect(found).toEqual({});
  });

  it('has no fault on the tour, nor in the sheet', async () => {
    await open(`#${TEXT}&step=3`);
    await visitor.id('tour').waitFor();
    expect(await complaints(visitor.page), 'tour').toEqual([]);
    await visitor.id('share').click();
    expect(await complaints(visitor.page), 'sheet').toEqual([]);
  });

  it('has no fault on a phone, and nothing to press is smaller than a finger', async () => {
    await open(`#${TEXT}`, PHONE);
    const found: Record<string, string[]> = {};
    for (const words of await views()) {
      await visitor.show(words);
      expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth), words).toBeLessThanOrEqual(360);
      const here = await complaints(visitor.page, undefined, part(words));
      if (here.length) found[words] = here;
    }
    const page = [...(await complaints(visitor.page)), ...(await small(visitor.page))];
    if (page.length) found.page = page;
    expect(found).toEqual({});
  });
});
