/** <moe-scope> on other people's pages: foreign origin, strict CSP, several at once, moved and taken out. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MoeScope } from '../../src/embed/moe-scope.ts';
import { type Folder, type Server, serveFolder, servePages } from './hosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

let folder: Folder;
let blog: Server;

const scope = (attributes: string, inside = '') =>
  `<moe-scope tokens="12" pace="full" ${attributes}>${inside}</moe-scope>`;

/** The first tokens of the recording that lies beside the page, as somebody else would have recorded them. */
function shortRun() {
  const file = new URL('../../public/recordings/default.json', import.meta.url);
  const { tokens, expertIds, gateWeights, probabilities: _, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  const card = { parameters: { total: 7e9, active: 1e9 } };
  const rows = [tokens, expertIds, gateWeights].map((list) => list.slice(0, 12));
  return { ...rest, card, promptTokens: 2, tokens: rows[0], expertIds: rows[1], gateWeights: rows[2] };
}

beforeAll(async () => {
  folder = await serveFolder();
  const { origin } = new URL(folder.url);
  const strict = `default-src 'none'; script-src ${origin}; connect-src ${origin}`;
  const page = (body: string, head = '') =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A blog</title>${head}
    <script type="module" src="${folder.url}moe-scope.js"></script></head><body><h1>A blog</h1>${body}</body></html>`;
  const style = `<style>html { font: italic 20px/2 "Courier New", monospace; color: rgb(20, 60, 40); background: rgb(250, 240, 220); }
    p { color: red } button { background: lime }</style>`;
  const counted = `
    const ask = GPUAdapter.prototype.requestDevice;
    self.devices = 0;
    GPUAdapter.prototype.requestDevice = function (...asked) {
      self.devices++;
      return ask.apply(this, asked);
    };
    import '${folder.url}moe-scope-worker.js';`;
  blog = await servePages({
    '/strict': {
      body: page(scope('variant="tokens" seed="5"', '<p>A model would write here.</p>')),
      policy: `${strict}; worker-src blob:`,
    },
    '/no-worker': {
      body: page('<moe-scope variant="grid" seed="5"></moe-scope>'),
      policy: `${strict}; worker-src 'none'`,
    },
    '/asks': { body: page(scope('variant="grid" reveal="interaction"', '<p>A picture of it.</p>')) },
    '/many': {
      body: page(
        `${scope('id="one" variant="tokens" seed="5" worker-url="/worker.js"')}${scope('id="two" variant="grid" seed="5"')}
        <p style="height: 3000px"></p>${scope('id="three" variant="router"')}`,
        style,
      ),
    },
    '/ten': {
      body: page(
        scope('variant="grid" worker-url="/worker.js" tokens="1"').repeat(10),
        `<script>customElements.define('status-line', class extends HTMLElement {})</script>
        <script type="module" src="${folder.url}moe-scope.js?another"></script>`,
      ),
    },
    '/race': { body: page('<moe-scope variant="race" device="recorded"></moe-scope>') },
    '/full': { body: page('<moe-scope device="recorded"></moe-scope>') },
    '/recorded': { body: page('<moe-scope recording="run.json" pace="full"></moe-scope>') },
    '/no-recording': { body: page('<moe-scope recording="nowhere.json"></moe-scope>') },
    '/run.json': { body: JSON.stringify(shortRun()), type: 'application/json' },
    '/worker.js': { body: counted, type: 'text/javascript' },
  });
});
afterAll(async () => {
  await Promise.all([folder.close(), blog.close()]);
});

/** Waits until the element with this id has written a whole text by itself. */
async function written(page: Page, id: string): Promise<string> {
  await page.waitForFunction((at) => {
    const element = document.querySelector(at ? `#${at}` : 'moe-scope');
    return element?.matches(':state(live)') && /Write/.test(deep(element, 'moe-transport-bar')?.textContent ?? '');
    function deep(host: Element, tag: string): ShadowRoot | null {
      const view = host.shadowRoot?.querySelector('moe-scope-view')?.shadowRoot;
      return view?.querySelector(tag)?.shadowRoot ?? null;
    }
  }, id);
  return page.evaluate((at) => document.querySelector<MoeScope>(at ? `#${at}` : 'moe-scope')!.text, id);
}

