/** The rules of docs/architecture.md that a machine can check: imports point down, files stay short. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

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
  'reference',
  'model',
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

describe('the house', () => {
  it('has imports to look at', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('imports only downwards; a type may be taken from one floor up', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const [here, there] = [floorOf(from), floorOf(to)];
      return here >= 0 && there >= 0 && there < here && !typeOnly;
    });
    expect(wrong).toEqual([]);
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

  it('has no file much over 300 lines', () => {
    const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 320);
    expect(long).toEqual([]);
  });
});
