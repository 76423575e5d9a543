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

    it.skipIf(touch)('shows text, wall and costs at 1440 × 900 without scrolling', async () => {
      for (const name of ['text', 'wall', 'cost', 'verdict', 'toggle', 'prompt', 'send']) {
        const box = (await visitor.id(name).boundingBox())!;
        expect(box.y + box.height, name).toBeLessThanOrEqual(900);
      }
    });
  });

  describe('the first screen', () => {
    beforeAll(async () => {
      visitor = await Visitor.open({ cpu: true });
      await visitor.untilBadge('live (CPU)');
      await visitor.untilWritten(3);
    });
    afterAll(() => visitor.leave());

    const box = async (within: string, part: string) => {
      const found = await visitor.page.locator(within).locator(part).first().boundingBox();
      expect(found, part).not.toBeNull();
      return { ...found!, bottom: found!.y + found!.height };
    };

    it.each([
      [1024, 768],
      [1280, 585],
      [1280, 665],
      [1366, 641],
      [1536, 730],
      [1440, 900],
      [1920, 950],
      [2560, 1300],
      [1080, 1920],
    ])('shows text, wall, meter and button at %i × %i', async (width, height) => {
      await visitor.page.setViewportSize({ width, height });
      await expect.poll(async () => (await box('page-header', 'button[data-testid=share]')).x).toBeLessThan(width);
      const text = await box('moe-text', '.text');
      const line = await visitor.page
        .locator('moe-text .text')
        .evaluate((e) => Number.parseFloat(getComputedStyle(e).lineHeight));
      expect(text.height / line).toBeGreaterThanOrEqual(5);
      expect(text.bottom).toBeLessThanOrEqual(height);
      const wall = await box('expert-wall', 'canvas');
      const labels = await visitor.page.locator('expert-wall .layers button').all();
      const last = (await labels[labels.length - 1].boundingBox())!;
      const [rows, first] = [labels.length, (await labels[0].boundingBox())!];
      expect(last.y + last.height).toBeLessThanOrEqual(wall.bottom + 2);
      // Each label beside its row, none on another.
      expect(Math.abs((last.y - first.y) / (rows - 1) - last.height)).toBeLessThan(2);
      expect((await box('wall-legend', '.ramp')).y).toBeGreaterThanOrEqual(wall.bottom - 1);
      expect((await box('cost-strip', 'tbody tr')).bottom).toBeLessThanOrEqual(height);
      expect((await box('page-lede', 'p')).bottom).toBeLessThanOrEqual(text.y + 1);
      expect(await visitor.inReach('toggle')).toBe(true);
    });

    it.each([
      { width: 390, height: 844, touch: true },
      { width: 360, height: 740, touch: true },
      // 1280 × 665 at twice its size.
      { width: 640, height: 332, touch: false },
    ])('shows text, wall, meter and button at $width × $height', async ({ width, height, touch }) => {
      await visitor.leave();
      visitor = await Visitor.open({ cpu: true, viewport: { width, height }, hasTouch: touch, isMobile: touch });
      await visitor.untilBadge('live (CPU)');
      await visitor.untilWritten(3);
      const text = await box('moe-text', '.text');
      const line = await visitor.page
        .locator('moe-text .text')
        .evaluate((e) => Number.parseFloat(getComputedStyle(e).lineHeight));
      expect(text.height / line).toBeGreaterThanOrEqual(3);
      const wall = await box('expert-wall', 'canvas');
      const labels = await visitor.page.locator('expert-wall .layers button').all();
      const last = (await labels[labels.length - 1].boundingBox())!;
      expect(last.y + last.height).toBeLessThanOrEqual(wall.bottom + 2);
      const bar = (await visitor.page.locator('transport-bar').boundingBox())!;
      expect(wall.bottom).toBeLessThanOrEqual(bar.y);
      expect((await box('wall-legend', '.ramp')).y).toBeGreaterThanOrEqual(wall.bottom - 1);
      const meter = await box('cost-strip', 'tbody tr i');
      expect(meter.width).toBeGreaterThanOrEqual(2);
      expect(meter.bottom).toBeLessThanOrEqual(bar.y);
      expect(await visitor.inReach('toggle')).toBe(true);
      // Nothing lies on anything else.
      const tops = ['page-header', 'status-line', 'moe-text', 'cost-strip'];
      const boxes = await Promise.all(tops.map(async (tag) => (await visitor.page.locator(tag).boundingBox())!));
      for (let at = 1; at < boxes.length; at++) {
        expect(boxes[at].y, tops[at]).toBeGreaterThanOrEqual(boxes[at - 1].y + boxes[at - 1].height - 1);
      }
    });
  });

  it('moves nothing while the text grows', async () => {
    visitor = await Visitor.open({ cpu: true, before: watchShifts });
    const places = async () => {
      const boxes = ['wall', 'toggle', 'prompt', 'cost'].map((name) => visitor.id(name).boundingBox());
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
