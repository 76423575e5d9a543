/** Without a network after one visit, on hosts of every kind: the page, and the frame that was never visited. */
import { describe, expect, it } from 'vitest';
import { servePages } from './hosts.ts';
import { STATIC_HOSTS, serveOn } from './staticHosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** Each of these is a part of another one, or close to it: the gate leaves them to MOESCOPE_FULL. */
const FULL = process.env.MOESCOPE_FULL === '1';
const TWICE = new Set([
  'clean URLs in a folder below, sent on for the time being',
  'a slash that is added to folders',
  'a script added to every page',
  'gzip',
  'wrong media types for all but scripts, styles and pages',
  'index.html for whatever is missing',
]);

describe('after one visit, with the server gone', () => {
  it.each(Object.entries(STATIC_HOSTS).filter(([name]) => FULL || !TWICE.has(name)))('%s', async (_, host) => {
    const server = await serveOn(host);
    const visitor = await Visitor.open({ cpu: true, at: server.url, serviceWorkers: 'allow' });
    const { page } = visitor;
    await visitor.untilBadge('live (CPU)');
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await server.close();
    await page.reload();
    await visitor.untilBadge('live (CPU)');
    for (const address of ['embed.html?device=recorded', 'embed?device=recorded', 'index.html']) {
      await page.goto(new URL(address, server.url).href, { waitUntil: 'commit' });
      await visitor.untilBadge(address === 'index.html' ? '' : 'recorded');
    }
    expect(visitor.errors).toEqual([]);
    await visitor.leave();
  });
});

it('can be framed by a page that sends COEP, with the headers of docs/hosting.md', async () => {
  const coep = { 'cross-origin-embedder-policy': 'require-corp' };
  const server = await serveOn({
    headers: (file): Record<string, string> => ({
      'cross-origin-resource-policy': 'cross-origin',
      ...(/^(embed\.html|assets\/)/.test(file) && coep),
    }),
  });
  const frame = `<iframe src="${server.url}embed.html" width="700" height="600"></iframe>`;
  const blog = await servePages({ '/': { body: `<!doctype html><title>A blog</title>${frame}`, headers: coep } });
  const visitor = await Visitor.open({ cpu: true, at: `${blog.url}/` });
  await visitor.page.frameLocator('iframe').getByTestId('badge').filter({ hasText: 'live (CPU)' }).waitFor();
  await visitor.leave();
  await Promise.all([server.close(), blog.close()]);
});
