/** A race on the built page: it leaves the page's thread free, rests while nobody looks, and bears settings that make no sense. */
import { expect, test } from 'vitest';
import { mainThreadTasks } from './mainThread.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

interface Standing {
  readonly step: number;
  readonly decibels: number;
}

/** How the two stand; null before the first. */
const standings = (visitor: Visitor) =>
  visitor.page
    .locator('train-race')
    .evaluate((element) =>
      (element as unknown as { race: { standings: { get(): (Standing | null)[] } } }).race.standings
        .get()
        .map((each) => each && { step: each.step, decibels: each.decibels }),
    );
const steps = async (visitor: Visitor) => Math.min(...(await standings(visitor)).map((each) => each?.step ?? 0));

test('training leaves the page free, rests while hidden, and bears 64 experts at a rate of 0.1', async () => {
  const visitor = await Visitor.open({ cpu: true, query: '#train=experts:4', reducedMotion: 'reduce' });
  const { page } = visitor;
  await page.locator('train-race').scrollIntoViewIfNeeded();
  await visitor.id('train-toggle').click();
  await expect.poll(() => steps(visitor), { timeout: 60_000 }).toBeGreaterThan(2);
  const tasks = await mainThreadTasks(page, async () => {
    const from = await steps(visitor);
    await expect.poll(() => steps(visitor), { timeout: 60_000 }).toBeGreaterThan(from + 10);
  });
  const long = tasks.filter((task) => task > 50);
  console.log(`${long.length} of ${tasks.length} tasks took over 50 ms while it trained: ${long.map(Math.round)}`);
  expect(tasks.length).toBeGreaterThan(20);
  // The longest takes 8 ms of the processor.
  expect(long).toEqual([]);

  const hide = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await hide(true);
  // The steps that were on their way arrive; then there are no more.
  let rested = await steps(visitor);
  for (let before = -1; before !== rested; ) {
    await page.waitForTimeout(1500);
    [before, rested] = [rested, await steps(visitor)];
  }
  await page.waitForTimeout(1500);
  expect(await steps(visitor)).toBe(rested);
  await hide(false);
  await expect.poll(() => steps(visitor), { timeout: 60_000 }).toBeGreaterThan(rested);

  await visitor.id('train-experts').selectOption('64');
  await visitor.id('train-rate').selectOption('0.1');
  await visitor.id('train-restart').click();
  await page.waitForFunction(() => location.hash.includes('experts:64'));
  await visitor.id('train-loads').locator('.experts').first().getByText('63').waitFor({ timeout: 60_000 });
  await expect.poll(() => steps(visitor), { timeout: 60_000 }).toBeGreaterThan(3);
  for (const each of await standings(visitor)) expect(Number.isFinite(each?.decibels)).toBe(true);
  expect(await visitor.id('train-fault').count()).toBe(0);
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
