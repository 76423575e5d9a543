/** What axe objects to on a page, and what a finger could not hit. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Each kind of complaint, with the first places. @param rules of axe; without them, all. @param part without it, the page */
export async function complaints(
  page: Page,
  rules?: readonly string[],
  part = page.locator('html'),
): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  return part.evaluate(async (node, runOnly) => {
    type Run = (context: Element, options: axe.RunOptions) => Promise<axe.AxeResults>;
    const { run } = (globalThis as unknown as { axe: { run: Run } }).axe;
    const { violations } = await run(node, runOnly ? { runOnly: [...runOnly] } : {});
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ target }) => target.flat().join(' '))
          .slice(0, 4)
          .join(' | ')}`,
    );
  }, rules);
}

/**
 * Controls under 44 px either way. Links and buttons in the middle of a sentence are excepted, as in WCAG 2.5.8; the rows of
 * the wall, which has to be whole on a phone, may be as low as that says: 24 px.
 */
export function small(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const visit = (root: ParentNode) => {
      for (const each of root.querySelectorAll<HTMLElement>('*')) {
        if (each.shadowRoot) visit(each.shadowRoot);
        if (!each.matches('button, a[href], select, input, textarea, summary, [role=button]')) continue;
        // A tick in a label is hit with the label.
        const box = (
          each.matches('[type=checkbox]') && each.closest('label') ? each.closest('label')! : each
        ).getBoundingClientRect();
        if (!box.width || getComputedStyle(each).pointerEvents === 'none' || each.closest('p, li, td, .prose, h3'))
          continue;
        const least = each.matches('.layers button') ? 23.5 : 43.5;
        if (each.matches('.t') || (box.height >= least && box.width >= 43.5)) continue;
        found.push(
          `${each.tagName.toLowerCase()} “${(each.ariaLabel ?? each.textContent ?? '').trim().slice(0, 30)}” ${Math.round(box.width)} × ${Math.round(box.height)}`,
        );
      }
    };
    visit(document);
    return found;
  });
}

/** The levels of all headings, in the order of the page. */
export function headings(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const levels: number[] = [];
    const visit = (node: Node) => {
      if (node instanceof HTMLElement) {
        const [, level] = node.tagName.match(/^H([1-6])$/) ?? [];
        if (level && node.getClientRects().length) levels.push(Number(level));
        if (node instanceof HTMLSlotElement) {
          for (const each of node.assignedNodes()) visit(each);
          return;
        }
      }
      for (const child of (node as HTMLElement).shadowRoot?.childNodes ?? node.childNodes) visit(child);
    };
    visit(document.body);
    return levels;
  });
}
