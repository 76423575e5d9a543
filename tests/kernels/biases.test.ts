/** What some models add to, or multiply, what their matrices give. */
import { describe, expect, test } from 'vitest';
import { expertBias } from '../../src/kernels/expertBias.ts';
import { expertUp } from '../../src/kernels/expertUp.ts';
import { groupedUp } from '../../src/kernels/groupedUp.ts';
import { plan, tileListBytes } from '../../src/kernels/plan.ts';
import { rmsNorm } from '../../src/kernels/rmsNorm.ts';
import { sigmoidGate } from '../../src/kernels/sigmoidGate.ts';
import { softCap } from '../../src/kernels/softCap.ts';
import { stackRows, uploadWeights } from '../../src/kernels/weights.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import * as reference from '../../src/reference/experts.ts';
import { rmsNorm as rmsNormTwin } from '../../src/reference/linear.ts';
import { NO_EXPERT } from '../../src/reference/route.ts';
import * as t from './device.ts';

const [D, H, E, K, T] = [32, 20, 5, 2, 7];
const next = t.random(11);
const IDS = Uint32Array.from({ length: T * K }, (_, slot) => (slot * 3) % E);
const WEIGHTS = t.randomValues(T * K, next);
const slotsOf = (ids: Uint32Array) =>
  t.upload(
    Uint32Array.from({ length: 2 * T * K }, (_, i) => (i % 2 === 0 ? ids : new Uint32Array(WEIGHTS.buffer))[i >> 1]),
  );

