import { describe, expect, test } from 'vitest';
import { parseTrain } from '../../src/cli/train/options.ts';
import { countParameters, stepFlops } from '../../src/reference/painter/shape.ts';
import { createCpuTrainer } from '../../src/train/cpu.ts';
import { drawnPicture } from '../../src/train/drawn.ts';
import { deadOf, psnr, shares } from '../../src/train/measures.ts';
import { readPpm, writePpm } from '../../src/train/ppm.ts';
import { DEFAULT_SETTINGS, DEFAULT_SHAPE, type Model, twinOf } from '../../src/train/types.ts';

test('twins do the work, or hold the parameters, of the MoE', () => {
  const of = (model: Model) => {
    const shape = twinOf(DEFAULT_SHAPE, model);
    return { ...countParameters(shape), flops: stepFlops(shape, 4096) };
  };
  const [moe, active, total] = [of('moe'), of('dense-active'), of('dense-total')];
  // As the study counted them: 396 k in all, 27 k for a pixel, 0.65 GFLOP a step.
  expect(Math.round(moe.total / 1000)).toBe(396);
  expect(moe.active).toBeLessThan(28_000);
  expect(moe.flops / 1e9).toBeCloseTo(0.66, 1);
  expect(moe.flops / active.flops).toBeGreaterThan(1);
  expect(moe.flops / active.flops).toBeLessThan(1.03);
  expect(total.total / moe.total).toBeCloseTo(1, 2);
});

test('the picture is drawn in colours, and survives its file', () => {
  const picture = drawnPicture(64);
  const colours = new Set(Array.from({ length: 64 * 64 }, (_, i) => picture.data.slice(4 * i, 4 * i + 3).join()));
  expect(colours.size).toBeGreaterThan(1500);
  expect(readPpm(writePpm(picture))).toEqual(picture);
  expect(readPpm(writePpm(picture).subarray(0, 900))).toBeNull();
  expect(readPpm(new Uint8Array(50))).toBeNull();
  expect(psnr(picture.data, picture)).toBeGreaterThan(100);
});

describe('a small picture on the CPU', () => {
  const shape = { ...DEFAULT_SHAPE, width: 32, hidden: 16, experts: 8, octaves: 5 };
  const run = async (model: Model, balance: 'aux' | 'none' = 'aux') => {
    const picture = drawnPicture(40);
    const trainer = createCpuTrainer({ shape: twinOf(shape, model), picture, batch: 400, seed: 1 });
    trainer.settings = { ...DEFAULT_SETTINGS, balance, decay: { from: 140, to: 200 } };
    await trainer.advance(200);
    const painting = await trainer.paint();
    const dead = painting.territories.map((map) => deadOf(shares(map, shape.experts)));
    return { db: psnr(painting.data, picture), dead };
  };

  test('the MoE is sharper than the dense model of the same work, with all its experts alive', async () => {
    const [moe, dense] = [await run('moe'), await run('dense-active')];
    expect(moe.db).toBeGreaterThan(dense.db + 1);
    expect(moe.dead).toEqual([0, 0]);
    expect(dense.dead).toEqual([]);
  });
});

test('a command line is read, and what makes no sense is said', () => {
  expect(parseTrain(['--task', 'painter', '--model', 'dense-total', '--steps', '5', '--json'])).toMatchObject({
    model: 'dense-total',
    steps: 5,
    json: true,
    balance: 'aux',
  });
  expect(parseTrain([])).toBe('help');
  expect(() => parseTrain(['--model', 'sparse'])).toThrow(/--model is one of/);
  expect(() => parseTrain(['--hidden', '6'])).toThrow(/multiple of 4/);
  expect(() => parseTrain(['--experts', '4', '--k', '5'])).toThrow(/from 1 to 4/);
  expect(() => parseTrain(['--rate', '0'])).toThrow(/above 0/);
  expect(parseTrain(['--task', 'text', '--text', 'a', '--text', 'b', '--batch', '128'])).toMatchObject({
    files: ['a', 'b'],
    texts: 2,
    shape: { k: 2, context: 64, heads: 4 },
    temperature: 0.7,
  });
  expect(parseTrain(['--task', 'text'])).toMatchObject({ files: [] });
  expect(() => parseTrain(['--task', 'text', '--text', 'a', '--batch', '100'])).toThrow(/multiple of 64/);
  expect(() => parseTrain(['--task', 'text', '--text', 'a', '--octaves', '3'])).toThrow(/means nothing to --task text/);
  expect(() => parseTrain(['--task', 'painter', '--text', 'a'])).toThrow(/means nothing to --task painter/);
});
