/** In an element on another page a style that asks for the window's width asks for the element's, which is asked about nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { ownMeasure } from '../../scripts/vitePlugins.ts';

const root = resolve(import.meta.dirname, '../../src');
const files = ['ui', 'embed'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, folder, name)),
);

it('asks a container for nothing that only a window knows', () => {
  const asked = files.flatMap(
    (file) =>
      ownMeasure()
        .own(readFileSync(file, 'utf8'))
        .match(/@container[^{]*/g) ?? [],
  );
  expect(asked.length).toBeGreaterThan(30);
  expect(asked.filter((condition) => /pointer|hover|prefers|print|screen/.test(condition))).toEqual([]);
});
