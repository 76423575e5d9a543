import { describe, expect, test } from 'vitest';
import { initialWeights } from '../../src/reference/block/weights.ts';
import { gradientOf } from '../../src/reference/painter/backward.ts';
import { axisFeatures, drawnPixel, gather } from '../../src/reference/painter/inputs.ts';
import { layoutOf, type PainterShape } from '../../src/reference/painter/shape.ts';
import { createCpuTrainer } from '../../src/train/cpu.ts';
import { type Balance, DEFAULT_SETTINGS, type RunOptions } from '../../src/train/types.ts';
import { createGpuTrainer } from '../../src/train/webgpu.ts';
import { ALONE, device, random, readFloats, relativeError } from '../kernels/device.ts';

const f64 = (length: number) => new Float64Array(length);
const f32 = (length: number) => new Float32Array(length);
const next = random(11);
const picture = (width: number, height: number) => ({
  width,
  height,
  data: Uint8ClampedArray.from({ length: 4 * width * height }, () => 256 * next()),
});

const base: PainterShape = { width: 8, layers: 2, hidden: 12, experts: 5, k: 2, octaves: 3, routerReads: 'place' };
const of = (shape: Partial<PainterShape>, batch: number): RunOptions => ({
  shape: { ...base, ...shape },
  picture: picture(9, 7),
  batch,
  seed: 5,
});

/** Compiled anew each, so left to MOESCOPE_FULL=1. */
const MORE: [string, RunOptions, (expert: number) => number][] = [
  ['2 of 5, router on features', of({ routerReads: 'features' }, 37), () => 0],
  ['all pixels to one expert of 7', of({ k: 1, experts: 7 }, 300), (e) => (e === 3 ? 9 : 0)],
  ['one octave', of({ k: 1, octaves: 1 }, 1), () => 0],
];

/** Beside the shape, what is added to the router's scores: it steers where the pixels go. */
const SHAPES: [string, RunOptions, (expert: number) => number][] = [
  ['2 of 5, router on place', of({}, 150), () => 0],
  ['an expert that nobody asks', of({ k: 1 }, 150), (e) => (e === 2 ? -9 : 0)],
  ['all pixels to one expert', of({ k: 1 }, 300), (e) => (e === 3 ? 9 : 0)],
  ['one pixel', of({ k: 1 }, 1), () => 0],
  ['k = E, router on features, 3 layers', of({ k: 3, experts: 3, routerReads: 'features', layers: 3 }, 33), () => 0],
  ['one expert, no router', of({ experts: 1, k: 1, hidden: 20 }, 129), () => 0],
  ...(process.env.MOESCOPE_FULL === '1' ? MORE : []),
];

// Kernels compile once for a shape, which takes longer than all that they do here: further tests have shapes from above.

describe.each(SHAPES)('a step on the GPU, %s', (_, options, push) => {
  test('has the gradient that float64 has, tensor by tensor', async () => {
    const { shape, batch, seed } = options;
    const layout = layoutOf(shape);
    const trainer = await createGpuTrainer(ALONE, options);
    const { memory } = trainer;
    const bias = Float32Array.from({ length: shape.layers * shape.experts }, (_, i) => push(i % shape.experts));
    for (let layer = 0; layer < shape.layers; layer++)
      for (let e = 0; e < shape.experts; e++)
        device.queue.writeBuffer(memory.bias, 4 * (layer * memory.stride + e), Float32Array.of(push(e)));
    const weights = initialWeights(layout, seed, f64);
    const [report] = await trainer.advance(1);
    const axes = [9, 7].map((size) => axisFeatures(size, shape.octaves, f32));
    const drawn = gather(
      shape,
      layout,
      options.picture,
      [axes[0], axes[1]],
      batch,
      (n) => drawnPixel(seed, 0, n, 63),
      f64,
    );
    const expected = gradientOf(shape, layout, weights, drawn, f64, { aux: DEFAULT_SETTINGS.aux, bias });
    expect(report.loads).toEqual(shape.experts > 1 ? expected.loads.map((load) => [...load]) : []);
    expect(Math.abs(report.loss / expected.loss - 1)).toBeLessThan(1e-5);
    const gradient = await readFloats(memory.gradient, layout.size);
    for (const { kind, layer, offset, experts, rows, columns } of layout.tensors) {
      const size = rows * columns;
      const part = (values: ArrayLike<number>) => Array.from(values).slice(offset, offset + experts * size);
      expect([kind, layer, relativeError(part(gradient), part(expected.gradient)) < 1e-4]).toEqual([kind, layer, true]);
      if (kind !== 'up' && kind !== 'down') continue;
      for (let e = 0; e < experts; e++) {
        const own = part(gradient).slice(e * size, (e + 1) * size);
        expect(own.some((value) => value !== 0)).toBe(expected.loads[layer][e] > 0);
      }
    }
    trainer.destroy();
  });
});

