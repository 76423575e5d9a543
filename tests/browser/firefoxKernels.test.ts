/** The kernel tests in Firefox, whose WebGPU is another program (wgpu, naga) than the one that they pass on in Node. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFirefox } from '../../scripts/otherBrowsers.mjs';
import type { Run } from './kernelsPage/page.ts';
import { launchFirefox, type OtherBrowser } from './otherBrowsers.ts';

const root = resolve(import.meta.dirname, 'kernelsPage');
/** The self-test runs wherever the page does. */
const files = readdirSync(resolve(root, '../../kernels')).filter((name) => /^(?!selfTest).*\.test\.ts$/.test(name));

describe.skipIf(!findFirefox())('in Firefox', () => {
  const outDir = mkdtempSync(join(tmpdir(), 'moescope-kernels-'));
  let server: PreviewServer;
  let browser: OtherBrowser;
  let hasWebGpu = false;

  beforeAll(async () => {
    await build({
      ...{ root, base: './', configFile: false, logLevel: 'warn' },
      // In place of vitest its parts, and of Node's WebGPU the page's own.
      resolve: { alias: { vitest: join(root, 'vitest.ts'), webgpu: join(root, 'webgpu.ts') } },
      define: { 'process.env.MOESCOPE_FULL': '""' },
      build: { outDir, emptyOutDir: true, target: 'esnext', minify: false },
    });
    const served = { port: 0, host: '127.0.0.1' };
    server = await preview({ root, configFile: false, build: { outDir }, preview: served });
    browser = await launchFirefox();
    await browser.open(server.resolvedUrls!.local[0]);
    hasWebGpu = await browser.evaluate(() => 'gpu' in navigator);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(outDir, { recursive: true, force: true });
  });

  // A page a file: each has a device of its own.
  test.for(files)('%s passes', { timeout: 600_000 }, async (file, { skip }) => {
    skip(!hasWebGpu, 'This Firefox has no WebGPU.');
    await browser.open(`${server.resolvedUrls!.local[0]}?file=${file}`);
    const run = () => browser.evaluate(() => (globalThis as unknown as { run?: Run }).run ?? null);
    await expect.poll(async () => (await run())?.over, { timeout: 590_000, interval: 300 }).toBe(true);
    const { failures, passed } = (await run())!;
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });
});
