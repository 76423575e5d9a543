/** The benchmark as a user meets it: that it runs from end to end and is right, never how fast. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findChromium, webgpuArgs } from '../../scripts/chromium.mjs';
import { main } from '../../src/cli/bench/bench.ts';
import { ratiosOf } from '../../src/cli/bench/ratios.ts';
import type { Group, Report, Row } from '../../src/cli/bench/report.ts';
import { isEmpty, wrongRows } from '../../src/cli/bench/run.ts';
import { table } from '../../src/cli/bench/table.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'moescope-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Blocks are compared in tests/compare, too; MOESCOPE_FULL=1 times them here. */
const ONLY = process.env.MOESCOPE_FULL === '1' ? [] : ['--only', '^(?!block-)'];

describe('bench --quick on the software adapter', () => {
  const file = join(folder, 'report.json');
  let report: Report;
  let out = '';

  it('runs, and finds every kernel right', async () => {
    const child = spawn(
      process.execPath,
      [join(root, 'scripts/bench.mjs'), '--runtime', 'node', '--quick', '--json', file, ...ONLY],
      { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, MOESCOPE_SOFTWARE: '1' } },
    );
    child.stdout.on('data', (piece) => (out += piece));
    const code = await new Promise((done) => child.on('close', done));
    expect(code).toBe(0);
    report = JSON.parse(readFileSync(file, 'utf8'));
    expect(wrongRows(report)).toEqual([]);
    const groups = ['kernels', 'grouped-q4_0', 'layers', 'decode', ...(ONLY.length > 0 ? [] : ['block-t1'])];
    expect(report.groups.map(({ id }) => id)).toEqual(groups);
    const checked = report.groups.flatMap(({ rows }) => rows).filter(({ error }) => error !== null);
    expect(checked.length).toBeGreaterThan(8);
    for (const { id, error } of checked) expect(error, id).toBeLessThan(1e-5);
    expect(report.models[0].error).toBeLessThan(1e-5);
    const { tokens, types, runs } = report.flips!;
    expect([tokens, types]).toEqual([16, ['q4_0']]);
    expect(runs.map(({ run }) => run)).toEqual(['f32', 'f16 cache', 'q8_0', 'q4_0', 'device']);
    for (const { decisions } of runs) expect(decisions).toBe(16 * 6);
    // f32 moves a probability by far less than the nearest of these choices needs.
    expect(runs.at(-1)!.flips).toBe(0);
    const { prefill, decode } = report.budget!;
    for (const ratio of [prefill, decode]) {
      expect(ratio.samples).toBe(2);
      expect(ratio.median).toBeGreaterThan(0);
    }
    expect(out).toMatch(/this device +0 of 96/);
  });

  it('says where and how it measured', () => {
    expect(report).toMatchObject({ quick: true, host: { runtime: 'node', version: process.version } });
    expect(report.adapter.software).toBe(true);
    expect(report.adapter.info.vendor).toBeTruthy();
    expect(['timestamps', 'wall']).toContain(report.clock);
    expect(report.search).toBeNull();
    expect(report.skipped.map(({ what }) => what)).toEqual(['search', 'large/layer']);
    expect(out).toContain('its times mean nothing about a GPU');
    expect(out).toContain('--quick');
  });

  it('gives every row a time, a spread, a count, and a share of what the machine can do', () => {
    for (const { id, time, work, roofline } of report.groups.flatMap(({ rows }) => rows)) {
      expect(time!.median, id).toBeGreaterThan(0);
      expect(time!.samples, id).toBeGreaterThanOrEqual(3);
      if (!work) continue;
      const { fma, read } = report.limits;
      const least = 1000 * Math.max(work.flops / fma.rate, work.bytes / read.rate);
      expect(roofline!.share, id).toBeCloseTo(least / time!.median, 9);
    }
  });

  it('is no benchmark where nothing was asked for', () => {
    expect(isEmpty(report)).toBe(false);
    expect(isEmpty({ ...report, groups: [], models: [], budget: null })).toBe(false);
    expect(isEmpty({ ...report, groups: [], models: [], budget: null, flips: null })).toBe(true);
  });

  it('counts what a token of decode costs the program', () => {
    const [moe] = report.models;
    expect(moe.dispatchesPerToken).toBeLessThanOrEqual(50);
    expect(moe.submitsPerToken).toBeGreaterThan(0);
    expect(moe.submitsPerToken).toBeLessThanOrEqual(1);
    expect(moe.apiPerToken.median).toBeGreaterThan(0);
    for (const { bytes } of report.memory) expect(bytes).toBeGreaterThan(0);
  });
});