test.each([
  ['aux', {}],
  ['bias', { k: 1 }],
  ['none', { k: 3, experts: 3, routerReads: 'features', layers: 3 }],
  ['aux', { experts: 1, k: 1, hidden: 20 }],
] as [Balance, Partial<PainterShape>][])('20 steps go as in float64: %s %o', async (balance, shape) => {
  const options = of(shape, 200);
  const [gpu, cpu] = [await createGpuTrainer(ALONE, options), createCpuTrainer(options, f64)];
  for (const trainer of [gpu, cpu]) trainer.settings = { ...DEFAULT_SETTINGS, balance };
  const [found, expected] = [await gpu.advance(20), await cpu.advance(20)];
  for (const [i, { loss, loads }] of found.entries()) {
    expect(Math.abs(loss / expected[i].loss - 1)).toBeLessThan(1e-4);
    expect([i, loads]).toEqual([i, expected[i].loads]);
  }
  const [a, b] = [await gpu.paint(), await cpu.paint()];
  expect(a.territories).toEqual(b.territories);
  expect(Math.max(...a.data.map((value, i) => Math.abs(value - b.data[i])))).toBeLessThanOrEqual(1);
  gpu.destroy();
});

test('the same seed twice gives the same bits; a painting in between changes nothing', async () => {
  const options = of({ k: 1 }, 256);
  const bits = async (paint: boolean) => {
    const trainer = await createGpuTrainer(ALONE, options);
    await trainer.advance(3);
    if (paint) await trainer.paint(new Set([1]));
    await trainer.advance(4);
    const weights = await readFloats(trainer.memory.weights, layoutOf(options.shape).size);
    trainer.destroy();
    return new Uint32Array(weights.buffer);
  };
  expect(await bits(true)).toEqual(await bits(false));
});

test('without an expert, no pixel but those of its territory changes by a bit', async () => {
  const options = of({ k: 1 }, 40);
  const trainer = await createGpuTrainer(ALONE, options);
  await trainer.advance(30);
  const whole = await trainer.paint();
  for (let layer = 0; layer < 2; layer++) {
    const expert = whole.territories[layer][31];
    const without = await trainer.paint(new Set([5 * layer + expert]));
    let changed = 0;
    for (let pixel = 0; pixel < 63; pixel++) {
      const same = [0, 1, 2].every((c) => whole.data[4 * pixel + c] === without.data[4 * pixel + c]);
      if (whole.territories[layer][pixel] === expert) changed += Number(!same);
      else expect(same).toBe(true);
      expect(without.territories[layer][pixel]).not.toBe(expert);
    }
    expect(changed).toBeGreaterThan(0);
  }
  trainer.destroy();
});

test('few dispatches, and one batch is learned by heart', async () => {
  const options = of({ width: 32, hidden: 32, experts: 8, k: 1 }, 128);
  const trainer = await createGpuTrainer(ALONE, options);
  expect(trainer.dispatches).toBeLessThanOrEqual(45);
  const first = (await trainer.advance(1))[0].loss;
  let last = first;
  for (let i = 0; i < 6 && last >= first / 20; i++) last = (await trainer.advance(25)).at(-1)!.loss;
  expect(last).toBeLessThan(first / 20);
  trainer.destroy();
});
