/** How long the worst traces hold the page's thread, in processor time, in the built page in Chromium. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { preview } from 'vite';
import type { Host } from '../../src/cli/host.ts';
import { mainThreadTasks } from '../browser/mainThread.ts';
import { WORST } from './traces.ts';

const MOST_MILLISECONDS = 200;

async function bring(page: Page, kind: string): Promise<number> {
  // A file of its own: what the driver hands over as bytes is made a file on the page's thread.
  const file = join(tmpdir(), `moescope-worst-${process.pid}.json`);
  writeFileSync(file, WORST[kind]());
  const tasks = await mainThreadTasks(page, async () => {
    await page.getByTestId('bring').setInputFiles(file);
    await quiet(page);
  });
  rmSync(file);
  return Math.max(...tasks);
}

async function quiet(page: Page): Promise<void> {
  const said = page.getByTestId('notice').or(page.getByTestId('badge').filter({ hasText: 'imported' }));
  await said.first().waitFor({ timeout: 120_000 });
  // Until nothing is drawn any more.
  await page.evaluate(async () => {
    const text = document.querySelector('moe-page');
    for (let still = 0, before = -1; still < 4; ) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const now = text?.shadowRoot?.querySelector('moe-text')?.shadowRoot?.querySelectorAll('.t').length ?? 0;
      still = now === before ? still + 1 : 0;
      before = now;
    }
  });
}

/** Prints the longest task for each kind; the number of those beyond what is allowed. dist/ must be built. */
export async function page({ browser: executablePath }: Pick<Host, 'browser'>): Promise<number> {
  const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
  let browser: Browser | null = null;
  let failures = 0;
  try {
    browser = await chromium.launch({ executablePath: executablePath! });
    for (const kind of Object.keys(WORST)) {
      // A page of its own, whose own start is over: what is measured is the file alone.
      const context = await browser.newContext({ serviceWorkers: 'block', viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));
      await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
      await page.goto(`${server.resolvedUrls!.local[0]}#tokens=1&write=1`);
      await page.getByTestId('badge').filter({ hasText: 'live (CPU)' }).waitFor({ timeout: 120_000 });
      await page.getByTestId('toggle').filter({ hasText: 'Write' }).waitFor({ timeout: 120_000 });
      await page.getByTestId('share').click();
      const longest = await bring(page, kind);
      const bad = longest > MOST_MILLISECONDS || errors.length > 0;
      if (bad) failures++;
      console.log(`  ${kind}: ${Math.round(longest)} ms${bad ? ' FAILED' : ''} ${errors.join(' ')}`);
      await context.close();
    }
  } finally {
    await browser?.close();
    await server.close();
  }
  console.log(
    `page: ${Object.keys(WORST).length} traces, ${failures} held the page for more than ${MOST_MILLISECONDS} ms`,
  );
  return failures;
}
