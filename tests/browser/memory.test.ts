/** What a page keeps of the parts of the article that are out of sight. */
import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** A page that keeps its panels holds three times as many nodes after a hundred. */
const MANY = process.env.MOESCOPE_FULL ? 500 : 100;

interface Kept {
  readonly nodes: number;
  readonly listeners: number;
  readonly heap: number;
}

describe('views that were left', () => {
  let visitor: Visitor;
  let cdp: CDPSession;
  let views: string[];
  let switched = 0;

  beforeAll(async () => {
    visitor = await Visitor.open({ cpu: true, query: '#tokens=24&seed=4&pace=full&write=1' });
    await visitor.untilWritten(20);
    await visitor.untilAtRest();
    cdp = await visitor.page.context().newCDPSession(visitor.page);
    views = await visitor.page
      .locator('moe-part[data-view]')
      .evaluateAll((parts) => parts.map((part) => (part as HTMLElement).dataset.view!));
    // Every one once, so that its code is here.
    for (const view of views) await visitor.show(view);
  });
  afterAll(() => visitor.leave());

  const switchUntil = async (count: number) => {
    const names = Array.from({ length: count - switched }, (_, at) => views[(switched + at) % views.length]);
    switched = count;
    await visitor.page.locator('moe-article').evaluate(async (article, wanted) => {
      for (const view of wanted) {
        article.shadowRoot!.querySelector<HTMLElement>(`[data-view=${view}]`)!.scrollIntoView({ behavior: 'instant' });
        await new Promise(requestAnimationFrame);
        await new Promise((done) => setTimeout(done));
      }
    }, names);
  };
  const kept = async (): Promise<Kept> => {
    // Panels let go of what they watch after the task in which they left.
    await visitor.page.waitForTimeout(100);
    for (let time = 0; time < 3; time++) await cdp.send('HeapProfiler.collectGarbage');
    const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    return { nodes, listeners: jsEventListeners, heap: usedSize };
  };

  it(`are given back: after ${MANY} switches the page holds what it held after 20`, async () => {
    await switchUntil(20);
    const early = await kept();
    await switchUntil(MANY);
    const late = await kept();
    console.log(`kept after 20 and after ${MANY} switches: ${JSON.stringify(early)}, ${JSON.stringify(late)}`);
    for (const what of ['nodes', 'listeners', 'heap'] as const) {
      expect(Math.abs(late[what] / early[what] - 1), what).toBeLessThanOrEqual(0.1);
    }
  });
});
