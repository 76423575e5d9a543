/** Whatever fails, the buttons beside the sentence are there and can help. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Standing, WAYS, waysOut } from '../../src/state/session/faults.ts';

const PAGE = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => /^(?!cli\b).*\.ts$/.test(path));
const CODE = /(?:new UserError\(\s*|\bcode: )'([a-z][a-z-]*)'/g;

const STANDINGS: Standing[] = [true, false].flatMap((onCpu) =>
  [true, false].map((onDefault) => ({ onCpu, onDefault })),
);

it('knows every code that anything on the page fails with', () => {
  const codes = PAGE.flatMap((path) => [...readFileSync(`src/${path}`, 'utf8').matchAll(CODE)].map(([, code]) => code));
  expect(codes.length).toBeGreaterThan(50);
  expect([...new Set(codes)].filter((code) => !Object.hasOwn(WAYS, code))).toEqual([]);
});

it('leaves nobody without a way out, and offers none that changes nothing', () => {
  for (const code of [...Object.keys(WAYS), 'something new', 'constructor']) {
    for (const standing of STANDINGS) {
      const ways = waysOut(code, standing);
      expect(ways.length, code).toBeGreaterThan(0);
      if (standing.onCpu) expect(ways, code).not.toContain('cpu');
      if (standing.onDefault) expect(ways, code).not.toContain('other-model');
    }
  }
});

it('offers to try a download again that arrived damaged, as its sentence says', () => {
  expect(waysOut('bad-download', { onCpu: false, onDefault: true })).toContain('retry');
});
