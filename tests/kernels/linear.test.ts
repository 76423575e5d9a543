import { describe, expect, test } from 'vitest';
import { createGpu } from '../../src/gpu/device.ts';
import { embed } from '../../src/kernels/embed.ts';
import { gemv } from '../../src/kernels/gemv.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import { rmsNorm } from '../../src/kernels/rmsNorm.ts';
import { stackRows, uploadWeights } from '../../src/kernels/weights.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import * as reference from '../../src/reference/linear.ts';
import * as t from './device.ts';

describe.each(t.TUNINGS)('%s', (_, gpu) => {
  describe.each(t.TYPES)('%s', (type) => {
    test.each([
      [1, 32, 5, false],
      [3, 64, 64, true],
      [7, 96, 33, false],
      [33, 160, 130, true],
    ] as const)(
      'matmul of %i tokens, %i columns, %i rows, accumulate %s',
      async (tokens, columns, rows, accumulate) => {
        const next = t.random(tokens * columns + rows);
        const tensor = t.randomTensor(type, [columns, rows], next);
        const x = t.randomValues(tokens * columns, next);
        const before = t.randomValues(tokens * rows, next);
        const product = reference.matmul(t.f64(x), t.f64(dequantise(tensor)), columns);
        const y = accumulate ? t.upload(before) : t.poisoned(tokens * rows);
        const buffers = { x: t.upload(x), y, pass: t.passState(tokens) };
        t.dispatch(tokens, await matmul(gpu, { weight: uploadWeights(gpu, tensor), accumulate, scale: 0.5 }, buffers));
        const expected = product.map((p, i) => (accumulate ? before[i] : 0) + 0.5 * p);
        expect(t.relativeError(await t.readFloats(y, expected.length), expected)).toBeLessThan(1e-5);
      },
    );

    test.each([
      [1, 32, 5],
      [7, 96, 33],
      [2, 544, 130],
    ])('gemv of %i tokens, %i columns, %i rows', async (tokens, columns, rows) => {
      const next = t.random(tokens + columns * rows);
      const tensor = t.randomTensor(type, [columns, rows], next);
      const x = t.randomValues(tokens * columns, next);
      const y = t.randomValues(tokens * rows, next);
      const normWeight = t.randomValues(columns, next);
      const w = t.f64(dequantise(tensor));
      const plain = reference.matmul(t.f64(x), w, columns);
      const normed = reference.matmul(reference.rmsNorm(t.f64(x), t.f64(normWeight), 1e-6), w, columns);
      const weight = uploadWeights(gpu, tensor);
      const buffers = { x: t.upload(x), normWeight: t.upload(normWeight), pass: t.passState(tokens) };
      const [set, added, last] = [t.poisoned(tokens * rows), t.upload(y), t.poisoned(rows)];
      const norm = { epsilon: 1e-6 };
      t.dispatch(
        tokens,
        await gemv(gpu, { weight, norm: null, accumulate: true, scale: 2 }, { ...buffers, y: added }),
        await gemv(gpu, { weight, norm, accumulate: false, scale: 0.5 }, { ...buffers, y: set }),
        await gemv(gpu, { weight, norm, accumulate: false, scale: 0.5, last: true }, { ...buffers, y: last }),
      );
      const half = normed.map((p) => p / 2);
      expect(
        t.relativeError(
          await t.readFloats(added, y.length),
          plain.map((p, i) => y[i] + 2 * p),
        ),
      ).toBeLessThan(1e-5);
      expect(t.relativeError(await t.readFloats(set, y.length), half)).toBeLessThan(1e-5);
      expect(t.relativeError(await t.readFloats(last, rows), half.slice(-rows))).toBeLessThan(1e-5);
    });

    test('embed gives the very values of the file', async () => {
      const next = t.random(7);
      const tensor = t.randomTensor(type, [64, 50], next);
      const tokens = [0, 49, 7, 7, 31];
      const x = t.poisoned(tokens.length * 64);
      const buffers = { tokens: t.upload(Uint32Array.from(tokens)), x, pass: t.passState(tokens.length) };
      t.dispatch(tokens.length, await embed(gpu, { table: uploadWeights(gpu, tensor), scale: 1 }, buffers));
      const expected = reference.embed(t.f64(dequantise(tensor)), tokens, 64, 1);
      expect([...(await t.readFloats(x, tokens.length * 64))]).toEqual([...expected]);
    });
  });

  test('rmsNorm', async () => {
    for (const [tokens, width] of [
      [1, 4],
      [5, 36],
      [33, 256],
    ]) {
      const next = t.random(width);
      const x = t.randomValues(tokens * width, next);
      const weight = t.randomValues(width, next);
      const y = t.poisoned(tokens * width);
      const buffers = { x: t.upload(x), weight: t.upload(weight), y, pass: t.passState(tokens) };
      t.dispatch(tokens, await rmsNorm(gpu, { width, epsilon: 1e-5 }, buffers));
      const expected = reference.rmsNorm(t.f64(x), t.f64(weight), 1e-5);
      expect(t.relativeError(await t.readFloats(y, expected.length), expected)).toBeLessThan(1e-5);
    }
  });

  test('f32 rows of 36 columns, one row, one token', async () => {
    const next = t.random(36);
    const tensor = t.randomTensor('f32', [36, 1], next);
    const x = t.randomValues(36, next);
    const [a, b] = [t.poisoned(1), t.poisoned(1)];
    const buffers = { x: t.upload(x), pass: t.passState(1) };
    const weight = uploadWeights(gpu, tensor);
    t.dispatch(
      1,
      await matmul(gpu, { weight, accumulate: false, scale: 1 }, { ...buffers, y: a }),
      await gemv(gpu, { weight, norm: null, accumulate: false, scale: 1 }, { ...buffers, y: b }),
    );
    const expected = reference.matmul(t.f64(x), t.f64(dequantise(tensor)), 36);
    expect(t.relativeError(await t.readFloats(a, 1), expected)).toBeLessThan(1e-5);
    expect(t.relativeError(await t.readFloats(b, 1), expected)).toBeLessThan(1e-5);
  });
});

