/** Every storage format against a decoder of its own, value by value, and on the GPU in every kernel that reads weights. */
import { describe, expect, it } from 'vitest';
import { readBuffer } from '../../src/gpu/buffers.ts';
import { embed } from '../../src/kernels/embed.ts';
import { expertDown } from '../../src/kernels/expertDown.ts';
import { gemv } from '../../src/kernels/gemv.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import { emptyWeights, rowWriter, uploadWeights } from '../../src/kernels/weights.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import { BLOCKS, byteLength, TENSOR_TYPES } from '../../src/model/tensorTypes.ts';
import type { Tensor, TensorType } from '../../src/model/types.ts';
import * as reference from '../../src/reference/linear.ts';
import * as t from '../kernels/device.ts';
import { DEQUANT, randomOf, TYPES } from './published/quants.mjs';

const gauss = (next: () => number) => () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const NEW = [...TENSOR_TYPES.values()].filter((type) => !['f32', 'f16', 'q8_0', 'q4_0'].includes(type));

function make(type: TensorType, shape: number[], seed = 1): { tensor: Tensor; values: Float32Array } {
  const next = t.random(seed);
  const count = shape.reduce((a, b) => a * b);
  const { bytes, values } = randomOf(type.toUpperCase(), count, 0.5, next, gauss(next));
  return { tensor: { name: type, type, shape, data: bytes }, values };
}

describe.each([...TENSOR_TYPES])('ggml format %i, %s', (id, type) => {
  it('has the sizes, and every value, of the decoder', () => {
    expect(TYPES[type.toUpperCase()]).toEqual([id, BLOCKS[type].values, BLOCKS[type].bytes]);
    const { tensor, values } = make(type, [512, 12]);
    expect(dequantise(tensor)).toEqual(values);
    // Any bits at all, but for factors that are no numbers.
    const next = t.random(id + 5);
    const data = Uint8Array.from({ length: byteLength(type, [256, 40])! }, () => Math.floor(256 * next()));
    const { bytes, values: count } = BLOCKS[type];
    const theirs = new Float32Array(256 * 40);
    for (let i = 0; i < data.length / bytes; i++)
      theirs.set(DEQUANT[type.toUpperCase()](data.subarray(i * bytes, (i + 1) * bytes)), i * count);
    const isOther = (value: number, i: number) =>
      (Number.isFinite(value) || Number.isFinite(theirs[i])) && value !== theirs[i];
    expect(dequantise({ type, data }).findIndex(isOther)).toBe(-1);
  });
});

describe.each(NEW)('%s on the GPU', (type) => {
  it('is embedded with the very values', async () => {
    const { tensor, values } = make(type, [256, 7], 2);
    const x = t.poisoned(3 * 256);
    const buffers = { tokens: t.upload(Uint32Array.of(6, 0, 3)), x, pass: t.passState(3) };
    t.dispatch(3, await embed(t.ALONE, { table: uploadWeights(t.ALONE, tensor), scale: 1 }, buffers));
    const found = await t.readFloats(x, 3 * 256);
    const expected = [6, 0, 3].flatMap((row) => [...values.subarray(256 * row, 256 * (row + 1))]);
    expect(expected.every((value, i) => value === found[i])).toBe(true);
  });

  it('written row by row, in any order, is what it is written at once', async () => {
    const { tensor } = make(type, [256, 5, 3], 3);
    const whole = uploadWeights(t.ALONE, tensor);
    const pieces = emptyWeights(t.ALONE, tensor);
    const write = rowWriter(t.ALONE, pieces);
    const row = tensor.data.length / 15;
    for (const [first, count] of [
      [9, 6],
      [0, 1],
      [4, 5],
      [1, 3],
    ])
      write(first, tensor.data.subarray(first * row, (first + count) * row));
    const [a, b] = await Promise.all([whole, pieces].map(({ buffer }) => readBuffer(t.device, buffer)));
    expect(new Uint8Array(b)).toEqual(new Uint8Array(a));
  });

  // Tiles compile slowly in software but for the staged ones, and all read blocks by the same code: every tuning for two
  // formats, and with MOESCOPE_FULL=1 for all.
  const every: TensorType[] = process.env.MOESCOPE_FULL === '1' ? NEW : ['q4_k', 'q6_k'];
  it.each(t.TUNINGS.filter(([, gpu]) => gpu === t.STAGED || every.includes(type)))(
    'is multiplied as in f64: %s',
    async (_, gpu) => {
      const [columns, rows, tokens] = [512, 70, 19];
      const { tensor, values } = make(type, [columns, rows], 4);
      const x = t.randomValues(tokens * columns, t.random(5));
      const expected = reference.matmul(t.f64(x), t.f64(values), columns);
      const weight = uploadWeights(gpu, tensor);
      const buffers = { x: t.upload(x), pass: t.passState(tokens) };
      const [many, one] = [t.poisoned(tokens * (rows + 3)), t.poisoned(tokens * rows)];
      const place = { stride: rows + 3, offset: 2 };
      t.dispatch(
        tokens,
        await matmul(gpu, { weight, accumulate: false, scale: 1, place }, { ...buffers, y: many }),
        await gemv(gpu, { weight, norm: null, accumulate: false, scale: 1 }, { ...buffers, y: one }),
      );
      const wide = await t.readFloats(many, tokens * (rows + 3));
      const found = expected.map((_, i) => wide[Math.floor(i / rows) * (rows + 3) + 2 + (i % rows)]);
      expect(t.relativeError(found, expected)).toBeLessThan(1e-5);
      expect(wide[0]).toBeNaN();
      expect(t.relativeError(await t.readFloats(one, tokens * rows), expected)).toBeLessThan(1e-5);
    },
  );

  it('is read expert by expert', async () => {
    const [H, D, E] = [256, 6, 4];
    const { tensor, values } = make(type, [H, D, E], 6);
    const activated = t.randomValues(2 * H, t.random(7));
    const slots = new Uint32Array([3, 0, 1, 0]);
    new Float32Array(slots.buffer).set([0.75], 1);
    new Float32Array(slots.buffer).set([0.25], 3);
    const x = t.poisoned(D);
    const down = uploadWeights(t.ALONE, tensor);
    const buffers = { activated: t.upload(activated), slots: t.upload(slots), x, pass: t.passState(1) };
    t.dispatch(1, await expertDown(t.ALONE, { down, k: 2, scale: 1, accumulate: false }, buffers));
    const of = (expert: number, row: number) =>
      reference.matmul(
        t.f64(activated.subarray(row * H, (row + 1) * H)),
        t.f64(values).subarray(expert * D * H, (expert + 1) * D * H),
        H,
      );
    const expected = of(3, 0).map((value, i) => 0.75 * value + 0.25 * of(1, 1)[i]);
    expect(t.relativeError(await t.readFloats(x, D), expected)).toBeLessThan(1e-5);
  });
});
