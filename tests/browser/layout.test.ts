import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('the layout', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  for (const [width, height] of [
    [360, 780],
    [390, 844],
    [768, 1024],
    [1440, 900],
    [2560, 1440],
  ]) {
    it(`has nothing wider than the window at ${width} × ${height}`, async () => {
      visitor = await Visitor.open({ viewport: { width, height }, hasTouch: width < 800, isMobile: width < 800 });
      await visitor.untilWritten(3);
      await visitor.page.locator('moe-article').waitFor();
      expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });
  }

  it('shows text, wall, router and costs at 1440 × 900 without scrolling', async () => {
    visitor = await Visitor.open();
    await visitor.untilWritten(3);
    for (const name of ['text', 'wall', 'router-bars', 'cost', 'toggle', 'prompt']) {
      const box = (await visitor.id(name).boundingBox())!;
      expect(box.y + box.height, name).toBeLessThanOrEqual(900);
    }
  });

  it('moves nothing while the text grows', async () => {
    visitor = await Visitor.open();
    const places = async () => {
      const boxes = ['wall', 'router-bars', 'toggle', 'prompt', 'cost'].map((name) => visitor.id(name).boundingBox());
      return (await Promise.all(boxes)).map((box) => [box!.x, box!.y, box!.width, box!.height].map(Math.round));
    };
    await visitor.untilWritten(5);
    const early = await places();
    await visitor.untilBadge('live (WebGPU, ');
    await visitor.untilWritten(10);
    expect(await places()).toEqual(early);
  });
});
