/** "What if the GPU held only some of the experts?": the words say what the simulation of the text on the page says. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cacheTable } from '../../src/cli/cache.ts';
import { touchedTogether } from '../../src/compare/expertCache.ts';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

it('says of the recorded text what the command says of its trace', async () => {
  // Reduced motion: the whole recorded text stands there at once, and stays.
  const visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
  const recording = parseTrace(readFileSync('public/recordings/default.json', 'utf8'));
  const rows = cacheTable(recording);
  const layers = Array.from({ length: 6 }, (_, layer) => recording.expertIds.map((token) => token[layer]));
  const said = visitor.id('cache-said');
  const slider = visitor.id('cache-held');
  await visitor.show('Expert cache');
  await slider.waitFor();
  const percent = (share: number) => `${(100 * share).toFixed(0)}\u00a0%`;
  for (const [at, row] of rows.entries()) {
    await slider.fill(String(at));
    // With all of them there, what is left to fetch are first uses.
    const all = at === rows.length - 1;
    const told = `${percent(all ? 1 - row.lru : row.lru)} of the experts that these`;
    await expect.poll(() => said.innerText()).toContain(told);
    const words = await said.innerText();
    const beside = `by chance ${percent(row.chance)}, best in hindsight ${percent(row.hindsight)}`;
    expect(words.includes(beside)).toBe(!all);
    expect(words.includes('asked for the first time')).toBe(all);
    expect(words).toContain(`${row.fetched.toFixed(row.fetched < 10 ? 1 : 0)} experts would be fetched for a token`);
  }
  await visitor.id('chart-cache').waitFor();
  // 16 · (1 − (14/16)^16); what the text itself touches is fewer or as many.
  const [, computed, counted] = (await visitor.id('locality').innerText()).match(
    /touches ([\d.]+), computed .* and ([\d.]+), measured on this text/,
  )!;
  expect(computed).toBe('14.1');
  expect(Number(counted)).toBe(Number(touchedTogether(layers, 16)!.toFixed(1)));
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});

it('holds fewer experts while it writes, as the slider and the link say, and tells where they are', async () => {
  const visitor = await Visitor.open({ query: '#tokens=12&pace=full&seed=4&write=1' });
  await visitor.untilBadge('live (WebGPU, ');
  await visitor.untilWritten(11);
  await visitor.untilAtRest();
  const text = await visitor.tokens();
  expect(await visitor.page.locator('places-legend').count()).toBe(0);
  await visitor.show('Expert cache');
  await visitor.id('cache-held').fill('2');
  const label = await visitor.page.locator('expert-cache output').innerText();
  const held = Number(label.match(/^(\d+) of 16$/)![1]);
  expect(held).toBeLessThan(16);
  await expect.poll(() => visitor.page.url()).toContain(`held=${held}`);
  await visitor.id('hold').click();
  const said = visitor.id('held-said').filter({ hasText: /\d+ of 100 asked for were there\. .+ fetched for a token/ });
  await said.waitFor();
  await visitor.untilWritten(11);
  await visitor.untilAtRest();
  expect(await visitor.tokens()).toEqual(text);
  const there = async (name: string) =>
    Number((await visitor.id(name).innerText()).match(/^Wrote with (\d+) of 96 experts/)![1]);
  expect(await there('held-said')).toBeLessThanOrEqual(6 * held);
  // The wall says the same, and what its marks mean.
  expect(await there('wall-told')).toBe(await there('held-said'));
  await visitor.page.locator('places-legend span').first().waitFor();
  for (const chart of ['chart-cache', 'chart-moved']) {
    const points = visitor.id(chart).locator('[role=img]');
    const words = await points.evaluateAll((all) => all.map((point) => point.getAttribute('aria-label') ?? ''));
    expect(words.filter((each) => each.includes('measured here'))).toHaveLength(1);
    // What others report is a share, and of another model.
    expect(words.filter((each) => each.includes('llama.cpp'))).toHaveLength(chart === 'chart-cache' ? 2 : 0);
  }

  // No column stands empty before what fills it is measured.
  const empty = visitor.id('guesses').locator('td:empty');
  const columns = visitor.id('guesses').locator('th[scope=col]');
  expect([await columns.count(), await empty.count()]).toEqual([3, 0]);
  await visitor.id('guess').click();
  const rows = visitor.id('guesses').locator('tbody tr');
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(5);
  expect([await columns.count(), await empty.count()]).toEqual([4, 0]);
  const [nobody, ahead] = await rows.allInnerTexts();
  expect(nobody).toMatch(/^nobody\s+–/);
  const share = (row: string) => row.match(/(\d+)\u00a0%/g)!.map(Number.parseFloat);
  // The next layer's router, asked a layer ahead, does better than chance.
  expect(share(ahead)[0]).toBeGreaterThan((100 * 4) / 16);
  expect(share(ahead)[1]).toBeGreaterThanOrEqual(share(nobody)[0]);

  await visitor.id('hold-all').click();
  await visitor.id('held-said').waitFor({ state: 'detached' });
  await visitor.page.locator('places-legend').waitFor({ state: 'detached' });
  await expect.poll(() => visitor.page.url()).not.toContain('held=');
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});

it('opens a model with as many experts as a link says', async () => {
  const visitor = await Visitor.open({ query: '#tokens=8&pace=full&seed=4&write=1&held=5' });
  await visitor.untilBadge('live (WebGPU, ');
  await visitor.untilWritten(7);
  await visitor.untilAtRest();
  const words = visitor.id('wall-told').filter({ hasText: /^Wrote with \d+ of 96 experts on this software adapter/ });
  await words.waitFor();
  expect(Number((await words.innerText()).match(/with (\d+) of/)![1])).toBeLessThanOrEqual(30);
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
