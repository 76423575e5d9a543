/** One element at a time in a real browser, with the state that a test gives it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { findChromium, NOTHING_BESIDE_PAGES } from '../../scripts/chromium.mjs';
import type { Stage } from './page.ts';

/** One page for the file, loaded anew for each test; call it at the top. The answer gives the page. */
export function useStage(): () => Page {
  const root = import.meta.dirname;
  const outDir = mkdtempSync(join(tmpdir(), 'moescope-elements-'));
  let server: PreviewServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    await build({
      ...{ root, base: './', configFile: false, logLevel: 'error' },
      define: { POSTER_FACTS: '{}', REPOSITORY: '""', SOURCE_ADDRESS: '""' },
      build: { outDir, emptyOutDir: true, target: 'esnext', minify: false },
    });
    server = await preview({ root, configFile: false, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
    browser = await chromium.launch({ executablePath: findChromium()!, args: [NOTHING_BESIDE_PAGES] });
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(outDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await page.setViewportSize({ width: 900, height: 700 });
    await page.goto(server.resolvedUrls!.local[0]);
    await page.waitForFunction(() => 'stage' in globalThis);
  });
  afterEach(async () => {
    await page.unrouteAll({ behavior: 'wait' });
    expect(errors.splice(0)).toEqual([]);
  });
  return () => page;
}

declare global {
  /** In the page, not here. */
  var stage: Stage;
}
