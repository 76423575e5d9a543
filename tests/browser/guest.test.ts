/** <moe-scope> in places that other people's pages make for it: any container, direction, document, colour, root size, keys. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, type Server, serveFolder, servePages } from './hosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

let folder: Folder;
let blog: Server;
let visitor: Visitor;
let page: Page;

const grid = (attributes = '') => `<moe-scope variant="grid" device="recorded" ${attributes}></moe-scope>`;
const PLACES = {
  'a flex row': `<div style="display: flex">${grid()}</div>`,
  'a flex row beside a picture': `<div style="display: flex"><i style="width: 300px"></i>${grid()}</div>`,
  'a column whose items are centred': `<div style="display: flex; flex-direction: column; align-items: center">${grid()}</div>`,
  'the centre of a grid': `<div style="display: grid; place-items: center">${grid()}</div>`,
  'a float': `<div style="display: flow-root">${grid('style="float: left"')}</div>`,
  'a line': `<p>${grid('style="display: inline-block"')}</p>`,
  'a table cell': `<table><tr><td>${grid()}</td></tr></table>`,
  'an absolute box': `<div style="position: relative; height: 800px">${grid('style="position: absolute"')}</div>`,
  'a dialog': `<dialog>${grid()}</dialog>`,
};

beforeAll(async () => {
  folder = await serveFolder();
  blog = await servePages({
    '/': {
      body: `<!doctype html><title>A blog</title><script type="module" src="${folder.url}moe-scope.js"></script>`,
    },
  });
  visitor = await Visitor.open({ at: blog.url, cpu: true, reducedMotion: 'reduce' });
  page = visitor.page;
});
afterAll(async () => {
  await visitor?.leave();
  await Promise.all([folder.close(), blog.close()]);
});

/** Another page with `body`, whose elements have something to show. */
async function stand(body: string, style = ''): Promise<void> {
  await page.evaluate(
    ([html, css]) => {
      document.head.querySelector('style')?.remove();
      document.head.append(Object.assign(document.createElement('style'), { textContent: css }));
      document.body.innerHTML = html;
      document.querySelector('dialog')?.showModal();
    },
    [body, style],
  );
  if (!body.includes('reveal')) await page.locator('moe-scope').getByTestId('count').first().waitFor();
}

/** Colours inside the first element, and how wide it is. */
const look = () =>
  page.evaluate(() => {
    const host = document.querySelector('moe-scope')!;
    const base = host.shadowRoot!.querySelector<HTMLElement>('.moe-base')!;
    const style = getComputedStyle(base);
    const [ink, paper] = ['--ink', '--paper'].map((name) => {
      const probe = base.appendChild(document.createElement('i'));
      probe.style.color = `var(${name})`;
      const [red, green, blue] = getComputedStyle(probe)
        .color.match(/[\d.]+/g)!
        .map(Number);
      probe.remove();
      return (red + green + blue) / 3;
    });
    return { ink, paper, painted: base.classList.contains('painted'), size: Number.parseFloat(style.fontSize) };
  });