const LANES = [
  [2, 'memory'],
  [8, 'memory'],
  [32, 'memory'],
  [64, 'memory'],
  [2, 'subgroup'], // fewer than any subgroup has
  [64, 'subgroup'], // more than any has for certain
] as const;

test.each(LANES.filter(([, share]) => t.SUBGROUPS || share === 'memory'))(
  'gemv with %i lanes, %s',
  async (lanes, share) => {
    const gpu = createGpu(t.device, { tuning: { lanes, share } });
    const next = t.random(lanes);
    const tensor = t.randomTensor('q8_0', [96, 33], next);
    const x = t.randomValues(96, next);
    const y = t.poisoned(33);
    const buffers = { x: t.upload(x), y, pass: t.passState(1) };
    t.dispatch(
      1,
      await gemv(gpu, { weight: uploadWeights(gpu, tensor), norm: null, accumulate: false, scale: 1 }, buffers),
    );
    const expected = reference.matmul(t.f64(x), t.f64(dequantise(tensor)), 96);
    expect(t.relativeError(await t.readFloats(y, 33), expected)).toBeLessThan(1e-5);
  },
);

describe('weights', () => {
  test('a subnormal block scale is not flushed to zero', async () => {
    for (const [type, bytes] of [
      ['q8_0', [0x01, 0x00, ...Array.from({ length: 32 }, (_, i) => 8 * i)]],
      ['q4_0', [0xff, 0x83, ...Array.from({ length: 16 }, (_, i) => 17 * i)]],
    ] as const) {
      const tensor = { name: type, type, shape: [32, 1], data: Uint8Array.from(bytes) };
      const x = t.poisoned(32);
      const buffers = { tokens: t.upload(Uint32Array.of(0)), x, pass: t.passState(1) };
      t.dispatch(1, await embed(t.ALONE, { table: uploadWeights(t.ALONE, tensor), scale: 1 }, buffers));
      expect([...(await t.readFloats(x, 32))]).toEqual([...dequantise(tensor)]);
    }
  });

  test('stackRows stacks inside each expert', () => {
    const next = t.random(1);
    const gate = t.randomTensor('f32', [4, 2, 3], next);
    const up = t.randomTensor('f32', [4, 1, 3], next);
    const stacked = stackRows([gate, up]);
    expect(stacked.shape).toEqual([4, 3, 3]);
    const [g, u] = [[...dequantise(gate)], [...dequantise(up)]];
    const expected = [0, 1, 2].flatMap((e) => [...g.slice(8 * e, 8 * e + 8), ...u.slice(4 * e, 4 * e + 4)]);
    expect([...dequantise(stacked)]).toEqual(expected);
  });

  test('what does not fit is refused in words', () => {
    const tensor = t.randomTensor('q8_0', [32, 2], t.random(1));
    expect(() => uploadWeights(t.ALONE, { ...tensor, shape: [32, 3] })).toThrow(/102 bytes expected, 68 given/);
    expect(() => uploadWeights(t.ALONE, { ...tensor, shape: [16, 4] })).toThrow(/whole chunks/);
    expect(() => stackRows([tensor, t.randomTensor('q4_0', [32, 2], t.random(1))])).toThrow(/type, columns or experts/);
  });
});
