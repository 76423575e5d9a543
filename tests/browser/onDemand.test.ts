/** A model that writes before its download ends, in the page: where its experts are, a server that dies, a tab that sleeps. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MoePage } from '../../src/ui/page/moe-page.ts';
import { randomModel } from '../model/randomModel.ts';
import { type Folder, listen, type Server, serveFolder } from './hosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** Larger than what is read at once. */
const FILE = randomModel('qwen3moe', {
  contextLength: 512,
  seed: 4,
  layers: 3,
  experts: 64,
  expertsPerToken: 2,
  width: 128,
  expertHidden: 512,
});
const ALL = 3 * 64;
const BYTES_A_MILLISECOND = 6000;
const PIECE = 2 ** 16;

let server: Server;
let folder: Folder;
let dead = false;
let quick = false;

beforeAll(async () => {
  expect(FILE.length).toBeGreaterThan(2 ** 27);
  folder = await serveFolder();
  let free = 0;
  server = await listen(async (request, response) => {
    if (dead) return void response.socket?.destroy();
    const headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'content-range, etag' };
    const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
    const to = Math.min(Number(last) + 1, FILE.length);
    response.writeHead(206, { ...headers, etag: '"1"', 'content-range': `bytes ${from}-${to - 1}/${FILE.length}` });
    for (let at = Number(from); at < to && !response.destroyed; at += PIECE) {
      const end = Math.min(at + PIECE, to);
      free = Math.max(free, performance.now()) + (quick ? 0 : (end - at) / BYTES_A_MILLISECOND);
      await new Promise((resolve) => setTimeout(resolve, free - performance.now()));
      if (dead) return void response.socket?.destroy();
      response.write(FILE.subarray(at, end));
    }
    response.end();
  });
});
afterAll(() => Promise.all([folder.close(), server.close()]));

it('shows what is not here, waits for a dead server or goes on without, sleeps, and has all in the end', async () => {
  const url = encodeURIComponent(`${server.url}/model.gguf`);
  const visitor = await Visitor.open({ at: folder.url, query: `#model=${url}&prompt=hi&tokens=24&pace=full&seed=4` });
  const { page } = visitor;
  await page.getByRole('button', { name: 'Ask what it is' }).click();
  await visitor.id('asked').getByTestId('fetch').click();
  const told = visitor.id('wall-told');
  await told.filter({ hasText: / of 192 experts on this software adapter: .+ not here yet/ }).waitFor();
  const numbers = async () => {
    const [, here, away] = (await told.innerText()).match(/with (\d+) of 192 .+?(?:; (\d+) not here yet)?\.$/)!;
    return { here: Number(here), away: Number(away ?? 0) };
  };
  const first = await numbers();
  expect(first.away).toBeGreaterThan(0.3 * ALL);
  expect(first.here + first.away).toBeLessThanOrEqual(ALL);
  await page.locator('places-legend span', { hasText: 'not here yet' }).waitFor();

  await visitor.untilWritten(2);
  dead = true;
  await visitor.id('notice').filter({ hasText: 'The text waits for experts that are not here yet.' }).waitFor();
  const before = await visitor.tokens();
  await page.getByRole('button', { name: 'Go on with the experts that are here' }).click();
  const without = visitor.id('without').first();
  await without.waitFor();
  const off = Number((await without.innerText()).match(/^(\d+) experts that were not here are off/)![1]);
  expect(off).toBeGreaterThan(0.1 * ALL);
  expect(off).toBeLessThanOrEqual(first.away);
  await visitor.untilWritten(23);
  await visitor.untilAtRest();
  // What stood there stays.
  expect((await visitor.tokens()).slice(0, before.length - 1)).toEqual(before.slice(0, -1));
  expect(page.url()).not.toContain('off=');
  await without.getByRole('button', { name: /^Remove/ }).click();
  await without.waitFor({ state: 'detached' });

  // The server is back. The tab sleeps in the middle of the text.
  dead = false;
  await visitor.begin();
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await visitor.untilWritten(23);
  await visitor.untilAtRest();
  const text = await visitor.tokens();
  expect(text.slice(0, before.length - 1)).toEqual(before.slice(0, -1));

  // Other room in the middle, then a device that is lost: the same.
  await page.getByRole('radio', { name: 'slow' }).click();
  await visitor.begin();
  await visitor.untilWritten(2);
  await page.evaluate(() => (document.querySelector('moe-page') as MoePage).session.held.choose(8));
  await told.filter({ hasText: /^Writes with (\d|1\d|2[0-4]) of 192 experts/ }).waitFor();
  await page.evaluate(() => (document.querySelector('moe-page') as MoePage).session.client.loseDevice());
  expect(await visitor.written()).toBeLessThan(20);
  await visitor.fullSpeed();
  await visitor.untilWritten(23);
  await visitor.untilAtRest();
  expect(await visitor.tokens()).toEqual(text);
  await page.evaluate(() => (document.querySelector('moe-page') as MoePage).session.held.choose(null));

  quick = true;
  await page.locator('places-legend').waitFor({ state: 'detached' });
  await visitor.press('Write');
  await visitor.untilWritten(23);
  await visitor.untilAtRest();
  expect(await visitor.tokens()).toEqual(text);
  // Behind the text the copy becomes whole: it opens without the server.
  const whole = () =>
    page.evaluate(async () => {
      const copies = await (document.querySelector('moe-page') as MoePage).session.client.kept();
      return copies.some(({ here, bytes }) => here === bytes);
    });
  await expect.poll(whole).toBe(true);
  dead = true;
  await visitor.id('model').selectOption('elsewhere:');
  await visitor.id('kept').getByText('Open it').waitFor();
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
}, 280_000);
