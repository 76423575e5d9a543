/** A model in several files: by the address of any of them, kept and deleted as one, or brought together from this machine. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MoePage } from '../../src/ui/page/moe-page.ts';
import { partName, splitModel } from '../model/splitModel.ts';
import { type Folder, listen, type Server, serveFolder } from './hosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const PARTS = splitModel('qwen3moe', 3, { contextLength: 512, layers: 3, seed: 6 });
const names = PARTS.map((_, i) => partName(i, PARTS.length));
const files = PARTS.map((bytes, i) => ({
  name: names[i],
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(bytes),
}));

let server: Server;
let folder: Folder;
/** Not on the server. */
let gone = '';

beforeAll(async () => {
  folder = await serveFolder();
  server = await listen((request, response) => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'content-range, etag' };
    const file = PARTS[names.indexOf(request.url!.slice(1))];
    if (!file || request.url === `/${gone}`) return void response.writeHead(404, headers).end();
    const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
    const to = Math.min(Number(last) + 1, file.length);
    response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to - 1}/${file.length}` });
    response.end(file.subarray(Number(from), to));
  });
});
afterAll(() => Promise.all([folder.close(), server.close()]));

const untilOpen = async (visitor: Visitor) => {
  const layers = () =>
    visitor.page.evaluate(() => (document.querySelector('moe-page') as MoePage).session.trace.shape.layers);
  await expect.poll(layers, { timeout: 60_000 }).toBe(3);
};

it('is opened from an address, kept and deleted as one, and from files', async () => {
  const url = `${server.url}/${names[1]}`;
  const visitor = await Visitor.open({
    cpu: true,
    at: folder.url,
    query: `#model=${encodeURIComponent(url)}&tokens=4`,
  });
  const ask = visitor.page.getByRole('button', { name: 'Ask what it is' });
  gone = names[2];
  await ask.click();
  await visitor.id('asked').getByText('Of part 3 of 3: There is no such file').waitFor();
  gone = '';
  await ask.click();
  await visitor
    .id('asked')
    .getByText(/^model\.gguf: [\d.]+\s.B in 3 files\.$/)
    .waitFor();
  await visitor.id('asked').getByTestId('fetch').click();
  await untilOpen(visitor);
  // The last bytes are written down after the model is open.
  const missing = () =>
    visitor.page.evaluate(async () => {
      const [copy] = await (document.querySelector('moe-page') as MoePage).session.client.kept();
      return copy?.parts?.here === 3 ? copy.bytes - copy.here : -1;
    });
  await expect.poll(missing, { timeout: 60_000 }).toBe(0);
  // The link asks again whoever follows it, and a reload does.
  await expect.poll(() => decodeURIComponent(visitor.page.url())).toContain(`model=${url}`);

  await server.close();
  await visitor.page.reload();
  await visitor.id('kept').locator('li').first().waitFor();
  expect(await visitor.id('kept').locator('li').count()).toBe(1);
  const whole = visitor.id('kept').getByTestId('fetch');
  await expect.poll(() => whole.innerText()).toBe('Open it');
  await whole.click();
  await untilOpen(visitor);
  await visitor.id('model').selectOption('elsewhere:');
  await visitor.id('forget').click();
  await visitor.id('kept').waitFor({ state: 'detached' });

  const bring = async (list: typeof files) => {
    if (!(await visitor.id('open-model').isVisible())) await visitor.id('model').selectOption('elsewhere:');
    await visitor.id('model-file').setInputFiles(list);
  };
  await visitor.page.goto(`${folder.url}#tokens=4`);
  await visitor.page.reload();
  await visitor.untilBadge('live');
  await bring([files[2], files[0]]);
  await visitor.page.getByText('Part 2 of 3 is missing.').waitFor();
  await bring([files[0], { ...files[1], name: partName(1, 3, 'other') }]);
  await visitor.page.getByText('are parts of different models.').waitFor();
  await bring([files[2], files[0], files[1]]);
  await untilOpen(visitor);
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
}, 200_000);
