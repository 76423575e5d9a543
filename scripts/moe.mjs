#!/usr/bin/env node
// The command `moe`: src/cli/moe.ts, run from source through Vite, with the environment that Vulkan wants.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, SOFTWARE_WEBGPU_ARGS, vulkanEnvironment } from './chromium.mjs';

const LAUNCHED = 'MOESCOPE_LAUNCHED';
const argv = process.argv.slice(2);
const first = process.env[LAUNCHED] === undefined;

/** This command again, in a process with this environment as well: the Vulkan loader reads its own only once, at start. */
function again(vulkan) {
  const env = { ...process.env, ...vulkan, [LAUNCHED]: '1' };
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...argv], { env, stdio: 'inherit' });
  return status ?? 1;
}

const vulkan = first ? vulkanEnvironment() : {};
if (Object.keys(vulkan).length > 0) process.exit(again(vulkan));

// The machine has a driver of its own; should Dawn refuse it (Mesa's lavapipe), there is still the software one.
const software = vulkanEnvironment(true);
const restart = first && Object.keys(software).length > 0 ? () => again(software) : null;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { runnerImport } = await import('vite');
const { module } = await runnerImport(`${root}/src/cli/moe.ts`, { root, configFile: false, logLevel: 'error' });
// Packages are loaded from here: the runner that brought src/cli/moe.ts in is closed by now.
const load = {
  webgpu: () => import('webgpu'),
  playwright: () => import('playwright-core'),
  vite: () => import('vite'),
};
// A reader that closes the pipe (head, less) is no fault.
process.stdout.on('error', () => process.exit(0));
const out = (text) => process.stdout.write(text);
const err = (text) => process.stderr.write(text);
const host = { root, browser: findChromium(), browserArgs: SOFTWARE_WEBGPU_ARGS, out, err, restart, load };
// exitCode, not exit(): what is still on its way to a pipe has to get there.
process.exitCode = await module.main(argv, host);