describe.each(t.TUNINGS)('%s', (_, gpu) => {
  test('biases of gate and up come before the activation', async () => {
    const [gate, up] = [0, 1].map(() => t.randomTensor('f32', [D, H, E], next));
    const h = t.randomValues(T * D, next);
    const biases = t.randomValues(2 * H * E, next);
    const half = (second: number) => t.f64(biases).filter((_, i) => Math.floor(i / H) % 2 === second);
    const twin = { experts: E, k: K, width: D, activation: 'clamped', biases: { gate: half(0), up: half(1) } } as const;
    const [g, u] = [gate, up].map((tensor) => t.f64(dequantise(tensor)));
    const expected = reference.expertUp(twin, t.f64(h), IDS, g, u);
    const gateUp = uploadWeights(gpu, stackRows([gate, up]));
    const shape = { gateUp, k: K, activation: 'clamped' } as const;
    const shared = { h: t.upload(h), slots: slotsOf(IDS), biases: t.upload(biases), pass: t.passState(T) };
    const [few, many] = [0, 1].map(() => t.poisoned(expected.length));
    const [offsets, order, tiles] = [E + 1, T * K, tileListBytes(T, { experts: E, k: K }) / 4].map(t.poisoned);
    const planned = { ...shared, offsets, order, tiles };
    t.dispatch(
      T,
      await expertUp(gpu, shape, { ...shared, activated: few }),
      await plan(gpu, { experts: E, k: K }, planned),
      await groupedUp(gpu, shape, { ...planned, activated: many }),
    );
    for (const activated of [few, many])
      expect(t.relativeError(await t.readFloats(activated, expected.length), expected)).toBeLessThan(1e-5);
  });

  test('biases of down are added to each output, or to their sum', async () => {
    const ids = IDS.map((id, slot) => (slot % K === 1 && slot % 3 === 0 ? NO_EXPERT : id));
    const biases = t.randomValues(D * E, next);
    const [y, x] = [t.randomValues(T * K * D, next), t.randomValues(T * D, next)];
    const own = (slot: number, i: number) => (ids[slot] === NO_EXPERT ? 0 : biases[ids[slot] * D + i]);
    const each = t.f64(y).map((value, at) => value + own(Math.floor(at / D), at % D));
    const rows = Float64Array.from({ length: T * K * D }, (_, at) => own(Math.floor(at / D), at % D));
    const sum = reference.combine({ k: K, scale: 0.5 }, t.f64(x), rows, WEIGHTS);
    const [outputs, stream] = [t.upload(y), t.upload(x)];
    const shared = { biases: t.upload(biases), slots: slotsOf(ids), pass: t.passState(T) };
    const shape = { width: D, k: K, scale: 0.5 };
    t.dispatch(
      T,
      await expertBias(gpu, { ...shape, each: true }, { ...shared, y: outputs }),
      await expertBias(gpu, { ...shape, each: false }, { ...shared, y: stream }),
    );
    expect(t.relativeError(await t.readFloats(outputs, each.length), each)).toBeLessThan(1e-6);
    expect(t.relativeError(await t.readFloats(stream, sum.length), sum)).toBeLessThan(1e-6);
  });

  test('a gate, also where its sigmoid is nothing', async () => {
    const [y, gate] = [t.randomValues(T * D, next), t.randomValues(T * D, next).map((value) => 4 * value)];
    gate[3] = -300;
    gate[4] = 300;
    const expected = t.f64(y).map((value, i) => value / (1 + Math.exp(-gate[i])));
    const buffer = t.upload(y);
    t.dispatch(T, await sigmoidGate(gpu, { width: D }, { gate: t.upload(gate), y: buffer, pass: t.passState(T) }));
    expect(t.relativeError(await t.readFloats(buffer, T * D), expected)).toBeLessThan(1e-6);
  });

  test('a norm that adds, and multiplies in the end', async () => {
    const [x, y, weight] = [T * D, T * D, D + 1].map((count) => t.randomValues(count, next));
    const normed = rmsNormTwin(t.f64(x), t.f64(weight.subarray(0, D)), 1e-6);
    const expected = normed.map((value, i) => weight[D] * (y[i] + value));
    const buffer = t.upload(y);
    const buffers = { x: t.upload(x), weight: t.upload(weight), y: buffer, pass: t.passState(T) };
    t.dispatch(T, await rmsNorm(gpu, { width: D, epsilon: 1e-6, accumulate: 1, scaled: true }, buffers));
    expect(t.relativeError(await t.readFloats(buffer, T * D), expected)).toBeLessThan(1e-6);
  });

  test('a soft cap, also of what is far beyond it, and of one row alone', async () => {
    const width = 67;
    const y = t.randomValues(T * width, next).map((value) => 60 * value);
    y.set([3e38, -3e38, 0, 1e-20], 5);
    const expected = t.f64(y).map((value) => 30 * Math.tanh(value / 30));
    const [all, first] = [t.upload(y), t.upload(y)];
    const pass = t.passState(T);
    t.dispatch(
      T,
      await softCap(gpu, { width, cap: 30 }, { y: all, pass }),
      await softCap(gpu, { width, cap: 30, alone: true }, { y: first, pass }),
    );
    const found = await t.readFloats(all, T * width);
    expect(t.relativeError(found, expected)).toBeLessThan(1e-6);
    expect(found[5]).toBe(30);
    const row = await t.readFloats(first, T * width);
    expect(row.subarray(0, width)).toEqual(found.subarray(0, width));
    expect([...row.subarray(width)]).toEqual([...y.subarray(width)]);
  });

  test('GeGLU, also of gates whose tanh is 1', async () => {
    const [gate, up] = [0, 1].map(() => t.randomTensor('f32', [D, H, E], next));
    const h = t.randomValues(T * D, next).map((value, i) => (i < D ? 1e4 : 1) * value);
    const twin = { experts: E, k: K, width: D, activation: 'gelu' } as const;
    const [g, u] = [gate, up].map((tensor) => t.f64(dequantise(tensor)));
    const expected = reference.expertUp(twin, t.f64(h), IDS, g, u);
    const activated = t.poisoned(expected.length);
    const gateUp = uploadWeights(gpu, stackRows([gate, up]));
    const buffers = { h: t.upload(h), slots: slotsOf(IDS), activated, pass: t.passState(T) };
    t.dispatch(T, await expertUp(gpu, { gateUp, k: K, activation: 'gelu' }, buffers));
    const found = await t.readFloats(activated, expected.length);
    // The first token's are so much larger that they would hide the others'.
    for (const rows of [[0, K * H], [K * H]] as const)
      expect(t.relativeError(found.slice(...rows), expected.slice(...rows))).toBeLessThan(1e-5);
  });

  test('a norm that adds', async () => {
    const [x, y, weight] = [T * D, T * D, D].map((count) => t.randomValues(count, next));
    const normed = rmsNormTwin(t.f64(x), t.f64(weight), 1e-6);
    const expected = normed.map((value, i) => y[i] + 0.25 * value);
    const buffer = t.upload(y);
    const buffers = { x: t.upload(x), weight: t.upload(weight), y: buffer, pass: t.passState(T) };
    t.dispatch(T, await rmsNorm(gpu, { width: D, epsilon: 1e-6, accumulate: 0.25 }, buffers));
    expect(t.relativeError(await t.readFloats(buffer, T * D), expected)).toBeLessThan(1e-6);
  });
});
