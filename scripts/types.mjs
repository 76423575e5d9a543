// The declarations of the package: those of the element and of what they name, and nothing that needs another package.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const OWN = 'scripts/package';
const ENTRIES = ['embed/moe-scope.ts', 'embed/contract.ts', 'state/page/variant.ts'];

/** @param {string} home An empty folder. @throws Error when the source has errors of its own. */
export function writeTypes(home) {
  const emitted = mkdtempSync(join(tmpdir(), 'moescope-types-'));
  const emit = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', emitted];
  if (spawnSync('npx', ['tsc', ...emit], { stdio: 'inherit' }).status !== 0) throw new Error('tsc failed');
  mkdirSync(home, { recursive: true });
  for (const name of readdirSync(OWN)) copyFileSync(join(OWN, name), join(home, name));

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
    const file = join(home, path.replace(/\.ts$/, '.d.ts'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const entry of ENTRIES) take(entry);
  rmSync(emitted, { recursive: true });
}
