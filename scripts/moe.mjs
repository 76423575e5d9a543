#!/usr/bin/env node
// The command `moe`: src/cli/moe.ts, run from source through Vite, with the environment that Vulkan wants.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, SOFTWARE_WEBGPU_ARGS, vulkanEnvironment } from './chromium.mjs';

const LAUNCHED = 'MOESCOPE_LAUNCHED';
const argv = process.argv.slice(2);
const vulkan = process.env[LAUNCHED] ? {} : vulkanEnvironment();

if (Object.keys(vulkan).length > 0) {
  // The Vulkan loader reads its environment once, when the process starts: so start again.
  const env = { ...process.env, ...vulkan, [LAUNCHED]: '1' };
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...argv], { env, stdio: 'inherit' });
  process.exit(status ?? 1);
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { runnerImport } = await import('vite');
const { module } = await runnerImport(`${root}/src/cli/moe.ts`, { root, configFile: false, logLevel: 'error' });
// Packages are loaded from here: the runner that brought src/cli/moe.ts in is closed by now.
const load = {
  webgpu: () => import('webgpu'),
  playwright: () => import('playwright-core'),
  vite: () => import('vite'),
};
const host = { root, browser: findChromium(), browserArgs: SOFTWARE_WEBGPU_ARGS, load };
// exitCode, not exit(): what is still on its way to a pipe has to get there.
process.exitCode = await module.main(argv, host);
