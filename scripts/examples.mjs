// npm run examples [-- NAME …]: packs the package and tries every example with it, as a stranger would: outside this folder, in a browser.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { preview } from 'vite';
import { findChromium, SOFTWARE_WEBGPU_ARGS } from './chromium.mjs';

/** What is run in each, and the folder that is served then. */
const BUILDS = {
  plain: [{ served: '.' }],
  cdn: [{ served: '.' }],
  react: [{ script: 'build', served: 'dist' }],
  next: [
    { script: 'build', served: 'out' },
    { script: 'build:webpack', served: 'out' },
  ],
  vue: [{ script: 'build', served: 'dist' }],
  svelte: [{ script: 'build', served: 'dist' }],
  webpack: [{ script: 'build', served: 'dist' }],
  parcel: [{ script: 'build', served: 'dist' }],
  blog: [{ script: 'build', served: '_site' }],
  deck: [{ script: 'build', served: '.' }],
};
/** On a slide it comes into sight only when the slide does. */
const AT = { deck: '#/1' };
const CDN = 'https://cdn.jsdelivr.net';
const TYPES = { '.js': 'text/javascript', '.json': 'application/json' };
const PATIENCE_MILLISECONDS = 300_000;

function must(cwd, command, ...args) {
  console.log(`${cwd}> ${command} ${args.join(' ')}`);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}\n${stderr}`);
}

/** Serves a package as a CDN does: /npm/NAME@VERSION/…, readable from every origin, kept for ever. */
async function cdn(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const root = `/npm/${name}@${version}/`;
  const server = createServer(({ url }, answer) => {
    const file = join(folder, url.slice(root.length));
    const found = url.startsWith(root) && existsSync(file) && statSync(file).isFile();
    answer.writeHead(found ? 200 : 404, {
      'Access-Control-Allow-Origin': '*',
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'X-Content-Type-Options': 'nosniff',
    });
    if (found) createReadStream(file).pipe(answer);
    else answer.end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Files of what was built that name a place on this machine. */
function leaks(folder, served) {
  // Not file:///${…}, which a bundler's own script puts together.
  const places = ['file:///', folder, resolve('.')];
  return readdirSync(join(folder, served), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(m?js|html|css|map)$/.test(path) && !path.includes('node_modules'))
    .flatMap((path) => {
      const text = readFileSync(join(folder, served, path), 'utf8').replaceAll('file:///${', '');
      return places.filter((place) => text.includes(place)).map((place) => `${path} contains ${place}`);
    });
}

/** Opens what was built until the element is live and has written; resolves to all that was wrong. */
async function open(browser, { folder, served, at, picture }) {
  const complaints = served === '.' ? [] : leaks(folder, served);
  const server = await preview({
    configFile: false,
    root: folder,
    build: { outDir: served },
    preview: { port: 0, host: '127.0.0.1' },
    logLevel: 'warn',
  });
  const page = await browser.newPage();
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(server.resolvedUrls.local[0] + at);
  const written = () => {
    const element = document.querySelector('moe-scope');
    return element?.matches(':state(live)') && element.text.length > 100 && element.text;
  };
  const text = await page
    .waitForFunction(written, undefined, { timeout: PATIENCE_MILLISECONDS })
    .then((handle) => handle.jsonValue())
    .catch(({ message }) => complaints.push(message));
  if (complaints.length === 0) console.log(`live, wrote ${JSON.stringify(String(text).slice(-40))}`);
  await page.screenshot({ path: picture });
  await page.close();
  await server.close();
  return complaints;
}

const wanted = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'moescope-examples-'));
must('.', 'npm', 'pack', '--pack-destination', work);
const tarball = join(work, readdirSync(work)[0]);
console.log(`${tarball}: ${(statSync(tarball).size / 1e6).toFixed(1)} MB`);
must('.', 'npx', '--yes', 'publint', tarball);
must('.', 'npx', '--yes', '@arethetypeswrong/cli', tarball, '--profile', 'esm-only');
must(work, 'tar', 'xf', tarball);
const host = await cdn(join(work, 'package'));

const browser = await chromium.launch({ executablePath: findChromium(), args: SOFTWARE_WEBGPU_ARGS });
let failed = 0;
for (const [name, builds] of Object.entries(BUILDS)) {
  if (wanted.length && !wanted.includes(name)) continue;
  const folder = join(work, name);
  try {
    cpSync(resolve('examples', name), folder, { recursive: true });
    if (existsSync(join(folder, 'package.json'))) {
      must(folder, 'npm', 'install', '--include=dev', '--no-audit', '--no-fund', tarball);
    } else if (name === 'plain') {
      cpSync(join(work, 'package/lib'), join(folder, 'moescope'), { recursive: true });
    } else {
      const page = join(folder, 'index.html');
      writeFileSync(page, readFileSync(page, 'utf8').replace(CDN, host.origin));
    }
    for (const { script, served } of builds) {
      if (script) must(folder, 'npm', 'run', script);
      const picture = join(work, `${name}-${script ?? 'page'}.png`);
      const complaints = await open(browser, { folder, served, at: AT[name] ?? '', picture });
      if (complaints.length > 0) throw new Error(complaints.join('\n'));
      console.log(`${name} ${script ?? ''}: ok`);
    }
  } catch ({ message }) {
    failed++;
    console.error(`${name}: FAILED\n${message}`);
  }
}
await browser.close();
host.close();
console.log(`Pictures and projects: ${work}. ${failed} failed.`);
process.exit(failed ? 1 : 0);
