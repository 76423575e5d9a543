// npm test: everything the gate asks for, in the order in which it fails fastest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium, vulkanEnvironment } from './chromium.mjs';

const reports = mkdtempSync(join(tmpdir(), 'moescope-test-'));
const totals = { passed: 0, failed: 0 };

/** Runs a command in the foreground; true when it succeeded. */
function attempt(command, args, options = {}) {
  console.log(`\n> ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit', ...options }).status === 0;
}

function must(command, args, options) {
  if (!attempt(command, args, options)) finish(1);
}

function finish(code) {
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  process.exit(code);
}

/** A system browser, else Playwright's, else (as root on Debian) the package. */
function ensureChromium() {
  if (findChromium()) return;
  attempt('npx', ['playwright-core', 'install', 'chromium']);
  if (findChromium()) return;
  if (process.getuid?.() === 0) {
    attempt('apt-get', ['update', '-qq']);
    attempt('apt-get', ['install', '-y', '-qq', 'chromium']);
  }
  if (findChromium()) return;
  console.error('No Chromium or Chrome was found and none could be installed. Install one, or set CHROMIUM_PATH.');
  finish(1);
}

/** Runs one vitest configuration and adds up its counts. */
function vitest(name, args, env) {
  const file = join(reports, `${name}.json`);
  const ok = attempt(
    'npx',
    ['vitest', 'run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    {
      env: { ...process.env, ...env },
    },
  );
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'));
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
  } catch {
    console.error(`The ${name} tests left no report.`);
  }
  if (!ok) finish(1);
}

ensureChromium();
must('npx', ['tsc']);
must('npx', ['biome', 'check', '.']);
must('npx', ['knip']);
// llama.cpp comes prebuilt for this platform; elsewhere its tests say that they are skipped.
if (process.platform === 'linux' && process.arch === 'x64') {
  must('npm', ['ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: 'tests/oracle' });
}
vitest('unit and kernel', [], vulkanEnvironment(true));
must('npx', ['vite', 'build']);
vitest('browser', ['--config', 'vitest.browser.config.ts']);
finish(0);