describe('a guest', () => {
  it.each(Object.entries(PLACES))('has a width of its own in %s', async (_, body) => {
    for (const [window, least] of [
      [1440, 500],
      [360, 250],
    ]) {
      await page.setViewportSize({ width: window, height: 900 });
      await stand(body);
      const width = await page.evaluate(() => document.querySelector('moe-scope')!.getBoundingClientRect().width);
      expect(width, `window of ${window}`).toBeGreaterThanOrEqual(body.includes('300px') && window < 400 ? 0 : least);
      if (!body.includes('300px'))
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(window);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('reads from left to right on a page that does not', async () => {
    await stand(`<div dir="rtl">${grid()}</div>`);
    const order = await page.getByTestId('count').evaluate((count) => {
      const [number, word] = [count.querySelector('em')!, count].map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return range.getBoundingClientRect();
      });
      return { starts: number.left - word.left, direction: getComputedStyle(count).direction };
    });
    expect(order.direction).toBe('ltr');
    expect(order.starts).toBeLessThan(2);
  });

  it('takes its size from itself, whatever the root says', async () => {
    const sizes: number[] = [];
    for (const css of [
      'html { font-size: 62.5% } body { font-size: 1.6rem }',
      'html { font-size: 40px } body { font-size: 16px }',
    ]) {
      await stand(grid(), css);
      sizes.push((await look()).size);
    }
    expect(sizes).toEqual([14, 14]);
    await stand(grid(), 'html { font-size: 62.5% }');
    expect((await look()).size).toBeGreaterThan(12);
    await stand(grid(), 'moe-scope { font-size: 32px }');
    expect((await look()).size).toBe(28);
    await stand(grid(), 'moe-scope { --moe-size: 10px }');
    expect((await look()).size).toBe(8.75);
  });

  it.each([
    ['a dark gradient', 'body { background: linear-gradient(#123, #000); color: white }', 'dark'],
    ['a picture nobody can read', 'body { background: url(/none.png); color: #eee }', 'dark'],
    [
      'a fixed picture behind all',
      'body { color: white } body::before { content: ""; position: fixed; inset: 0; background: #111; z-index: -1 }',
      'dark',
    ],
    ['white ink that was forgotten on white', 'body { background: white; color: white }', 'light'],
    [
      'a veil over black',
      'body { background: black; color: #ddd } main { background: rgb(255 255 255 / 10%) }',
      'dark',
    ],
  ])('can be read on %s', async (_, css, expected) => {
    await stand(`<main>${grid()}</main>`, css);
    const { ink, paper } = await look();
    expect(Math.abs(ink - paper)).toBeGreaterThan(110);
    expect(ink > paper ? 'dark' : 'light').toBe(expected);
  });

  it('follows a theme of a wrapper, and a style sheet that comes later', async () => {
    await stand(`<main>${grid()}</main>`, '.night { background: #111; color: #eee }');
    expect((await look()).paper).toBeGreaterThan(200);
    await page.evaluate(() => document.querySelector('main')!.classList.add('night'));
    await expect.poll(async () => (await look()).paper).toBeLessThan(40);
    await page.evaluate(() => document.querySelector('main')!.classList.remove('night'));
    await expect.poll(async () => (await look()).paper).toBeGreaterThan(200);
    // By no node of the page: only what is inherited tells.
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('body { background: #111; color: #eee }');
      document.adoptedStyleSheets = [sheet];
    });
    await expect.poll(async () => (await look()).paper).toBeLessThan(40);
    await page.evaluate(() => {
      document.adoptedStyleSheets = [];
    });
  });

  it.each(['within a frame', 'as a frame begins'])('follows what is changed and changed back %s', async (when) => {
    await stand(`<main class="night">${grid()}</main>`, '.night { background: #111; color: #eee }');
    await expect.poll(async () => (await look()).paper).toBeLessThan(40);
    const seen = await page.evaluate(async (moment) => {
      const base = document.querySelector('moe-scope')!.shadowRoot!.querySelector<HTMLElement>('.moe-base')!;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('body { background: #111; color: #eee }');
      document.querySelector('main')!.classList.remove('night');
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      const between = base.style.getPropertyValue('--paper');
      if (moment !== 'within a frame') await new Promise(requestAnimationFrame);
      document.adoptedStyleSheets = [sheet];
      return between;
    }, when);
    expect(seen).toContain('255');
    await expect.poll(async () => (await look()).paper).toBeLessThan(40);
    await page.evaluate(() => {
      document.adoptedStyleSheets = [];
    });
  });

  /** The wall's own width, as it is and as it is drawn, and the text so far. */
  const wall = () =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
      const host = document.querySelector('moe-scope')!;
      const view = host.shadowRoot!.querySelector('moe-scope-view');
      const inner = view?.shadowRoot?.querySelector('moe-expert-wall');
      const canvas = inner?.shadowRoot?.querySelector('canvas');
      return { width: inner?.getBoundingClientRect().width ?? 0, drawn: canvas?.width ?? 0, text: host.text.length };
    });

  it('is there again after it was not displayed', async () => {
    await stand(grid());
    const before = await wall();
    expect(before.drawn).toBeGreaterThan(400);
    await page.evaluate(() => document.querySelector('moe-scope')!.style.setProperty('display', 'none'));
    expect((await wall()).width).toBe(0);
    await page.evaluate(() => document.querySelector('moe-scope')!.style.removeProperty('display'));
    await expect.poll(async () => ({ ...(await wall()), text: 0 })).toEqual({ ...before, text: 0 });
    expect((await wall()).text).toBeGreaterThanOrEqual(before.text);
  });

  it('starts when what it is folded into is opened, and outlives that it is folded again', async () => {
    await page.evaluate((html) => {
      document.body.innerHTML = html;
    }, `<details><summary>More</summary>${grid()}</details>`);
    await page.waitForTimeout(300);
    expect((await wall()).text).toBe(0);
    await page.locator('summary').click();
    await page.locator('moe-scope').getByTestId('count').first().waitFor();
    const open = await wall();
    expect(open.width).toBeGreaterThan(400);
    await page.locator('summary').click();
    await page.locator('summary').click();
    await expect.poll(async () => (await wall()).width).toBe(open.width);
    expect((await wall()).text).toBeGreaterThan(0);
  });

  it('keeps to its place under zoom, and is drawn as sharp', async () => {
    await stand(`<div style="zoom: 1.5">${grid()}</div>`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1440);
    const { width, drawn } = await wall();
    expect(drawn).toBeGreaterThan(0.9 * width);
  });

  it('prints all of its text, and nothing that can only be pressed', async () => {
    await page.evaluate((html) => {
      document.body.innerHTML = html;
    }, '<moe-scope device="recorded" style="width: 640px; --moe-text-height: 6rem"></moe-scope>');
    const text = page.locator('moe-scope').getByTestId('text');
    await text.locator('.t').nth(60).waitFor({ state: 'attached' });
    const hidden = () => text.evaluate((box) => box.scrollHeight - box.clientHeight);
    await expect.poll(hidden).toBeGreaterThan(10);
    await page.emulateMedia({ media: 'print', reducedMotion: 'reduce' });
    await expect.poll(hidden).toBeLessThanOrEqual(1);
    expect(await page.locator('moe-scope').getByTestId('prompt').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen', reducedMotion: 'reduce' });
  });

  it('goes along into another document, dressed, and writes on there', async () => {
    await stand(`${grid()}<iframe style="width: 700px; height: 700px"></iframe>`);
    const styled = await page.evaluate(async () => {
      const element = document.querySelector('moe-scope')!;
      const inner = document.querySelector('iframe')!.contentDocument!;
      inner.body.append(inner.adoptNode(element));
      for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
      const view = element.shadowRoot!.querySelector('moe-scope-view')!;
      const wall = view.shadowRoot!.querySelector('moe-expert-wall')!;
      return {
        wall: wall.shadowRoot!.adoptedStyleSheets.length,
        base: getComputedStyle(element.shadowRoot!.querySelector('.moe-base')!).fontSize,
        width: wall.getBoundingClientRect().width,
        text: element.text.length,
      };
    });
    expect(styled.wall).toBeGreaterThan(0);
    expect(styled.base).toBe('14px');
    expect(styled.width).toBeGreaterThan(400);
    expect(styled.text).toBeGreaterThan(20);
    expect(visitor.errors).toEqual([]);
  });

  it('keeps the keys that it uses, and no others', async () => {
    await stand('<moe-scope device="recorded"></moe-scope><input id="own">');
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      for (const type of ['keydown', 'keypress', 'keyup'])
        document.addEventListener(type, (event) => heard.push((event as KeyboardEvent).key));
    });
    const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard.splice(0));
    await page.locator('moe-scope').getByTestId('prompt').fill('');
    await page.keyboard.type('an f?');
    await page.keyboard.press('ArrowRight');
    expect(await heard()).toEqual([]);
    expect(await page.locator('moe-scope').getByTestId('prompt').inputValue()).toBe('an f?');
    await page.keyboard.press('Escape');
    expect(new Set(await heard())).toEqual(new Set(['Escape']));
    await page.locator('moe-scope').getByTestId('one').focus();
    await page.keyboard.press(' ');
    expect(await heard()).toEqual([]);
    await page.keyboard.press('ArrowRight');
    expect(new Set(await heard())).toEqual(new Set(['ArrowRight']));
    await page.locator('#own').focus();
    await page.keyboard.press('a');
    expect(await heard()).toContain('a');
  });

  it('speaks in the words of its host', async () => {
    await stand('<moe-scope device="recorded"></moe-scope>');
    const say = (words: object) =>
      page.evaluate((table) => {
        const { replaceWords } = customElements.get('moe-scope') as unknown as { replaceWords(words: object): void };
        replaceWords(table);
      }, words);
    const scope = page.locator('moe-scope');
    await say({ reset: 'Zurück', 'badge-recorded': 'Aufnahme', prompt: 'Anfang' });
    await scope.getByRole('button', { name: 'Zurück' }).waitFor();
    await scope.getByTestId('badge').filter({ hasText: 'Aufnahme' }).waitFor();
    await scope.getByLabel('Anfang').waitFor({ state: 'attached' });
    await say({});
    await scope.getByRole('button', { name: 'Reset' }).waitFor();
  });

  /** What an element shows and a screen reader hears that has letters and no sign of the table. */
  const english = () =>
    page.evaluate(() => {
      const found = new Set<string>();
      const walk = (node: Node): void => {
        if (node instanceof Element) {
          if (node.matches('style, [translate=no], [hidden]') || node.closest('[translate=no]')) return;
          if (node instanceof HTMLElement && !node.checkVisibility()) return;
          const label = node.getAttribute('aria-label') ?? '';
          if (/\p{L}{2}/u.test(label) && !label.includes('◇')) found.add(label);
          if (node.shadowRoot) for (const each of node.shadowRoot.childNodes) walk(each);
        }
        const words = node.nodeType === Node.TEXT_NODE ? node.textContent!.trim() : '';
        const whole = node.parentElement?.textContent ?? '';
        if (/\p{L}{2}/u.test(words) && !whole.includes('◇')) found.add(words);
        for (const each of node.childNodes) walk(each);
      };
      walk(document.querySelector('moe-scope')!);
      return [...found];
    });

  /** A name and keys of the keyboard. */
  const NOT_WORDS = ['moescope', 'Ctrl', '+ Enter'];

  it.each(['tokens', 'grid', 'compare', 'router', 'full'])('has every word of %s in the table', async (variant) => {
    await stand(grid());
    await page.evaluate(() => {
      const { replaceWords } = customElements.get('moe-scope') as unknown as {
        replaceWords(words: object): Record<string, string>;
      };
      const signed = Object.entries(replaceWords({})).map(([key, words]) => [key, `◇${words}`]);
      replaceWords(Object.fromEntries(signed));
    });
    await page.evaluate((which) => {
      document.body.innerHTML = `<moe-scope variant="${which}" device="recorded"></moe-scope>`;
    }, variant);
    await expect.poll(() => page.evaluate(() => document.querySelector('moe-scope')!.text.length)).toBeGreaterThan(0);
    const words = () =>
      page.evaluate(() =>
        document.querySelector('moe-scope')!.shadowRoot!.querySelector('moe-scope-view')!.checkVisibility(),
      );
    await expect.poll(words).toBe(true);
    await expect.poll(async () => (await english()).filter((each) => !NOT_WORDS.includes(each))).toEqual([]);
    await page.evaluate(() => {
      (customElements.get('moe-scope') as unknown as { replaceWords(words: object): void }).replaceWords({});
    });
  });

  it('shows a picture of the wall and the size of the download before it starts', async () => {
    folder.requests.length = 0;
    await stand('<moe-scope reveal="interaction"></moe-scope>', 'body { background: #111; color: #eee }');
    await page.getByRole('button', { name: 'Start the model (13 MB)' }).waitFor();
    expect(await page.getByRole('img', { name: '6 layers of 16 experts' }).isVisible()).toBe(true);
    expect((await look()).ink).toBeGreaterThan(200);
    expect(folder.requests).toEqual([]);
  });
});
