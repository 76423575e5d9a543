/** The command that trains: in Node and in a headless browser it comes to the same numbers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findChromium, SOFTWARE_WEBGPU_ARGS } from '../../scripts/chromium.mjs';
import type { Host } from '../../src/cli/host.ts';
import { main } from '../../src/cli/train/train.ts';
import '../dawn.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'moescope-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const text = join(folder, 'text.txt');
writeFileSync(text, `=== digits ===\n${'0123456789 '.repeat(90)}\n=== letters ===\n${'the cat sat. '.repeat(80)}`);

async function train(...args: string[]) {
  const [out, err]: string[][] = [[], []];
  const host: Host = {
    ...{ root, browser: findChromium(), browserArgs: SOFTWARE_WEBGPU_ARGS, restart: null },
    out: (piece) => void out.push(piece),
    err: (piece) => void err.push(piece),
    load: { webgpu: () => import('webgpu'), playwright: () => import('playwright-core'), vite: () => import('vite') },
  };
  const code = await main([...args, '--json', '--experts', '4', '--hidden', '8', '--steps', '3', '--every', '2'], host);
  return { code, out: out.join(''), err: err.join('') };
}

const PAINTER = ['--task', 'painter', '--size', '16', '--batch', '64', '--octaves', '3'];
const WRITER = ['--task', 'text', '--text', text, '--context', '16', '--batch', '64', '--write', '8'];

it.each([
  ['paints', PAINTER],
  ['writes', WRITER],
])('%s the same in Node and in a browser', async (_, args) => {
  const painting = (device: string) => join(folder, `${device}.ppm`);
  const run = (device: string) =>
    train(...args, '--device', device, ...(args === PAINTER ? ['--out', painting(device)] : []));
  const [node, browser] = [await run('webgpu'), await run('browser')];
  expect([node.code, browser.code], node.err + browser.err).toEqual([0, 0]);
  expect(browser.err).toBe(node.err);
  const [here, there] = [node, browser].map(({ out }) => JSON.parse(out));
  expect(here.readings.map(({ step }: { step: number }) => step)).toEqual([2, 3]);
  expect(here.readings.every(({ loss }: { loss: number }) => loss > 0)).toBe(true);
  const { device: _a, milliseconds: _b, ...numbers } = here;
  expect(there).toMatchObject(numbers);
  expect(there.device).not.toBe('CPU');
  if (args === PAINTER) expect(readFileSync(painting('browser'))).toEqual(readFileSync(painting('webgpu')));
});

it('finds a place that cannot be written before it trains', async () => {
  const said = await train(...PAINTER, '--device', 'cpu', '--out', join(folder, 'no/where.ppm'));
  expect(said).toMatchObject({ code: 2, out: '' });
  expect(said.err).toMatch(/where.ppm cannot be written: its folder does not exist\.\n$/);
  expect(said.err.trim().split('\n').length).toBe(1);
});

it('says in a browser, too, what is wrong with a text', async () => {
  writeFileSync(text, 'milk, bread');
  const said = await train(...WRITER, '--device', 'browser');
  expect(said.code).toBe(2);
  expect(said.err).toBe('The text “text” has 11 characters; 170 are needed.\n');
});
