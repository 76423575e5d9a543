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
