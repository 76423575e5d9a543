// Runs a command of src/cli/ from source through Vite, with the environment that Vulkan wants.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, vulkanEnvironment } from './chromium.mjs';

const LAUNCHED = 'MOESCOPE_LAUNCHED';

/** This command again, in a process with this environment as well: the Vulkan loader reads its own only once, at start. */
function again(vulkan) {
  const env = { ...process.env, ...vulkan, [LAUNCHED]: '1' };
  const child = spawn(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' });
  // Whoever ends this process means the one that works.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((done) => {
    child.on('error', () => done(1));
    child.on('close', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}

/** @param file the command's module, from the repository's root; its main(argv, host) gives the exit code. */
export async function launch(file, browserArgs) {
  const first = process.env[LAUNCHED] === undefined;
  const vulkan = first ? vulkanEnvironment() : {};
  if (Object.keys(vulkan).length > 0) process.exit(await again(vulkan));
  // The machine has a driver of its own; should Dawn refuse it (Mesa's lavapipe), there is still the software one.
  const software = vulkanEnvironment(true);
  const restart = first && Object.keys(software).length > 0 ? () => again(software) : null;
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(`${root}/${file}`, { root, configFile: false, logLevel: 'error' });
  // Packages are loaded from here: the runner that brought the command in is closed by now.
  const load = {
    webgpu: () => import('webgpu'),
    playwright: () => import('playwright-core'),
    vite: () => import('vite'),
  };
  // A reader that closes the pipe (head, less) is no fault.
  process.stdout.on('error', () => process.exit(0));
  const out = (text) => process.stdout.write(text);
  const err = (text) => process.stderr.write(text);
  const host = { root, browser: findChromium(), browserArgs, out, err, restart, load };
  // exitCode, not exit(): what is still on its way to a pipe has to get there.
  process.exitCode = await module.main(process.argv.slice(2), host);
}
