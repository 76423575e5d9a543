/** The kernels in Firefox, whose WGSL is read by another compiler (naga) than Chromium's and Node's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFirefox } from '../../scripts/otherBrowsers.mjs';
import type { Server } from './hosts.ts';
import { serveTests, type Told } from './kernelsPage.ts';
import { launchFirefox, type OtherBrowser } from './otherBrowsers.ts';

declare const window: Window & { readonly told?: Told };

/** MOESCOPE_FULL=1 takes all of them. */
const FILES = ['selfTest', 'plan', 'sample', 'slotNorms'];
if (process.env.MOESCOPE_FULL === '1') FILES.push('attention', 'experts', 'gate', 'linear', 'route');

describe.skipIf(!findFirefox())('the tests of the kernels in Firefox', () => {
  let server: Server;
  let browser: OtherBrowser;
  beforeAll(async () => {
    server = await serveTests(FILES.map((name) => `tests/kernels/${name}.test.ts`));
    browser = await launchFirefox();
    await browser.open(server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('all pass', { timeout: 1_800_000 }, async () => {
    const told = () => browser.evaluate(() => window.told);
    await expect.poll(async () => (await told())?.done, { timeout: 1_700_000, interval: 500 }).toBe(true);
    const { passed, failed } = (await told())!;
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(50);
  });
});
