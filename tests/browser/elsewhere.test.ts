/** "Open a model": asked before anything is fetched, kept as it comes, gone on with after a reload, opened without a network. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MoePage } from '../../src/ui/page/moe-page.ts';
import { randomModel } from '../model/randomModel.ts';
import { type Folder, listen, type Server, serveFolder } from './hosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** Of several pieces, as a copy grows. */
const FILE = randomModel('qwen3moe', {
  contextLength: 512,
  seed: 4,
  layers: 2,
  experts: 64,
  width: 256,
  expertHidden: 256,
  type: 'q8_0',
});

let server: Server;
/** The page where its host lets it fetch from elsewhere; the policy of docs/hosting.md alone does not. */
let folder: Folder;
/** Bytes after which the server sends no more, and what it has sent. */
let most = Number.POSITIVE_INFINITY;
let sent: [number, number][] = [];
const total = () => sent.reduce((sum, [from, to]) => sum + to - from, 0);

beforeAll(async () => {
  folder = await serveFolder();
  server = await listen((request, response) => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'content-range, etag' };
    if (request.url !== '/some/model.gguf') return void response.writeHead(404, headers).end();
    const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
    const to = Math.min(Number(last) + 1, FILE.length);
    response.writeHead(206, { ...headers, etag: '"1"', 'content-range': `bytes ${from}-${to - 1}/${FILE.length}` });
    const end = Math.max(Number(from), Math.min(to, most));
    sent.push([Number(from), end]);
    if (end === to) response.end(FILE.subarray(Number(from), to));
    else response.write(FILE.subarray(Number(from), end));
  });
});
afterAll(() => Promise.all([folder.close(), server.close()]));

/** Of the model whose text stands on the page; a random one may end it with its first token. */
const layersOfText = (visitor: Visitor) =>
  visitor.page.evaluate(() => (document.querySelector('moe-page') as MoePage).session.trace.shape.layers);
const dialog = (visitor: Visitor) => visitor.id('open-model');
/** Bytes of the one kept file that its description says are here. */
const written = (visitor: Visitor) =>
  visitor.page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    for await (const [name, handle] of folder.entries()) {
      if (!name.endsWith('.json')) continue;
      const text = await (await (handle as FileSystemFileHandle).getFile()).text();
      return (JSON.parse(text).have as [number, number][]).reduce((sum, [from, to]) => sum + to - from, 0);
    }
    return 0;
  });

it('asks first, goes on after a reload without fetching a byte twice, and opens what is kept without the server', async () => {
  const url = `${server.url}/some/model.gguf`;
  const megabytes = `${(FILE.length / 1e6).toFixed(1)}\u00a0MB`;
  const visitor = await Visitor.open({
    cpu: true,
    at: folder.url,
    query: `#model=${encodeURIComponent(url)}&tokens=8`,
  });
  await dialog(visitor).waitFor();
  expect(await visitor.id('address').inputValue()).toBe(url);
  expect(sent).toEqual([]);
  await visitor.page.getByRole('button', { name: 'Ask what it is' }).click();
  await visitor.id('asked').getByText(`model.gguf: ${megabytes}.`).waitFor();
  expect(total()).toBeLessThanOrEqual(1 << 16);

  // The line goes dead on the way.
  most = Math.floor(0.6 * FILE.length);
  const fetching = visitor.id('asked').getByTestId('fetch');
  expect(await fetching.innerText()).toBe(`Fetch ${megabytes} from ${new URL(url).host}`);
  sent = [];
  await fetching.click();
  await expect.poll(() => sent.some(([, to]) => to === most), { timeout: 60_000 }).toBe(true);
  const before = total();
  expect(before).toBeGreaterThan(0.5 * FILE.length);
  // All but the piece that the line died in, which is not whole.
  const lost = 2 ** 23 + 2 * 2 ** 16;
  await expect.poll(() => written(visitor), { timeout: 60_000 }).toBeGreaterThan(before - lost);
  await visitor.page.reload();
  most = Number.POSITIVE_INFINITY;

  await visitor.id('model').selectOption('elsewhere:');
  await dialog(visitor).waitFor();
  sent = [];
  const kept = visitor.id('kept').getByTestId('fetch');
  expect(await kept.innerText()).toMatch(/^Fetch .+\u00a0MB from /);
  await kept.click();
  await visitor.page
    .locator('#model option:checked')
    .filter({ hasText: 'model.gguf' })
    .waitFor({ state: 'attached', timeout: 90_000 });
  expect(total()).toBeLessThan(FILE.length - before + lost);
  await expect.poll(() => layersOfText(visitor), { timeout: 60_000 }).toBe(2);
  // The link names it, and asks again whoever follows it.
  await expect.poll(() => decodeURIComponent(visitor.page.url())).toContain(`model=${url}`);

  // Behind the text; who reloads before fetches the last piece again.
  await expect.poll(() => written(visitor), { timeout: 60_000 }).toBe(FILE.length);
  await server.close();
  await visitor.page.reload();
  await dialog(visitor).waitFor();
  const whole = visitor.id('kept').getByTestId('fetch');
  expect(await whole.innerText()).toBe('Open it');
  await whole.click();
  await visitor.page
    .locator('#model option:checked')
    .filter({ hasText: 'model.gguf' })
    .waitFor({ state: 'attached', timeout: 90_000 });
  await expect.poll(() => layersOfText(visitor), { timeout: 60_000 }).toBe(2);

  await visitor.id('model').selectOption('elsewhere:');
  await visitor.id('forget').click();
  await visitor.id('kept').waitFor({ state: 'detached' });
  await visitor
    .id('asked')
    .getByText(/^This model is open and goes on; .* is fetched from .+ again\.$/)
    .waitFor();
  // A server that is gone, and what is no address, are said in a sentence.
  await visitor.id('address').fill(url);
  await visitor.page.getByRole('button', { name: 'Ask what it is' }).click();
  await visitor.id('asked').getByText('did not answer').waitFor();
  await visitor.id('address').fill('model.gguf');
  await visitor.page.getByRole('button', { name: 'Ask what it is' }).click();
  await visitor.id('asked').getByText('This is no address').waitFor();
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
}, 300_000);

it('fetches nothing once it has been closed, though the GPU was still being tried', async () => {
  const visitor = await Visitor.open({ cpu: true });
  const { page } = visitor;
  const phase = () => page.evaluate(() => (document.querySelector('moe-page') as MoePage).session.engine.get().phase);
  await expect.poll(phase).toBe('ready');
  // A GPU that takes its time over the question whether it has room.
  await page.evaluate(() => {
    const { client } = (document.querySelector('moe-page') as MoePage).session;
    const tryMemory: typeof client.tryMemory = (bytes) =>
      new Promise((resolve) => {
        const answer = () => resolve({ given: true, largestBuffer: 2 ** 32 });
        if (bytes) Object.assign(window, { answer });
        else answer();
      });
    Object.assign(client, { tryMemory });
  });
  await visitor.id('model').selectOption('elsewhere:');
  await visitor.id('published-file').getByTestId('fetch').first().click();
  await page.waitForFunction(() => 'answer' in window);
  await page.keyboard.press('Escape');
  await dialog(visitor).waitFor({ state: 'detached' });
  const after = await page.evaluate(async () => {
    (window as unknown as { answer: () => void }).answer();
    await new Promise((resolve) => setTimeout(resolve));
    return (document.querySelector('moe-page') as MoePage).session.engine.get().phase;
  });
  expect(after).toBe('ready');
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
