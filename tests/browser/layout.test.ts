import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** Adds up every layout shift of the visit. Nobody touches the page, so those the browser puts down to input count, too. */
const watchShifts = (page: Page) =>
  page.addInitScript(() => {
    const sum = window as unknown as { shifted: number };
    sum.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) sum.shifted += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });

async function shifted(visitor: Visitor): Promise<number> {
  // Shifts are told of after the frame they happen in.
  return visitor.page.evaluate(
    () =>
      new Promise<number>((told) =>
        requestAnimationFrame(() => setTimeout(() => told((window as unknown as { shifted: number }).shifted))),
      ),
  );
}

describe('the layout', () => {
  let visitor: Visitor;

  describe.each([
    {
      device: 'a phone or tablet',
      touch: true,
      sizes: [
        [360, 780],
        [390, 844],
        [768, 1024],
      ],
    },
    {
      device: 'a computer',
      touch: false,
      sizes: [
        [2560, 1440],
        [1440, 900],
      ],
    },
  ])('on $device', ({ touch, sizes }) => {
    beforeAll(async () => {
      const [width, height] = sizes[0];
      visitor = await Visitor.open({
        cpu: true,
        viewport: { width, height },
        hasTouch: touch,
        isMobile: touch,
        before: watchShifts,
      });
      await visitor.untilWritten(3);
      await visitor.page.locator('moe-article').waitFor();
    });
    afterAll(() => visitor.leave());

    it('shifts next to nothing from the first paint until the live model writes', async () => {
      await visitor.untilBadge('live (CPU)');
      await visitor.untilWritten(3);
      expect(await shifted(visitor)).toBeLessThan(0.05);
    });

    it.each(sizes)('has nothing wider than the window at %i × %i', async (width, height) => {
      await visitor.page.setViewportSize({ width, height });
      await expect.poll(() => visitor.page.evaluate(() => innerWidth)).toBe(width);
      expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });

    it.skipIf(touch)('shows text, wall, router and costs at 1440 × 900 without scrolling', async () => {
      for (const name of ['text', 'wall', 'router-bars', 'cost', 'toggle', 'prompt']) {
        const box = (await visitor.id(name).boundingBox())!;
        expect(box.y + box.height, name).toBeLessThanOrEqual(900);
      }
    });
  });

  it('moves nothing while the text grows', async () => {
    visitor = await Visitor.open({ cpu: true, before: watchShifts });
    const places = async () => {
      const boxes = ['wall', 'router-bars', 'toggle', 'prompt', 'cost'].map((name) => visitor.id(name).boundingBox());
      return (await Promise.all(boxes)).map((box) => [box!.x, box!.y, box!.width, box!.height].map(Math.round));
    };
    await visitor.untilWritten(5);
    const early = await places();
    await visitor.untilBadge('live (CPU)');
    await visitor.untilWritten(10);
    expect(await places()).toEqual(early);
    expect(await shifted(visitor)).toBeLessThan(0.05);
    await visitor.leave();
  });
});
