/** embed.html in frames on a foreign page: under a strict CSP, sandboxed without storage; what it tells and whom it obeys. */
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, type Server, serveFolder, servePages } from './hosts.ts';
import { framePolicy, pagePolicy } from './policies.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

let folder: Folder;
let blog: Server;

beforeAll(async () => {
  folder = await serveFolder(framePolicy());
  const heard = `<script>
      window.heard = [];
      addEventListener('message', ({ origin, data }) => heard.push({ origin, data }));
    </script>`;
  const frame = (query: string, attributes = '') =>
    `<!doctype html><title>A blog</title>${heard}<iframe ${attributes} width="700" height="300" src="${folder.url}embed.html${query}"></iframe>`;
  const pages = {
    '/frame': { body: frame('?variant=grid#seed=5&tokens=8&pace=full') },
    '/sandboxed': { body: frame('?variant=tokens#seed=5&tokens=8&pace=full', 'sandbox="allow-scripts"') },
    '/allowed': { body: '' },
  };
  blog = await servePages(pages);
  // Storage of its own, which is gone with the page.
  pages['/allowed'].body = frame(`?device=recorded&allow=nonsense&allow=${blog.url}#tokens=8`, 'credentialless');
});
afterAll(async () => {
  await Promise.all([folder.close(), blog.close()]);
});

describe('the frame', () => {
  let visitor: Visitor;
  afterEach(() => visitor?.leave());

  async function visit(path: string): Promise<{ frame: Frame; complaints: string[] }> {
    const complaints: string[] = [];
    visitor = await Visitor.open({
      at: blog.url + path,
      before: async (page) => {
        page.on('console', (message) => {
          if (message.type() === 'error' && !message.location().url.endsWith('favicon.ico'))
            complaints.push(message.text());
        });
      },
    });
    await expect.poll(() => visitor.page.frames().length).toBe(2);
    return { frame: visitor.page.frames()[1], complaints };
  }
  const badge = (frame: Frame, words: string) => frame.getByTestId('badge').filter({ hasText: words }).waitFor();
  const heard = (type: string) =>
    visitor.page.evaluate(
      (wanted) =>
        (window as unknown as { heard: { data: { type?: string } & Record<string, unknown> }[] }).heard
          .map(({ data }) => data)
          .filter((data) => data?.type === wanted),
      type,
    );
  const send = (message: object) =>
    visitor.page.evaluate((data) => document.querySelector('iframe')!.contentWindow!.postMessage(data, '*'), message);

  it('writes live under a strict CSP, tells its height and nothing of the text', async () => {
    const { frame, complaints } = await visit('/frame');
    await badge(frame, 'live (WebGPU, ');
    await expect.poll(async () => (await heard('moe:height')).at(-1)?.height).toBeGreaterThan(200);
    const height = await frame.evaluate(() => document.body.getBoundingClientRect().height);
    await expect.poll(async () => (await heard('moe:height')).at(-1)?.height).toBe(Math.ceil(height));
    await send({ type: 'moe:set', link: '#seed=6&tokens=4&hide=status' });
    expect(await heard('moe:change')).toEqual([]);
    expect(await frame.locator('moe-scope').getAttribute('link')).toBe('#seed=5&tokens=8&pace=full');
    expect(complaints).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('writes live in a sandbox that denies it storage and an origin, on the CPU where that denies its worker the GPU', async () => {
    const { frame } = await visit('/sandboxed');
    await badge(frame, 'live (');
    await frame.locator('moe-text .t').nth(6).waitFor();
    const denied = await frame.evaluate(() => {
      try {
        return localStorage.length < 0;
      } catch {
        return self.origin === 'null';
      }
    });
    expect(denied).toBe(true);
    expect(visitor.errors).toEqual([]);
  });

  it('obeys and informs a page that its address allows, without credentials or storage of its site', async () => {
    const { frame, complaints } = await visit('/allowed');
    await badge(frame, 'recorded');
    expect(await frame.evaluate('credentialless')).toBe(true);
    expect(await frame.getByTestId('toggle').count()).toBe(1);
    await send({ type: 'moe:set', link: '#seed=6&hide=transport' });
    await frame.getByTestId('toggle').waitFor({ state: 'detached' });
    await frame.locator('moe-text .t').first().click();
    await expect.poll(async () => (await heard('moe:select')).length).toBeGreaterThan(0);
    await frame.getByTestId('prompt').fill('My secret words');
    await frame.getByTestId('sampling').locator('summary').click();
    await frame.getByTestId('seed').fill('77');
    // What the visitor types stays in the frame, whatever its address allows; what the page around has sent comes back.
    const told = async () => JSON.stringify(await heard('moe:change'));
    await expect.poll(told).toContain('seed=77');
    expect(await told()).not.toContain('secret');
    await send({ type: 'moe:set', link: '#prompt=Of+the+host&hide=transport' });
    await expect.poll(() => frame.getByTestId('prompt').inputValue()).toBe('Of the host');
    await frame.getByTestId('seed').fill('78');
    await expect.poll(told).toContain('prompt=Of+the+host&seed=78');
    expect(complaints).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });
});

describe('the share sheet', () => {
  it('writes the HTML of a frame and of an element, without what is left out, and shows the frame', async () => {
    const open = await serveFolder(pagePolicy());
    const visitor = await Visitor.open({
      cpu: true,
      at: `${open.url}#seed=9&tokens=8`,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    // From here on the link stays as it is.
    await visitor.untilBadge('live (CPU)');
    await visitor.untilAtRest();
    await visitor.id('share').click();
    const html = () => visitor.id('embed-html').inputValue();
    expect(await html()).toContain(`src="${open.url}embed.html#seed=9&amp;tokens=8`);
    await visitor.page.getByRole('checkbox', { name: 'sampling' }).check();
    await visitor.id('embed-variant').selectOption('grid');
    expect(await html()).toContain(`embed.html?variant=grid#seed=9&amp;tokens=8&amp;hide=sampling`);
    await visitor.id('embed-look').click();
    const preview = visitor.id('embed-preview');
    await expect.poll(() => preview.getAttribute('height')).not.toBe('640');
    await preview.contentFrame().locator('moe-scope').waitFor();
    await visitor.id('embed-as').selectOption('element');
    expect(await html()).toContain('<moe-scope variant="grid" link="#seed=9&amp;tokens=8&amp;hide=sampling');
    await visitor.id('copy-embed').click();
    await visitor.id('sheet-said').filter({ hasText: 'The HTML is copied.' }).waitFor();
    expect(await visitor.page.evaluate(() => navigator.clipboard.readText())).toBe(await html());
    expect(visitor.errors).toEqual([]);
    await visitor.leave();
    await open.close();
  });
});
