// npm run pictures: photographs the built page with every preset, for public/og/, and whole, for the README. Nothing is drawn by hand.
import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { preview, runnerImport } from 'vite';
import { findChromium, SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';

const { module } = await runnerImport(resolve('scripts/sharePages.ts'));
const { PRESETS, PICTURE, fragment } = module;
const server = await preview({ preview: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
const browser = await chromium.launch({ executablePath: findChromium(), args: SOFTWARE_WEBGPU_ARGS });
mkdirSync('public/og', { recursive: true });
let total = 0;
for (const preset of PRESETS) {
  const page = await browser.newPage({ viewport: PICTURE, serviceWorkers: 'block' });
  const wishes = 'tokens=72&seed=5&pace=full&write=1&hide=tour,presets,prompt,sampling,tabs,cost,article,theme,share';
  await page.goto(`${server.resolvedUrls.local[0]}${fragment(preset)}&${wishes}`);
  await page.getByTestId('badge').filter({ hasText: 'live' }).waitFor();
  await page.locator('moe-text .t:not(.prompt)').nth(4).waitFor({ state: 'attached' });
  await page.getByTestId('toggle').filter({ hasText: 'Write' }).waitFor();
  const path = `public/og/${preset.domain}.jpg`;
  await page.screenshot({ path, type: 'jpeg', quality: 24 });
  total += statSync(path).size;
  console.log(`${path}: ${(statSync(path).size / 1024).toFixed(0)} KB`);
  await page.close();
}
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
await page.goto(`${server.resolvedUrls.local[0]}#seed=5&tokens=120&pace=full&write=1`);
await page.getByTestId('badge').filter({ hasText: 'live' }).waitFor();
await page.locator('moe-text .t:not(.prompt)').nth(100).waitFor({ state: 'attached' });
await page.getByTestId('toggle').filter({ hasText: 'Write' }).waitFor();
await page.screenshot({ path: 'docs/moescope.png' });
await browser.close();
await server.close();
console.log(`${(total / 1024).toFixed(0)} KB in all`);
