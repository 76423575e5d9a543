/** A visitor: opens the page, reads what stands there, and reports what went wrong in the console. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';
import { findChromium, NOTHING_BESIDE_PAGES, SOFTWARE_WEBGPU_ARGS } from '../../scripts/chromium.mjs';
import type { MoePart } from '../../src/ui/article/moe-part.ts';

let browser: Browser;

/** With plain spaces, of which there is one between two words: what is printed keeps a figure and its unit on one line. */
export const plain = (words: string): string => words.replace(/\s+/g, ' ');

/** One browser for the file; call it at the top. */
export function useBrowser(args: readonly string[] = SOFTWARE_WEBGPU_ARGS): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: findChromium()!, args: [...args, NOTHING_BESIDE_PAGES] });
  });
  afterAll(async () => {
    await browser?.close();
  });
}

export interface Visit extends BrowserContextOptions {
  readonly query?: string;
  /** In a browser without WebGPU: for what the page does the same on any engine. Compiling for a GPU played by a CPU is dear. */
  readonly cpu?: boolean;
  /** Another page than the built one. */
  readonly at?: string;
  /** Runs before the page's own script. */
  readonly before?: (page: Page) => Promise<unknown>;
}

export class Visitor {
  readonly errors: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
    // What a Content-Security-Policy forbids, in workers, too.
    page.on('console', (message) => {
      if (/content.security.policy/i.test(message.text())) this.errors.push(message.text());
    });
  }

  static async open({ query = '', at = inject('url'), cpu = false, before, ...options }: Visit = {}): Promise<Visitor> {
    const context = await browser.newContext({
      serviceWorkers: 'block',
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(120_000); // As long as a slow machine needs.
    const page = await context.newPage();
    const visitor = new Visitor(page);
    if (cpu)
      await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
    await before?.(page);
    await page.goto(at + query, { waitUntil: 'commit' });
    return visitor;
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }

  id(name: string) {
    return this.page.getByTestId(name);
  }

  async badge(): Promise<string> {
    return ((await this.id('badge').textContent()) ?? '').trim();
  }

  /** Whether a part can be pressed where it stands, with nothing in front of it and without scrolling. */
  async inReach(name: string): Promise<boolean> {
    return this.id(name).evaluate((part) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      let top: Element | null = null;
      for (let root: Document | ShadowRoot | null = document; root; root = top?.shadowRoot ?? null) {
        const next: Element | null = root.elementFromPoint(x + width / 2, y + height - 2);
        if (next === top) break;
        top = next;
      }
      return top === part;
    });
  }

  /** Waits until the badge begins with `words`. */
  async untilBadge(words: string, timeout = 120_000): Promise<void> {
    await this.id('badge').filter({ hasText: words }).waitFor({ timeout });
  }

  /** The tokens of the text, prompt included, as they stand on the page. */
  async tokens(): Promise<string[]> {
    return this.page.locator('moe-text .t').evaluateAll((spans) => spans.map((span) => span.textContent ?? ''));
  }

  async written(): Promise<number> {
    return this.page.locator('moe-text .t:not(.prompt)').count();
  }

  async untilWritten(count: number, timeout = 120_000): Promise<void> {
    await this.page
      .locator('moe-text .t:not(.prompt)')
      .nth(count - 1)
      .waitFor({ state: 'attached', timeout });
  }

  /** Writes from a prompt to the end of the run and returns the whole text. */
  async write(prompt: string, options: Readonly<Record<string, string>> = {}): Promise<string> {
    await this.stop();
    for (const [field, value] of Object.entries(options)) await this.set(field, value);
    await this.id('prompt').fill(prompt);
    await this.begin();
    await this.untilAtRest();
    return (await this.tokens()).join('');
  }

  /** A field of the sampling, which is folded away. */
  async set(field: string, value: string): Promise<void> {
    const fold = this.id('sampling');
    if (!(await fold.evaluate((node) => (node as HTMLDetailsElement).open))) await fold.locator('summary').click();
    await this.id(field).fill(value);
  }

  /** Starts from the prompt and waits until the old text has gone. */
  async begin(): Promise<void> {
    await this.press('Write');
    await this.page.locator('moe-text .giving-way').waitFor({ state: 'detached' });
  }

  /** The big button, once it says `words`. */
  async press(words: string): Promise<void> {
    await this.id('toggle').filter({ hasText: words }).click();
  }

  async stop(): Promise<void> {
    if (await this.id('stop').isEnabled()) await this.id('stop').click();
    await this.untilAtRest();
  }

  /** Waits until the run is over and all of its text is drawn, which takes a frame more. */
  async untilAtRest(): Promise<void> {
    await this.id('toggle').filter({ hasText: 'Write' }).waitFor();
    await this.untilDrawn();
  }

  /** In the frame in which so many tokens stand there: a click that takes its time may meet the end of the text, and begin another. */
  async pauseAfter(count: number): Promise<void> {
    await this.page.waitForFunction((count) => {
      const page = document.querySelector('moe-page')?.shadowRoot;
      const toggle = page
        ?.querySelector('transport-bar')
        ?.shadowRoot?.querySelector<HTMLElement>('[data-testid=toggle]');
      const spans = page?.querySelector('moe-text')?.shadowRoot?.querySelectorAll('.t:not(.prompt)');
      if (!toggle?.textContent?.includes('Pause') || (spans?.length ?? 0) < count) return false;
      toggle.click();
      return true;
    }, count);
    await this.untilDrawn();
  }

  async pause(): Promise<void> {
    await this.press('Pause');
    await this.untilDrawn();
  }

  private async untilDrawn(): Promise<void> {
    await this.page.locator('moe-text .text:not([aria-busy=true])').waitFor();
  }

  /** Goes to a part of the article, by the word of its link or its name, and waits until it is drawn. */
  async show(name: string): Promise<void> {
    const part = this.page.locator(`moe-part:is([data-view="${name}"], [data-part="${name}"])`);
    await part.evaluate(async (node) => {
      const go = () => node.scrollIntoView({ block: 'start', behavior: 'instant' });
      const frame = () => new Promise(requestAnimationFrame);
      do {
        go();
        await frame();
      } while (!(node as MoePart).isDrawn);
      await (node as MoePart).updateComplete;
      // What came in above may have moved it.
      await frame();
      go();
      await frame();
    });
  }

  async fullSpeed(): Promise<void> {
    await this.page.getByRole('radio', { name: 'full speed' }).click();
  }

  async text(name: string): Promise<string> {
    return plain((await this.id(name).textContent()) ?? '').trim();
  }
}
