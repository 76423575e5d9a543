// npm run examples [-- NAME …]: packs the package and tries every example with it, as a stranger would: outside this folder, in a browser.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import { findChromium, SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';

const SERVED = { plain: '.', react: 'dist', blog: '_site', deck: '.' };
/** On a slide it comes into sight only when the slide does. */
const AT = { deck: '#/1' };

function must(cwd, command, ...args) {
  console.log(`${cwd}> ${command} ${args.join(' ')}`);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  console.error(stdout, stderr);
  process.exit(1);
}

const wanted = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'moescope-examples-'));
must('.', 'npm', 'pack', '--pack-destination', work);
const tarball = join(work, readdirSync(work)[0]);
must('.', 'npx', '--yes', 'publint', tarball);
must('.', 'npx', '--yes', '@arethetypeswrong/cli', tarball, '--profile', 'esm-only');

const browser = await chromium.launch({ executablePath: findChromium(), args: SOFTWARE_WEBGPU_ARGS });
let failed = 0;
for (const [name, served] of Object.entries(SERVED)) {
  if (wanted.length && !wanted.includes(name)) continue;
  const folder = join(work, name);
  cpSync(resolve('examples', name), folder, { recursive: true });
  if (existsSync(join(folder, 'package.json'))) {
    must(folder, 'npm', 'install', '--include=dev', '--no-audit', '--no-fund', tarball);
    must(folder, 'npm', 'run', 'build');
  } else {
    must(folder, 'tar', 'xf', tarball);
    cpSync(join(folder, 'package/dist'), join(folder, 'moescope'), { recursive: true });
  }
  const server = await preview({
    configFile: false,
    root: folder,
    build: { outDir: served },
    preview: { port: 0, host: '127.0.0.1' },
    logLevel: 'warn',
  });
  const page = await browser.newPage();
  const complaints = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  await page.goto(server.resolvedUrls.local[0] + (AT[name] ?? ''));
  const text = await page
    .waitForFunction(
      () => {
        const element = document.querySelector('moe-scope');
        return element?.matches(':state(live)') && element.text.length > 100 && element.text;
      },
      undefined,
      { timeout: 60_000 },
    )
    .then((handle) => handle.jsonValue())
    .catch(({ message }) => complaints.push(message));
  console.log(
    `${name}: ${complaints.length ? complaints.join('; ') : `live, wrote ${JSON.stringify(String(text).slice(-40))}`}`,
  );
  failed += complaints.length;
  await page.screenshot({ path: join(work, `${name}.png`) });
  await page.close();
  await server.close();
}
await browser.close();
console.log(`Pictures and projects: ${work}`);
process.exit(failed ? 1 : 0);
