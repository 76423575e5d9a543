/** The comparison with other engines, as far as it goes without them: our side, the floors, and what is made of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sendFolder } from '../../src/cli/browser.ts';
import { node, onnxModel, tensor } from '../../src/cli/peers/onnx.ts';
import { peerRatios } from '../../src/cli/peers/ratios.ts';
import type { PeerConfig, PeerModelRow, PeersReport } from '../../src/cli/peers/report.ts';
import { comparePeers } from '../../src/cli/peers/run.ts';
import { peersTable } from '../../src/cli/peers/table.ts';
import { createInstance } from '../dawn.ts';

const gpu = createInstance();
Object.assign(globalThis, { navigator: { gpu } });
const OPTIONS = { rounds: 3, tuning: {} };

describe('contenders', () => {
  it.each([
    { T: 1, H: 64 },
    { T: 64, H: 64 },
    { T: 5, H: 96 },
  ])('of a layer agree with the f64 reference: %o', async ({ T, H }) => {
    const shape = { D: 64, E: 4, K: 2, H, T };
    const { rows } = await comparePeers({ kind: 'layer', id: 'tiny', shape }, { ...OPTIONS, only: 'ours|wgsl' });
    expect(rows.map(({ peer }) => peer)).toEqual(['ours', 'wgsl-naive']);
    for (const { peer, error, time } of rows) {
      expect(error, peer).toBeLessThan(1e-5);
      expect(time!.samples, peer).toBe(3);
    }
  });

  it('of a product agree with the f64 reference', async () => {
    const shape = { M: 64, K: 128, N: 64 };
    const { rows } = await comparePeers({ kind: 'matmul', id: 'tiny', shape }, { ...OPTIONS, only: 'ours|wgsl' });
    expect(rows.map(({ peer }) => peer)).toEqual(['ours', 'wgsl-naive', 'wgsl-vec4', 'wgsl-tiled']);
    for (const { peer, error } of rows) expect(error, peer).toBeLessThan(1e-5);
  });

  it('that fail say why, and do not keep the others from running', async () => {
    const shape = { D: 64, E: 4, K: 2, H: 64, T: 1 };
    const { rows } = await comparePeers({ kind: 'layer', id: 'tiny', shape }, { ...OPTIONS, only: 'ours|ort-qmoe4' });
    expect(rows.map(({ time }) => time !== null)).toEqual([true, false]);
    expect(rows[1].note).toMatch(/^failed: /);
  });
});

const time = (median: number) => ({ median, spread: 0, samples: 3, low: median, high: median });
const row = (peer: string, milliseconds: number | null) => ({
  ...{ peer, error: 1e-7, note: '' },
  time: milliseconds === null ? null : time(milliseconds),
});
const configs: PeerConfig[] = [
  { id: 'matmul-128x1024x1024', what: '', rows: [row('ours', 2), row('tfjs', 5), row('ort', 6), row('wgsl-naive', 3)] },
  { id: 'n-t24', what: '', rows: [row('ours', 10), row('ort-dense-active-q4', 15)] },
  { id: 'm-t1', what: '', rows: [row('ours', 1), row('wgsl-naive', 3), row('ort-qmoe4', null)] },
];
const models: PeerModelRow[] = [
  { peer: 'ours', ranOn: 'webgpu', prefill: time(100), decode: time(50), note: '' },
  { peer: 'wllama', ranOn: 'cpu', prefill: time(400), decode: time(200), note: '' },
];

describe('the ratios', () => {
  it('compare with the best of each kind, and with nobody who failed', () => {
    const found = peerRatios(configs, []).map(({ what, value, atLeast }) => [what, value, atLeast]);
    expect(found).toEqual([
      ['matmul-128x1024x1024: ours against tfjs', 2.5, 2],
      ['matmul-128x1024x1024: ours against wgsl-naive', 1.5, null],
      ['n-t24: ours against ort-dense-active-q4', 1.5, 1.2],
      ['m-t1: ours against wgsl-naive', 3, 2],
    ]);
  });

  it('ask nothing of a comparison between a GPU and a CPU', () => {
    const found = peerRatios([], models);
    expect(found.map(({ value, atLeast }) => [value, atLeast])).toEqual([
      [0.25, null],
      [0.25, null],
    ]);
    expect(found[0].what).toContain('WASM on the CPU');
  });
});

it('prints what failed as failed, and what the adapter is worth', () => {
  const report: PeersReport = {
    ...{ moescopePeers: 1, date: '2026-11-24', tuning: {}, versions: { engine: '1.2' }, configs },
    host: { runtime: 'browser', version: 'Chromium 1', platform: 'linux x64' },
    adapter: { name: 'a CPU', software: true, features: [] },
    model: { what: 'a model', rows: models },
    ratios: peerRatios(configs, models),
  };
  const text = peersTable(report);
  expect(text).toMatch(/ort-qmoe4 +WRONG/);
  expect(text).toContain('Only WebGPU beside WebGPU means something here');
  expect(text).toMatch(/wllama +cpu +200\.0/);
});

describe('the model writer', () => {
  it('writes what protobuf wants: lengths, long integers, names', () => {
    const model = onnxModel(
      [tensor('w', Float32Array.of(1, 2), [300, 1]), node('MatMul', ['x', 'w'], ['y'], { k: 300 })],
      { x: [1, 300] },
      { y: [1, 1] },
    );
    const text = Buffer.from(model).toString('latin1');
    // IR version 9; 300 as dims, in two bytes; the raw data of the tensor.
    expect(text.startsWith('\x08\x09')).toBe(true);
    expect(text).toContain('\x08\xac\x02\x08\x01\x10\x01B\x01w');
    expect(text).toContain('\x00\x00\x80?\x00\x00\x00@');
    expect(text).toContain('MatMul');
  });
});

describe('the file server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moescope-peers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the files of its folder and no others', async () => {
    mkdirSync(join(folder, 'inside'));
    writeFileSync(join(folder, 'inside/a.mjs'), 'export {}');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    const server = createServer(sendFolder(join(folder, 'inside'))).listen(0);
    const { port } = server.address() as { port: number };
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const script = await ask('/a.mjs');
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript']);
    expect((await ask('/%2e%2e%2fsecret.txt')).status).toBe(404);
    expect((await ask('/none')).status).toBe(404);
    server.close();
  });
});
