/** Without a network, after one visit, at a sub-path: the page with its models, a kept file that is damaged, a new version. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, serveFolder } from './hosts.ts';
import { pagePolicy } from './policies.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** A visitor of a folder of which there is another version since, and what has become of both. */
async function atAnotherVersion() {
  const folder = await serveFolder();
  const visitor = await Visitor.open({ cpu: true, at: folder.url, serviceWorkers: 'allow' });
  await visitor.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await visitor.page.reload(); // From here the kept version serves the page.
  folder.appended.set('sw.js', '\n// another version');
  const states = await visitor.page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    const before = registration.active;
    await registration.update();
    await new Promise<void>((installed) => {
      const check = () => (registration.waiting ? installed() : undefined);
      registration.installing?.addEventListener('statechange', check);
      check();
    });
    return { same: registration.active === before, waiting: registration.waiting?.state };
  });
  return { folder, visitor, states };
}

describe('after one visit', () => {
  let folder: Folder;
  let visitor: Visitor;
  let updated: ReturnType<typeof atAnotherVersion>;
  beforeAll(async () => {
    folder = await serveFolder(pagePolicy());
    // A browser takes half a minute to ask for a new version: the other tests run meanwhile.
    updated = atAnotherVersion();
    updated.catch(() => {}); // Until its test awaits it.
    visitor = await Visitor.open({ cpu: true, at: folder.url, serviceWorkers: 'allow' });
    await visitor.untilBadge('live (CPU)');
    await visitor.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  });
  afterAll(async () => {
    await visitor.leave();
    await folder.close();
  });

  /** What is kept of a file, by the end of its path. */
  const kept = (end: string, replace?: string) =>
    visitor.page.evaluate(
      async ([path, bytes]) => {
        const [name] = await caches.keys();
        const cache = await caches.open(name);
        const key = (await cache.keys()).find(({ url }) => new URL(url).pathname.endsWith(path!));
        if (!key) return -1;
        if (bytes !== undefined) await cache.put(key, new Response(bytes));
        return (await (await cache.match(key))!.arrayBuffer()).byteLength;
      },
      [end, replace],
    );

  it('knows its files by their names alone, not by those that every object has', async () => {
    folder.requests.length = 0;
    await visitor.page.evaluate(async () => void (await fetch('toString')));
    expect(folder.requests).toEqual([expect.stringMatching(/\/toString$/)]);
  });

  it('fetches a kept model that is damaged again, and keeps the whole one', async () => {
    const whole = await kept('models/moe.gguf');
    expect(whole).toBeGreaterThan(1e6);
    expect(await kept('models/moe.gguf', 'not a model')).toBe(11);
    folder.requests.length = 0;
    await visitor.page.reload();
    await visitor.untilBadge('live (CPU)');
    expect(folder.requests.filter((path) => /\.(html|js|css|json)$|\/$/.test(path) && !path.endsWith('sw.js'))).toEqual(
      [],
    );
    expect(folder.requests.filter((path) => path.endsWith('moe.gguf')).length).toBe(1);
    expect(await kept('models/moe.gguf')).toBe(whole);
  });

  it('goes on where storage is full, and keeps the file when there is room again', async () => {
    const storage = await visitor.page.context().newCDPSession(visitor.page);
    const { origin } = new URL(folder.url);
    const whole = await kept('models/moe.gguf');
    await kept('models/moe.gguf', 'not a model');
    await storage.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    await visitor.page.reload();
    await visitor.untilBadge('live (CPU)');
    expect(await kept('models/moe.gguf')).toBe(-1);
    await storage.send('Storage.overrideQuotaForOrigin', { origin });
    await visitor.page.reload();
    await visitor.untilBadge('live (CPU)');
    expect(await kept('models/moe.gguf')).toBe(whole);
  });

  it('lets a new version wait while the page of the old one is open', async () => {
    expect((await updated).states).toEqual({ same: true, waiting: 'installed' });
  });

  it('works with the server gone: the page, its text live, another model', async () => {
    await folder.close();
    await visitor.page.reload();
    await visitor.untilBadge('live (CPU)');
    await visitor.id('model').selectOption('dense-active');
    await visitor.id('loading').waitFor({ state: 'detached' });
    await expect.poll(() => visitor.id('model').inputValue()).toBe('dense-active');
    expect(visitor.errors).toEqual([]);
  });

  it('says that a newer version waits, and takes it when that is pressed, with its page alone', async () => {
    const { visitor } = await updated;
    const { page } = visitor;
    await visitor.untilBadge('live (CPU)');
    await visitor.id('newer').filter({ hasText: 'A newer version' }).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url().replace(/#.*/, 'favicon.svg'));
    await visitor.id('take-newer').click();
    await visitor.id('newer').filter({ hasText: 'another tab' }).waitFor();
    await other.close();
  });

  it('lets the new version wait through a talk, and takes it when a booth is at rest, with its page alone', async () => {
    const { visitor, folder } = await updated;
    const { page } = visitor;
    const waiting = () =>
      page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting)).catch(() => null);
    expect(await waiting()).toBe(true);
    // In a talk it waits, from scene to scene, with no other page there to keep it waiting.
    await page.evaluate(() => {
      Object.assign(window, { before: true });
      location.hash = '#scenes=3-minutes&scene=2';
    });
    const scene = () => visitor.id('scene').getAttribute('data-scene');
    await expect.poll(scene).toBe('2');
    await page.keyboard.press('PageDown');
    await expect.poll(scene).toBe('3');
    await visitor.id('stage-source').filter({ hasText: 'live' }).waitFor();
    await visitor.untilWritten(1);
    expect(await waiting()).toBe(true);
    expect(await page.evaluate(() => 'before' in window && location.hash)).toContain('scenes=3-minutes&scene=3');

    const other = await page.context().newPage();
    await other.goto(`${folder.url}favicon.svg`);
    await page.evaluate(() => {
      location.hash = '#kiosk=1';
    });
    await visitor.id('attract').waitFor();
    expect(await waiting()).toBe(true);
    await other.close();
    // The page that was closed may still be counted when the loop begins: then the next time it begins will do.
    const afterLoop = async () => {
      const still = await waiting();
      if (still) await page.reload();
      return still;
    };
    await expect.poll(afterLoop, { interval: 2000, timeout: 60_000 }).toBe(false);
    await visitor.id('attract').waitFor();
    expect(await page.evaluate(() => location.hash)).toContain('kiosk=1');
    await visitor.id('stage-source').filter({ hasText: 'live' }).waitFor();
    await visitor.leave();
    await folder.close();
  });
});
