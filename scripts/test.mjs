// npm test: everything the gate asks for, in the order in which it fails fastest.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findChromium, vulkanEnvironment } from './chromium.mjs';
import { findFirefox, findWebKit } from './otherBrowsers.mjs';

const reports = mkdtempSync(join(tmpdir(), 'moescope-test-'));
const totals = { passed: 0, failed: 0 };
/** What failed: said last, where nobody has to scroll for it. */
const troubles = [];
/** What this machine cannot test. */
const skipped = [];

/** Runs a command in the foreground; true when it succeeded. */
function attempt(command, args, options = {}) {
  console.log(`\n> ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit', ...options }).status === 0;
}

function must(command, args, options) {
  if (!attempt(command, args, options)) finish(1);
}

function finish(code) {
  if (troubles.length > 0) console.log(`\n${troubles.join('\n\n')}`);
  if (skipped.length > 0) console.log(`\n${skipped.join('\n')}`);
  if (existsSync(join(reports, 'pictures')))
    console.log(`\nPictures of the page in other browsers: ${join(reports, 'pictures')}`);
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  process.exit(code);
}

/** Installs Debian's packages, where that can be done without asking anybody. */
function installDebian(...packages) {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  attempt('apt-get', ['update', '-qq']);
  attempt('apt-get', ['install', '-y', '-qq', ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** A system browser, else Playwright's, else (as root on Debian) the package. */
function ensureChromium() {
  if (findChromium()) return;
  attempt('npx', ['playwright-core', 'install', 'chromium']);
  if (findChromium()) return;
  installDebian('chromium');
  if (findChromium()) return;
  console.error('No Chromium or Chrome was found and none could be installed. Install one, or set CHROMIUM_PATH.');
  finish(1);
}

/** The other engines, as far as this machine can have them. */
function ensureOthers() {
  const missing = [
    ...(findFirefox() ? [] : ['firefox-esr']),
    ...(findWebKit() || process.platform !== 'linux' ? [] : ['webkit2gtk-driver', 'xvfb']),
  ];
  if (missing.length > 0) installDebian(...missing);
  if (!findFirefox()) skipped.push('Skipped: the page in Firefox. Install it, or set FIREFOX_PATH.');
  if (!findWebKit()) skipped.push('Skipped: the page in WebKit, which takes webkit2gtk-driver and xvfb, on Linux.');
}

/** Runs one vitest configuration, adds up its counts and resolves to whether all went well; `aside`, only with what others leave idle. */
async function vitest(name, args, { env, aside = false } = {}) {
  const file = join(reports, `${name}.json`);
  const all = [
    'vitest',
    'run',
    ...args,
    '--reporter=default',
    '--reporter=./scripts/tellFailures.mjs',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ];
  if (!aside) console.log(`\n> npx ${all.join(' ')}`);
  const child = spawn('npx', all, { env: { ...process.env, ...env }, stdio: aside ? 'pipe' : 'inherit' });
  if (aside) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => said.push(data));
  const code = await new Promise((resolve) => child.on('error', () => resolve(1)).on('close', resolve));
  // In one piece, not between the lines of what ran beside it.
  if (aside) console.log(`\n> npx ${all.join(' ')}\n${Buffer.concat(said)}`);
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
    for (const { name: path, status, message, assertionResults } of testResults) {
      const told = assertionResults.filter(({ failureMessages }) => failureMessages.length > 0);
      for (const { fullName, failureMessages } of told) {
        troubles.push(`FAILED ${relative('.', path)}: ${fullName}\n${failureMessages.join('\n')}`);
      }
      if (status === 'failed' && told.length === 0) troubles.push(`FAILED ${relative('.', path)}\n${message}`);
    }
  } catch {
    console.error(`The ${name} tests left no report.`);
  }
  return code === 0;
}

ensureChromium();
ensureOthers();
must('npx', ['tsc']);
must('npx', ['biome', 'check', '.']);
must('npx', ['knip']);
// llama.cpp comes prebuilt for this platform; elsewhere its tests say that they are skipped.
if (process.platform === 'linux' && process.arch === 'x64') {
  must('npm', ['ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: 'tests/oracle' });
}
must('npx', ['vite', 'build']);
// The browser spends half of its time waiting; the others run in that half.
const units = vitest('unit and kernel', [], { env: vulkanEnvironment(true), aside: true });
const browser = await vitest('browser', ['--config', 'vitest.browser.config.ts'], {
  env: { MOESCOPE_REPORTS: reports },
});
finish((await units) && browser ? 0 : 1);
