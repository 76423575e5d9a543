/** The tour drives the real page: by keyboard alone, by link, and back to what was there before. */
import { afterEach, describe, expect, it } from 'vitest';
import { TOUR } from '../../src/state/page/tour.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('the tour', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  const hash = () => visitor.page.evaluate(() => location.hash);
  const step = () => visitor.id('tour').getAttribute('data-step');
  /** Also what is out of sight, and so has no layout. */
  const said = async (part: string) => (await visitor.page.locator(part).textContent())!.replace(/\s+/g, ' ').trim();

  /** The part of the article that a step speaks of stands on the screen. */
  const untilSeen = (view: string) =>
    expect
      .poll(async () => {
        const box = await visitor.page.locator(`moe-part[data-view=${view}]`).boundingBox();
        return box && box.height > 100 && box.y > -20 && box.y < 500;
      })
      .toBe(true);

  it('goes through every step by keyboard, and gives back what was there before', async () => {
    visitor = await Visitor.open({
      cpu: true,
      query: '#prompt=The+fox&seed=5&tokens=60&pace=full&layer=2&view=measures&hide=cost',
    });
    const { page } = visitor;
    await visitor.untilWritten(59);
    await visitor.untilAtRest();
    const text = (await visitor.tokens()).join('');
    const before = await hash();

    await visitor.id('tour-start').focus();
    await page.keyboard.press('Enter');
    for (let number = 1; number <= TOUR.length; number++) {
      await expect.poll(step).toBe(String(number));
      // What the step speaks of is framed, on the screen.
      await expect
        .poll(async () => {
          const box = await page.locator('tour-card .ring').boundingBox();
          return box && box.width > 100 && box.height > 15 && box.y > -20 && box.y < 900;
        })
        .toBe(true);
      const title = await page.evaluate(() => {
        let focused = document.activeElement;
        while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
        return focused?.textContent;
      });
      expect(title).toContain(`${number} of ${TOUR.length}`);
      expect(await hash()).toContain(`step=${number}`);
      // The same words stand in the article below.
      expect(await said(`moe-article section[data-step="${number}"] .prose`)).toContain(await said('tour-card .prose'));
      if (number < TOUR.length) await page.keyboard.press('ArrowRight');
    }
    await page.keyboard.press('ArrowLeft');
    await expect.poll(step).toBe(String(TOUR.length - 1));
    await page.keyboard.press('Escape');
    await visitor.id('tour').waitFor({ state: 'detached' });
    await expect.poll(hash).toBe(before);
    await expect.poll(async () => (await visitor.tokens()).join('')).toBe(text);
    expect(visitor.errors).toEqual([]);
  });

  it('switches an expert off in step 5, for real, and brings it back in step 6', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#step=5' });
    await visitor.untilBadge('live (CPU)');
    expect(await visitor.text('interventions')).toMatch(/^Expert \d+ in layer 5 is off/);
    const off = (await visitor.text('interventions')).match(/^Expert (\d+)/)![1];
    await visitor.untilWritten(30);
    const top = await visitor.page
      .locator('moe-text .t')
      .evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset.e));
    expect(top).not.toContain(off);
    await visitor.id('tour-next').click();
    await expect.poll(step).toBe('6');
    await visitor.id('interventions').waitFor({ state: 'detached' });
    await untilSeen('measures');
  });

  it('can be entered at any step, by the step’s number alone', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#step=7' });
    await expect.poll(step).toBe('7');
    await untilSeen('expert');
    await visitor.id('tour-leave').click();
    await expect.poll(hash).not.toContain('step');
  });

  it('keeps text, view and tour within a phone', async () => {
    visitor = await Visitor.open({
      cpu: true,
      query: '#step=2',
      viewport: { width: 360, height: 780 },
      hasTouch: true,
      isMobile: true,
    });
    await expect.poll(step).toBe('2');
    // The wall stands clear above the card, once the page has scrolled to it.
    await expect
      .poll(async () => {
        const wall = (await visitor.id('wall').boundingBox())!;
        const card = (await visitor.page.locator('tour-card section').boundingBox())!;
        return { above: Math.min(0, wall.y), under: Math.max(0, wall.y + wall.height - card.y) };
      })
      .toEqual({ above: 0, under: 0 });
    expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});
