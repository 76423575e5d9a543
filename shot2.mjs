import { chromium } from 'playwright-core';
import { preview } from 'vite';
const s = await preview({ preview: { port: 4777 }, logLevel: 'silent' });
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const sizes = (process.argv[2] ?? '1280x665').split(',');
for (const one of sizes) {
  const [w, h, scheme] = one.split('x');
  const c = await b.newContext({ viewport: { width: +w, height: +h }, colorScheme: scheme ?? 'light', hasTouch: +w < 500 });
  const p = await c.newPage();
  await p.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
  await p.goto('http://localhost:4777/' + (process.argv[3] ?? ''));
  await p.waitForTimeout(+(process.argv[5] ?? 9000));
  if (process.argv[4] === 'dialog') { await p.getByTestId('model').selectOption('elsewhere:'); await p.waitForTimeout(1500); }
  if (process.argv[4] === 'train') { await p.getByTestId('train-toggle').scrollIntoViewIfNeeded(); await p.getByTestId('train-toggle').click(); await p.waitForTimeout(15000); await p.locator('train-race').scrollIntoViewIfNeeded(); }
  await p.screenshot({ path: `/tmp/shots/${process.argv[4] ?? 'page'}-${one}.png` });
  await c.close();
}
await b.close(); await s.close(); process.exit(0);
