/** One visit to the built page in another engine: the model writes, every view opens, nothing complains. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from './hosts.ts';
import type { OtherBrowser } from './otherBrowsers.ts';
import { pagePolicy } from './policies.ts';
import { serveOn } from './staticHosts.ts';

const REPORTS = join(process.env.MOESCOPE_REPORTS ?? '.cache', 'pictures');

/** In front of the page's own script: what goes wrong is kept, and how to find an element wherever it is. */
const WATCH = `
  window.troubles = [];
  const told = (what) => window.troubles.push(String(what));
  // Of a ResizeObserver: that the rest is told in the next frame.
  const harmless = /^ResizeObserver loop/;
  addEventListener('error', ({ message, error, target }) => harmless.test(message) || told(error?.stack ?? message ?? 'not loaded: ' + (target.src ?? target.href)), true);
  addEventListener('unhandledrejection', ({ reason }) => told(reason?.stack ?? reason));
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => told(violatedDirective + ' forbids ' + blockedURI));
  window.everything = (selector, start = document) => {
    const found = [];
    const walk = (root) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.matches(selector)) found.push(element);
        if (element.shadowRoot) walk(element.shadowRoot);
      }
    };
    walk(start);
    return found;
  };`;

interface Watched {
  readonly troubles: string[];
  everything(selector: string, start?: ParentNode): HTMLElement[];
}
declare const window: Window & Watched;

/** The built page under the policy of docs/hosting.md, watched. */
function serveWatched(): Promise<Server> {
  const hash = createHash('sha256').update(WATCH).digest('base64');
  const policy = pagePolicy().replace('script-src', `script-src 'sha256-${hash}'`);
  return serveOn({
    headers: (file): Record<string, string> => (file.endsWith('.html') ? { 'content-security-policy': policy } : {}),
    body: (file, bytes) =>
      file === 'index.html'
        ? Buffer.from(bytes.toString().replace('<head>', `<head><script>${WATCH}</script>`))
        : bytes,
  });
}

/** @param badge what it says of the engine that writes. */
export function smoke(name: string, launch: () => Promise<OtherBrowser>, badge: string): void {
  describe(`the built page in ${name}`, () => {
    let server: Server;
    let browser: OtherBrowser;
    beforeAll(async () => {
      server = await serveWatched();
      browser = await launch();
      await browser.resize(1440, 900);
      await browser.open(server.url);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    const text = (selector: string) =>
      browser.evaluate((wanted) => window.everything(wanted).map((each) => (each.textContent ?? '').trim()), selector);
    const written = async () => (await text('.t:not(.prompt)')).length;
    const troubles = () => browser.evaluate(() => window.troubles);
    /** What sticks out of the window to the right, and is in nothing that scrolls or cuts it off. */
    const wider = () =>
      browser.evaluate(() => {
        const parentOf = (node: Node): Element | null =>
          (node as Element).assignedSlot ?? node.parentElement ?? ((node.getRootNode() as ShadowRoot).host || null);
        const isCut = (node: Element | null): boolean =>
          node !== null &&
          node !== document.body &&
          (getComputedStyle(node).overflowX !== 'visible' || isCut(parentOf(node)));
        const out = window.everything('*').filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
        // A part out of sight is not laid out: its charts take the new width when they come into sight.
        const laid = out.filter((each) => each.checkVisibility({ contentVisibilityAuto: true }));
        const free = laid.filter((each) => !isCut(parentOf(each)));
        return free.map((each) => `${each.localName}.${each.className}: ${each.getBoundingClientRect().right}`);
      });
    async function keep(what: string): Promise<string> {
      const picture = await browser.picture();
      mkdirSync(REPORTS, { recursive: true });
      writeFileSync(join(REPORTS, `${name.toLowerCase()}-${what}.png`), Buffer.from(picture, 'base64'));
      return picture;
    }

    it(`is ${badge.trim()}, and writes`, async () => {
      await expect.poll(async () => (await text('[data-testid=badge]'))[0], { timeout: 100_000 }).toContain(badge);
      await expect.poll(written).toBeGreaterThan(7);
      expect(await troubles()).toEqual([]);
    });

    it('stripes its bars evenly from end to end', async () => {
      await expect.poll(async () => (await text('.same-total i')).length).toBeGreaterThan(0);
      const picture = await keep('1440');
      const inked = await browser.evaluate(async (png) => {
        const image = new Image();
        image.src = `data:image/png;base64,${png}`;
        await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.width, image.height];
        const context = canvas.getContext('2d')!;
        context.drawImage(image, 0, 0);
        const bar = window.everything('cost-strip, moe-cost-strip')[0].shadowRoot!.querySelector('.same-total i')!;
        const { left, top, width, height } = bar.getBoundingClientRect();
        const row = context.getImageData(
          Math.ceil(left) + 2,
          Math.round(top + height / 2),
          Math.floor(width) - 4,
          1,
        ).data;
        return Array.from({ length: row.length / 4 }, (_, x) => row[4 * x] < 140);
      }, picture);
      expect(inked.length).toBeGreaterThan(100);
      // Of every two stripes' width, some is ink and some is not.
      for (let x = 0; x + 12 <= inked.length; x++) {
        const dark = inked.slice(x, x + 12).filter(Boolean).length;
        expect(dark, `from ${x}`).toBeGreaterThan(1);
        expect(dark, `from ${x}`).toBeLessThan(8);
      }
    });

    it.each([
      [1440, 900],
      [390, 844],
    ])('opens every view at %i × %i, with nothing wider than the window and no complaint', async (width, height) => {
      await browser.resize(width, height);
      await expect.poll(() => browser.evaluate(() => innerWidth)).toBe(width);
      const views = () =>
        browser.evaluate(() => window.everything('moe-part[data-view]').map((part) => part.dataset.view!));
      await expect.poll(async () => (await views()).length).toBeGreaterThan(10);
      for (const view of await views()) {
        const shown = () =>
          browser.evaluate((name) => {
            const part = window.everything(`moe-part[data-view=${name}]`)[0];
            part.scrollIntoView({ behavior: 'instant' });
            const parts = window.everything('h2, h3, p:not(.waits), button, td', part.shadowRoot!);
            return parts.some((part) => part.innerText?.trim() && part.getClientRects().length > 0);
          }, view);
        await expect.poll(shown, { message: view }).toBe(true);
        await expect.poll(wider, { message: view }).toEqual([]);
        await keep(`${width}-${view}`);
      }
      expect(await troubles()).toEqual([]);
    });

    it('shows the whole article below', async () => {
      await browser.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      await expect.poll(async () => (await text('footer')).length).toBeGreaterThan(0);
      await keep('390-end');
      expect(await troubles()).toEqual([]);
    });
  });
}
