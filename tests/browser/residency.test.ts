/** "What if the GPU held only some of the experts?": the words say what the simulation of the text on the page says. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cacheTable } from '../../src/cli/cache.ts';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

it('says of the recorded text what the command says of its trace', async () => {
  // Reduced motion: the whole recorded text stands there at once, and stays.
  const visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
  const rows = cacheTable(parseTrace(readFileSync('public/recordings/default.json', 'utf8')));
  const said = visitor.id('cache-said');
  const slider = visitor.id('cache-held');
  await visitor.page.locator('expert-cache').scrollIntoViewIfNeeded();
  await slider.waitFor();
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  for (const [at, row] of rows.entries()) {
    await slider.fill(String(at));
    await expect.poll(() => said.innerText()).toContain(`${percent(row.lru)} of the experts that these`);
    const words = await said.innerText();
    expect(words).toContain(`by chance ${percent(row.chance)}, best in hindsight ${percent(row.hindsight)}`);
    expect(words).toContain(`${row.fetched.toFixed(row.fetched < 10 ? 1 : 0)} experts would be fetched for a token`);
  }
  await visitor.page.locator('expert-cache dot-chart').waitFor();
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});

it('writes the same text with fewer experts on the GPU, and says how many were there', async () => {
  const visitor = await Visitor.open({ query: '#tokens=12&pace=full&seed=4&write=1' });
  await visitor.untilBadge('live (WebGPU, ');
  await visitor.untilWritten(11);
  await visitor.untilAtRest();
  const text = await visitor.tokens();
  await visitor.page.locator('expert-cache').scrollIntoViewIfNeeded();
  await visitor.id('cache-held').fill('2');
  const held = Number((await visitor.id('hold').innerText()).match(/with (\d+) of 16/)![1]);
  expect(held).toBeLessThan(16);
  await visitor.id('hold').click();
  await visitor
    .id('held-said')
    .filter({ hasText: /\d+ % of those that the routers asked for were there/ })
    .waitFor();
  await visitor.untilWritten(11);
  await visitor.untilAtRest();
  expect(await visitor.tokens()).toEqual(text);
  const [, there] = (await visitor.id('held-said').innerText()).match(/with (\d+) of 96 experts/)!;
  expect(Number(there)).toBeLessThanOrEqual(6 * held);
  await visitor.id('hold-all').click();
  await visitor.id('held-said').waitFor({ state: 'detached' });
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