const row = (id: string, median: number | null): Row => ({
  ...{ id, what: id, wall: null, repeats: 1, work: null, roofline: null, error: null },
  time: median === null ? null : { median, spread: 0, samples: 3, low: median / 2, high: median },
});

describe('the ratios', () => {
  const group = (rows: Row[]): Group => ({ id: 'grouped-f32', title: '', rows });
  const dense = row('grouped-f32/dense f32', 10);

  it('say how much quicker, and are not there where a row is missing', () => {
    const ratios = ratiosOf(
      [group([dense, row('grouped-f32/balanced f32', 8), row('grouped-f32/skewed f32', 12)])],
      [],
      true,
    );
    expect(ratios.map(({ value, quickest, atLeast, atMost }) => [value, quickest, atLeast, atMost])).toEqual([
      [1.25, 1.25, 0.9, null],
      [1.5, 1.5, null, 1.3],
    ]);
    expect(ratiosOf([group([dense, row('grouped-f32/balanced f32', null)])], [], true)).toEqual([]);
    const ratio = { median: 0.97, spread: 0.01, samples: 9, low: 0.9, high: 1.1 };
    const budget = { promptTokens: 4, drawnTokens: 4, prefill: ratio, decode: { ...ratio, median: 1 } };
    expect(ratiosOf([], [], true, budget)).toMatchObject([
      { value: 1, atLeast: 0.98 },
      { value: 0.97, atLeast: 0.98 },
    ]);
  });
});

it('asks for the memory’s bandwidth of a GPU alone', () => {
  const roofline = { least: 1, share: 0.5, bound: 'reading' } as const;
  const large: Group = { id: 'large', title: '', rows: [{ ...row('large/layer q4_0', 2), roofline }] };
  expect(ratiosOf([large], [], true)).toMatchObject([{ value: 0.5, quickest: 1, atLeast: null }]);
  expect(ratiosOf([large], [], false)).toMatchObject([{ atLeast: 0.8 }]);
});

describe('the command line', () => {
  async function bench(...args: string[]) {
    let [out, err] = ['', ''];
    const missing = () => Promise.reject(new Error('not installed'));
    const code = await main(args, {
      ...{ root, browser: null, browserArgs: [], restart: null },
      load: { webgpu: missing, playwright: missing, vite: missing },
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }

  it('helps', async () => {
    expect(await bench('--help')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('--peers') });
  });

  it.each<[RegExp, string[]]>([
    [/^Unknown option '--bogus'/, ['--bogus']],
    [/^--only needs a regular expression/, ['--only', '(']],
    [/^--runtime is browser or node/, ['--runtime', 'deno']],
    [/^--rounds needs a whole number/, ['--rounds', '0']],
    [/^The peers run in a browser/, ['--peers', '--runtime', 'node']],
    [/where.json cannot be written: its folder does not exist/, ['--json', join(folder, 'no/where.json')]],
    [/^Node finds no WebGPU device/, ['--runtime', 'node']],
    [/^No WebGPU device was found/, []],
  ])('says in one sentence what is wrong: %s', async (words, args) => {
    const { code, out, err } = await bench(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
    expect(err.trim().split('\n').length).toBe(1);
  });

  it('has arguments for a browser wherever there is one', () => {
    expect(webgpuArgs(true)).toContain('--use-webgpu-adapter=swiftshader');
    if (findChromium()) expect(webgpuArgs()).toContain('--enable-unsafe-webgpu');
  });
});

it('prints a wrong row as wrong', () => {
  const report = {
    ...{
      moescope: 1,
      date: '2026-11-24',
      quick: false,
      clock: 'wall',
      search: null,
      models: [],
      flips: null,
      budget: null,
      ratios: [],
      memory: [],
    },
    ...{ skipped: [], host: { runtime: 'node', version: 'v20', platform: 'linux x64' } },
    adapter: { name: 'a GPU', software: false, info: {}, features: [], maxStorageBufferBindingSize: 0 },
    limits: Object.fromEntries([
      ['bytes', 2 ** 28],
      ...['read', 'copy', 'fma'].map((name) => [name, { rate: 1e9, spread: 1e7, samples: 9 }]),
    ]),
    submit: { median: 1, spread: 0, samples: 30 },
    tuning: { lanes: 16 },
    groups: [{ id: 'g', title: 'Kernels', rows: [{ ...row('g/bad', null), error: 0.5 }, row('g/good', 2)] }],
  } as unknown as Report;
  const text = table(report);
  expect(text).toMatch(/bad +WRONG +5\.0e-1/);
  expect(text).toMatch(/good +2\.00 ms/);
  expect(wrongRows(report)).toEqual(['g/bad']);
});
