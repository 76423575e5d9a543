// What npm packs, made of the built folder: all of it but the two dense twins, the element once more for bundlers, types, manifest.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runnerImport } from 'vite';
import { manifest, undocumented } from './manifest.mjs';
import { writeTypes } from './types.mjs';

/** @param {string} lib A folder to be made anew. @throws Error when something public has no documentation. */
export async function makeLib(lib) {
  const made = manifest();
  const silent = undocumented(made);
  if (silent.length) throw new Error(`Not documented in src/embed/moe-scope.ts: ${silent.join(', ')}`);

  rmSync(lib, { recursive: true, force: true });
  const index = JSON.parse(readFileSync('dist/models/index.json', 'utf8'));
  const apart = index.models.filter(({ role }) => role !== 'moe').map(({ file }) => `dist/models/${file}`);
  cpSync('dist', lib, { recursive: true, filter: (path) => !apart.includes(path.replaceAll('\\', '/')) });
  // The list says what is there, so that the page offers nothing else.
  const models = index.models.filter(({ role }) => role === 'moe');
  writeFileSync(`${lib}/models/index.json`, JSON.stringify({ ...index, models }, null, 1));

  const { module } = await runnerImport('scripts/vitePlugins.ts', { configFile: false, logLevel: 'error' });
  writeFileSync(`${lib}/element.js`, module.forBundlers(readFileSync('dist/moe-scope.js', 'utf8')));
  writeTypes(`${lib}/types`);
  writeFileSync(`${lib}/custom-elements.json`, JSON.stringify(made, null, 2));
  await module.buildServiceWorker({ target: 'es2022', outDir: lib });
}
