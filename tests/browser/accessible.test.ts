/** axe finds nothing to complain of: in every view and theme, on a phone, on the tour, in the sheet. */
import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { THEMES } from '../../src/state/address/types.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const TEXT = 'prompt=The+fox&seed=5&tokens=40&pace=full';
const PHONE = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };

describe('accessibility', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  const open = async (query: string, options: object = {}) => {
    visitor = await Visitor.open({ query, ...options });
    await visitor.untilWritten(39);
    await visitor.untilAtRest();
    await visitor.page.locator('moe-article').waitFor();
    await visitor.page.evaluate(axe.source);
  };

  /** What axe objects to, with the places. */
  const complaints = () =>
    visitor.page.evaluate(async () => {
      const { run } = (globalThis as unknown as { axe: { run(context: Document): Promise<axe.AxeResults> } }).axe;
      const { violations } = await run(document);
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map(({ target }) => target.flat().join(' '))
            .slice(0, 4)
            .join(' | ')}`,
      );
    });

  for (const theme of THEMES) {
    it(`has no fault in any view, ${theme}`, async () => {
      await open(`#${TEXT}&off=2:3&token=20&experts=5:5&theme=${theme}`);
      const found: Record<string, string[]> = {};
      for (const tab of await visitor.page.getByRole('tab').all()) {
        await tab.click();
        await visitor.page.waitForTimeout(150);
        const words = (await tab.textContent())!;
        const here = await complaints();
        if (here.length) found[words] = here;
      }
      expect(found).toEqual({});
    });
  }

  it('has no fault on the tour, nor in the sheet', async () => {
    await open(`#${TEXT}&step=3`);
    await visitor.id('tour').waitFor();
    expect(await complaints(), 'tour').toEqual([]);
    await visitor.id('share').click();
    expect(await complaints(), 'sheet').toEqual([]);
  });

  it('has no fault on a phone, and nothing to press is smaller than a finger', async () => {
    await open(`#${TEXT}`, PHONE);
    const found: Record<string, string[]> = {};
    for (const tab of await visitor.page.getByRole('tab').all()) {
      await tab.click();
      await visitor.page.waitForTimeout(150);
      const words = (await tab.textContent())!;
      expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth), words).toBeLessThanOrEqual(360);
      const here = [...(await complaints()), ...(await small())];
      if (here.length) found[words] = here;
    }
    expect(found).toEqual({});
  });

  /** Controls under 44 px either way. Links and buttons in the middle of a sentence are excepted, as in WCAG 2.5.8. */
  const small = () =>
    visitor.page.evaluate(() => {
      const found: string[] = [];
      const visit = (root: ParentNode) => {
        for (const each of root.querySelectorAll<HTMLElement>('*')) {
          if (each.shadowRoot) visit(each.shadowRoot);
          if (!each.matches('button, a[href], select, input, textarea, summary, [role=button]')) continue;
          const box = each.getBoundingClientRect();
          if (!box.width || getComputedStyle(each).pointerEvents === 'none' || each.closest('p, li, td, .prose, h3'))
            continue;
          if (each.matches('.t') || (box.height >= 43.5 && box.width >= 43.5)) continue;
          found.push(
            `${each.tagName.toLowerCase()} “${(each.ariaLabel ?? each.textContent ?? '').trim().slice(0, 30)}” ${Math.round(box.width)} × ${Math.round(box.height)}`,
          );
        }
      };
      visit(document);
      return found;
    });
});
