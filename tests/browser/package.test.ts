/** What npm packs, made of the built folder as `npm run package` makes it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeLib } from '../../scripts/lib.mjs';
import type * as promised from '../../scripts/package/moe-layer.d.ts';
import type * as made from '../../src/engine/webgpu/moeLayer.ts';
import { servePages } from './hosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** The compiler refuses this line when the layer is not what its written types promise. */
const kept: typeof made.createMoeLayer extends typeof promised.createMoeLayer ? true : never = true;

const work = mkdtempSync(join(tmpdir(), 'moescope-package-'));
const root = join(work, 'node_modules/moescope');
const lib = join(root, 'lib');
const { exports, main } = JSON.parse(readFileSync('package.json', 'utf8'));
const read = (name: string) => readFileSync(join(lib, name), 'utf8');
const all = () =>
  readdirSync(lib, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(lib.length + 1));

beforeAll(async () => {
  mkdirSync(root, { recursive: true });
  await makeLib(lib);
  writeFileSync(join(root, 'package.json'), readFileSync('package.json'));
}, 300_000);
afterAll(() => rmSync(work, { recursive: true }));

describe('the package', () => {
  it('has a layer that is what its types promise', () => expect(kept).toBe(true));

  it('has every file that its package.json names, for bundlers that do not read exports, too', () => {
    const named = Object.values(exports as Record<string, string | Record<string, string>>)
      .flatMap((each) => (typeof each === 'string' ? [each] : Object.values(each)))
      .filter((path) => path.startsWith('./lib/') && !path.includes('*'));
    expect(named.length).toBeGreaterThan(10);
    for (const path of [...named, main]) expect(statSync(join(root, path)).isFile(), path).toBe(true);
  });

  it('leaves the dense twins out, and lists what is there', () => {
    const { models } = JSON.parse(read('models/index.json'));
    expect(models.map(({ id }: { id: string }) => id)).toEqual(['moe']);
    expect(all().filter((path) => path.endsWith('.gguf'))).toEqual([join('models', 'moe.gguf')]);
    expect(read('sw.js')).not.toMatch(/dense-[a-z]+\.gguf/);
    expect(read('sw.js')).toContain('models/moe.gguf');
    const bytes = all().reduce((sum, path) => sum + statSync(join(lib, path)).size, 0);
    expect(bytes).toBeLessThan(19e6);
  });

  it('never asks a bundler where it is, and knows nothing of the machine that built it', () => {
    expect(read('element.js')).not.toContain('import.meta');
    expect(read('moe-scope.js').match(/import\.meta\.url/g)).toHaveLength(1);
    expect(read('moe-scope.js')).not.toMatch(/new URL\([^()]*import\.meta/);
    for (const path of all().filter((name) => /\.(js|mjs|html|css|json|d\.ts)$/.test(name))) {
      expect(read(path).includes('file:///'), path).toBe(false);
      expect(read(path).includes(resolve('.')), path).toBe(false);
    }
  });

  it('says where it looked for its files when a bundle has none beside it', async () => {
    const site = await servePages({
      '/deep/page': { body: '<!doctype html><script type="module" src="/bundle.js"></script><moe-scope></moe-scope>' },
      '/bundle.js': { body: read('element.js'), type: 'text/javascript' },
    });
    const visitor = await Visitor.open({ at: `${site.url}/deep/page`, cpu: true });
    const said = () => visitor.id('notice').textContent();
    await expect.poll(said).toContain(`The file “models/index.json” is not at ${site.url}/moescope/ (404).`);
    expect(await said()).toContain('name the one that has it: <moe-scope folder="…">');
    expect(visitor.errors).toEqual([]);
    await visitor.leave();
    await site.close();
  });

  it('is Markdown whose links lead to files in it', () => {
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
    const packed = new Set<string>(JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path));
    const folders = new Set(
      [...packed].flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))),
    );
    const broken = [...packed]
      .filter((path) => path.endsWith('.md') && !path.startsWith('lib/'))
      .flatMap((path) =>
        [...readFileSync(path, 'utf8').matchAll(/\]\((?!\w+:|#)([^)#]+)[^)]*\)/g)]
          .map(([, target]) => normalize(join(dirname(path), target)).replace(/\/$/, ''))
          .filter((target) => !packed.has(target) && !folders.has(target))
          .map((target) => `${path}: ${target}`),
      );
    expect(packed.has('README.md')).toBe(true);
    expect(broken).toEqual([]);
  });

  it.each(['bundler', 'node16'])('has types that check without skipLibCheck (%s)', (moduleResolution) => {
    const program = `
      import 'moescope';
      import 'moescope/worker';
      import type { MoeScope, MoeScopeAttributes, PageState } from 'moescope';
      import { createMoeLayer, type MoeLayerOptions } from 'moescope/moe-layer';
      const element = document.querySelector('moe-scope')!;
      export const text: string = element.text;
      export const same: MoeScope = element;
      document.addEventListener('moe-step', ({ detail }) => detail.generated.toFixed());
      window.addEventListener('moe-ready', ({ detail }) => detail.model.layers.toFixed());
      element.addEventListener('moe-error', ({ detail }) => detail.hint.trim());
      export const attributes: MoeScopeAttributes = { variant: 'grid', folder: '/moescope/' };
      export const state: PageState | null = element.state;
      export const layer = (options: MoeLayerOptions) => createMoeLayer(options).then(({ run }) => run);
      // @ts-expect-error
      element.nothing;
    `;
    const folder = join(work, moduleResolution);
    mkdirSync(folder);
    const compilerOptions = {
      target: 'ES2022',
      module: moduleResolution === 'node16' ? 'node16' : 'ESNext',
      moduleResolution,
      lib: ['ES2022', 'DOM'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'main.ts'), program);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    const { stdout, status } = spawnSync('npx', ['tsc', '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
