// Makes of the built folder what npm packs: the types of the element and its manifest, beside the files.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { manifest, undocumented } from './manifest.mjs';

const made = manifest();
const silent = undocumented(made);
if (silent.length) {
  console.error(`Not documented in src/embed/moe-scope.ts: ${silent.join(', ')}`);
  process.exit(1);
}
writeFileSync('dist/custom-elements.json', JSON.stringify(made, null, 2));

const emitted = mkdtempSync(join(tmpdir(), 'moescope-types-'));
const emit = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', emitted];
if (spawnSync('npx', ['tsc', ...emit], { stdio: 'inherit' }).status !== 0) process.exit(1);

const HOME = 'dist/types';
const OWN = 'scripts/package';
rmSync(HOME, { recursive: true, force: true });
mkdirSync(HOME, { recursive: true });
for (const name of readdirSync(OWN)) copyFileSync(join(OWN, name), join(HOME, name));

/** Takes a declaration along with every one that it names. */
const taken = new Set();
function take(path) {
  if (taken.has(path)) return;
  taken.add(path);
  const text = readFileSync(join(emitted, 'src', path.replace(/\.ts$/, '.d.ts')), 'utf8')
    .replace(/^import '[^']*';\n/gm, '')
    .replace(/(from |import\()'(\.[^']+)\.ts'/g, (_, keyword, target) => {
      take(join(dirname(path), `${target}.ts`));
      return `${keyword}'${target}.js'`;
    });
  const file = join(HOME, path.replace(/\.ts$/, '.d.ts'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const entry of ['embed/moe-scope.ts', 'embed/contract.ts', 'state/variant.ts', 'engine/webgpu/moeLayer.ts'])
  take(entry);
rmSync(emitted, { recursive: true });
