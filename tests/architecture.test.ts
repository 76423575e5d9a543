/** The rules of docs/architecture.md that a machine can check: imports point down, files stay short. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foreignWrites } from './signalWrites.ts';

/** Top floor first. A floor may import from itself and from every floor after it. */
const FLOORS = [
  'embed',
  'ui',
  'state',
  'cli',
  'worker',
  'compare',
  'train',
  'engine',
  'kernels',
  'model',
  'reference',
  'gpu',
];
const SRC = resolve(import.meta.dirname, '../src');

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

function importsOf(file: string): Import[] {
  const source = readFileSync(join(SRC, file), 'utf8');
  const statements = source.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\s+from\s+)?'(\.[^'?]+)(?:\?\w+)?'/gm);
  return [...statements].map(([, type, path]) => ({
    from: file,
    to: relative(SRC, resolve(SRC, dirname(file), path)),
    typeOnly: type !== undefined,
  }));
}

const floorOf = (file: string) => FLOORS.indexOf(file.split('/')[0]);
const imports = files.flatMap(importsOf);

/** Sets of modules that reach each other: the strongly connected ones, by Tarjan's algorithm. */
function circles(): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const mine = order.size;
    order.set(file, mine);
    low.set(file, mine);
    path.push(file);
    for (const { to } of imports.filter(({ from }) => from === file)) {
      if (!order.has(to)) visit(to);
      if (path.includes(to)) low.set(file, Math.min(low.get(file)!, low.get(to)!));
    }
    if (low.get(file) !== mine) return;
    const together = path.splice(path.indexOf(file));
    if (together.length > 1) found.push(together.sort());
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return found;
}

describe('the house', () => {
  it('has imports to look at', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('imports only downwards, types too', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [here, there] = [floorOf(from), floorOf(to)];
      return here >= 0 && there >= 0 && there < here;
    });
    expect(wrong).toEqual([]);
  });

  it('has no modules that import each other in a circle, types included', () => {
    expect(circles()).toEqual([]);
  });

  it('lets the page take nothing but types from the worker', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const page = ['ui', 'state'].includes(from.split('/')[0]);
      return page && to.startsWith('worker/') && !typeOnly;
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('keeps DOM and Lit out of the engine’s floors', () => {
    const wrong = files
      .filter((file) => floorOf(file) >= FLOORS.indexOf('compare'))
      .filter((file) => /from '(lit|@lit)|\bdocument\.|\bwindow\.(?!wgsl)/.test(readFileSync(join(SRC, file), 'utf8')));
    expect(wrong).toEqual([]);
  });

  it('waits for the GPU in one place, which knows how Firefox is to be waited for', () => {
    const waiting = files.filter((file) =>
      /\.(mapAsync|onSubmittedWorkDone)\(/.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(waiting).toEqual(['gpu/waits.ts']);
  });

  it('writes a signal only in the module that makes it', { timeout: 60_000 }, () => {
    expect(foreignWrites()).toEqual([]);
  });

  it('lets no line end between a figure and its unit', () => {
    const parted =
      /[\d}] (?:%|[µm]?s|min|h|dB|[kMGT]?B(?:\/s)?|[KMG]iB|T?FLOP|tokens\/s|thousand|[mb]illion)(?![\w(/-])/;
    const wrong = files
      .filter((file) => ['embed', 'ui', 'state'].includes(file.split('/')[0]))
      .flatMap((file) =>
        readFileSync(join(SRC, file), 'utf8')
          .split('\n')
          .map((line) => `${file}: ${line.trim()}`),
      )
      .filter((line) => parted.test(line) && !/: (\/?\*|\/\/)/.test(line));
    expect(wrong).toEqual([]);
  });

  it('names files in kebab-case on the page’s floors, in camelCase below', () => {
    const wrong = files.filter((file) => {
      const name = file
        .split('/')
        .at(-1)!
        .replace(/(\.d)?\.ts$/, '');
      const page = ['embed', 'ui', 'state', 'offline'].includes(file.split('/')[0]);
      return page ? /[A-Z]/.test(name) : /-/.test(name);
    });
    expect(wrong).toEqual([]);
  });

  it('hides members by `private` alone, tests and scripts too: Lit’s decorators cannot stand before #', () => {
    const root = resolve(SRC, '..');
    const all = ['src', 'tests', 'scripts'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.m?[jt]s$/.test(name) && !name.includes('node_modules'))
        .map((name) => join(folder, name)),
    );
    const hidden = /^ *(?:(?:readonly|static|async|get|set) )*#\w|\bthis\.#\w/m;
    const wrong = all.filter((file) => hidden.test(readFileSync(join(root, file), 'utf8')));
    expect(wrong).toEqual([]);
  });

  it('has no file over 300 lines, of whatever kind', () => {
    const all = readdirSync(SRC, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const long = all.filter(
      ({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').trimEnd().split('\n').length > 300,
    );
    expect(long.map(({ name }) => name)).toEqual([]);
  });
});