describe('the element', () => {
  let visitor: Visitor;
  afterEach(() => visitor?.leave());
  const visit = async (path: string, cpu = false, before?: (page: Page) => unknown) => {
    visitor = await Visitor.open({ at: blog.url + path, cpu, before: async (page) => before?.(page) });
    return visitor.page;
  };

  it('is harmless to import where there is no DOM', async () => {
    const file = new URL('../../dist/moe-scope.js', import.meta.url).href;
    expect(Object.keys(await import(/* @vite-ignore */ file))).toEqual([]);
  });

  it('writes live on a foreign page under a strict CSP, without a word of complaint', async () => {
    const complaints: string[] = [];
    const page = await visit('/strict');
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await visitor.untilBadge('live (WebGPU, ');
    const text = await written(page, '');
    expect(text.length).toBeGreaterThan(20);
    expect(await page.locator('moe-scope').getByText('<p>A model would write here.</p>').isVisible()).toBe(false);
    // The first visit of a page: nothing of the element stays behind in it.
    expect(
      await page.evaluate(() => [
        location.hash,
        Object.keys({ ...localStorage }),
        document.documentElement.dataset.theme ?? null,
      ]),
    ).toEqual(['', [], null]);
    expect(complaints.filter((text) => !/favicon/.test(text))).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('says which rule of the page keeps its worker out, and plays the recording', async () => {
    await visit('/no-worker');
    await visitor.id('notice').filter({ hasText: 'allow worker-src blob:' }).waitFor();
    await visitor.untilBadge('recorded');
    expect(await visitor.id('notice').textContent()).toContain('Content-Security-Policy');
  });

  it('plays the recording that its author names, and fetches no model', async () => {
    folder.requests.length = 0;
    const page = await visit('/recorded');
    await visitor.untilBadge('recorded');
    await expect.poll(() => page.evaluate(() => document.querySelector<MoeScope>('moe-scope')!.trace.length)).toBe(12);
    expect(await page.evaluate(() => document.querySelector<MoeScope>('moe-scope')!.text)).toBe(
      shortRun()
        .tokens.map(({ text }: { text: string }) => text)
        .join(''),
    );
    expect(folder.requests.filter((path) => /gguf|default.json/.test(path))).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('says where the recording that it was to play is not', async () => {
    await visit('/no-recording');
    await visitor.id('notice').filter({ hasText: 'nowhere.json' }).waitFor();
  });

  it('fetches nothing but itself until it is asked, where the author wants that', async () => {
    folder.requests.length = 0;
    const page = await visit('/asks');
    await page.getByRole('button', { name: 'Start the model' }).waitFor();
    expect(await page.getByText('A picture of it.').isVisible()).toBe(true);
    expect(folder.requests.filter((path) => !path.endsWith('moe-scope.js'))).toEqual([]);
    await page.getByRole('button', { name: 'Start the model' }).click();
    await visitor.id('loading').waitFor();
    expect(await page.getByText('A picture of it.').isVisible()).toBe(false);
  });

  it('lets React and Vue set its attributes: they would set a property of the same name in their place', async () => {
    const page = await visit('/asks');
    await page.getByRole('button', { name: 'Start the model' }).waitFor();
    const both = await page.evaluate(() => {
      const element = document.querySelector<MoeScope>('moe-scope')!;
      const { observedAttributes } = element.constructor as typeof MoeScope;
      return observedAttributes.filter((name) => name in element);
    });
    expect(both).toEqual(['variant', 'link']);
  });

  it('follows its own links itself: the host page stays where it is', async () => {
    const page = await visit('/full', true);
    await visitor.untilBadge('recorded');
    const experiment = page.locator('[data-experiment]').first();
    await experiment.click();
    const link = () => page.evaluate(() => new URL(document.querySelector('moe-scope')!.link).hash);
    // Which expert is the busiest depends on how far the recording has played.
    await expect.poll(link).toMatch(/^#off=5:\d+$/);
    expect(await page.evaluate(() => location.hash)).toBe('');
    expect(visitor.errors).toEqual([]);
  });

  it('tells the document of every token and of the end, and starts again after dispose()', async () => {
    const page = await visit('/full', true);
    await visitor.untilBadge('recorded');
    const told = await page.evaluate(async () => {
      const scope = document.querySelector('moe-scope')!;
      const tokens: (typeof scope.trace)[number][] = [];
      document.addEventListener('moe-token', ({ detail }) => tokens.push(detail));
      const ended = new Promise<{ tokens: number; text: string }>((end) =>
        document.addEventListener('moe-end', ({ detail }) => end(detail)),
      );
      scope.state = { ...scope.state!, pace: 'full' };
      if (!scope.matches(':state(recorded)')) throw new Error('no recording plays');
      return { end: await ended, tokens, trace: scope.trace, text: scope.text };
    });
    expect(told.trace.length).toBe(told.end.tokens);
    // A browser that translates the page leaves the text alone.
    expect(await page.locator('moe-text .flow').evaluate((flow: HTMLElement) => flow.translate)).toBe(false);
    // Those that had played before anybody listened are in the trace alone.
    expect(told.tokens.length).toBeGreaterThan(10);
    expect(told.tokens).toEqual(told.trace.slice(told.tokens[0].position));
    expect(told.end.text).toBe(told.text);
    expect(told.trace[0]).toMatchObject({ position: 0, prompt: true });
    for (const { experts, weights } of told.trace) {
      expect(experts.map(({ length }) => length)).toEqual(weights.map(({ length }) => length));
      for (const chosen of weights) expect(chosen.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 2);
    }
    const after = await page.evaluate(() => {
      const scope = document.querySelector('moe-scope')!;
      scope.dispose();
      return [scope.matches(':state(recorded)'), scope.trace.length, scope.text];
    });
    expect(after).toEqual([false, 0, '']);
    await page.getByRole('button', { name: 'Play the recording' }).click();
    await visitor.untilBadge('recorded');
    expect(visitor.errors).toEqual([]);
  });

  it('starts its session once, however often the painters come and go', async () => {
    const lists: string[] = [];
    const page = await visit('/race', true, (page) => {
      page.on('request', (request) => /models\/index\.json/.test(request.url()) && lists.push(request.url()));
    });
    await page.locator('moe-scope moe-train-race').waitFor();
    expect(lists).toEqual([]);
    for (const variant of ['tokens', 'race', 'grid', 'race', 'tokens'])
      await page.evaluate((variant) => document.querySelector('moe-scope')!.setAttribute('variant', variant), variant);
    await visitor.untilBadge('recorded');
    await page.waitForTimeout(300);
    expect(lists.length).toBe(1);
    expect(visitor.errors).toEqual([]);
  });

  it('shares one worker and one device, rests out of sight, and keeps its text when it is moved', async () => {
    const page = await visit('/many');
    const [one, two] = [await written(page, 'one'), await written(page, 'two')];
    // Both began with one seed, each has a text and a cache of its own.
    expect(one).toBe(two);
    expect(page.workers().length).toBe(1);
    expect(await page.workers()[0].evaluate('self.devices')).toBe(1);
    const look = await page.evaluate(() => {
      const base = document.querySelector('#one')!.shadowRoot!.querySelector('.moe-base')!;
      const { color, fontFamily, fontStyle } = getComputedStyle(base);
      return {
        color,
        fontFamily,
        fontStyle,
        three: document.querySelector('#three')!.matches(':state(recorded), :state(live)'),
      };
    });
    expect(look).toMatchObject({ color: 'rgb(20, 60, 40)', fontStyle: 'normal', three: false });
    expect(look.fontFamily).toContain('Courier New');

    const moved = await page.evaluate(async () => {
      const element = document.querySelector('moe-scope')!;
      document.querySelector('h1')!.before(element);
      await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
      return element.text;
    });
    expect(moved).toBe(one);
    await page.locator('#one moe-text .t').first().waitFor();
    // The token drawn last is not routed, so it is not a span yet.
    const shown = (await page.locator('#one moe-text .t').allTextContents()).join('');
    expect(shown.length).toBeGreaterThan(20);
    expect(one.startsWith(shown)).toBe(true);
  });

  it('stands ten times on a page that has a second copy and a name of its own, with one worker and one device', async () => {
    const said: string[] = [];
    visitor = await Visitor.open({
      at: `${blog.url}/ten`,
      viewport: { width: 1200, height: 8000 },
      before: async (page) => page.on('console', (message) => said.push(message.text())),
    });
    const { page } = visitor;
    await page.waitForFunction(() => document.querySelectorAll('moe-scope:state(live)').length === 10);
    expect(page.workers().length).toBe(1);
    expect(await page.workers()[0].evaluate('self.devices')).toBe(1);
    expect(said.filter((text) => /left unused: this page has <moe-scope> [\d.]+ already/.test(text)).length).toBe(1);
    expect(visitor.errors).toEqual([]);
  });

  it('ends its worker when the last element is taken out in the middle of a run', async () => {
    const page = await visit('/many', true);
    await page.locator('#one moe-text .t').first().waitFor();
    await page.waitForFunction(() => document.querySelector('#two')!.matches(':state(cpu)'));
    await page.evaluate(() => {
      for (const element of document.querySelectorAll('moe-scope')) element.remove();
    });
    await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
    expect(visitor.errors).toEqual([]);
  });
});
