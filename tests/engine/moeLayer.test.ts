import { expect, test } from 'vitest';
import { createMoeLayer } from '../../src/engine/webgpu/moeLayer.ts';
import type { Tuning } from '../../src/gpu/types.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import { packQ4 } from '../../src/model/packQ4.ts';
import * as experts from '../../src/reference/experts.ts';
import { random, randomValues } from '../../src/reference/random.ts';
import { freeRouter, route } from '../../src/reference/route.ts';
import { instance, relativeError } from '../kernels/device.ts';

function randomLayer(D: number, E: number, H: number, quantised: boolean, seed: number) {
  const next = random(seed);
  const matrix = () => {
    const codes = Uint8Array.from({ length: E * H * D }, () => Math.floor(16 * next()));
    const scales = Float32Array.from({ length: codes.length / 32 }, () => (8 + Math.floor(8 * next())) / 256);
    return { codes, scales, f32: Float32Array.from(codes, (code, i) => (code - 8) * scales[i >> 5]) };
  };
  const [gate, up, down] = [matrix(), matrix(), matrix()];
  const q4 = quantised ? { block: 32, gate, up, down } : undefined;
  return { router: randomValues(E * D, next), gate: gate.f32, up: up.f32, down: down.f32, q4 };
}

test.each([
  [1, true, undefined],
  [5, false, { few: 4 }],
  [37, true, { few: 4 }],
] as [number, boolean, Partial<Tuning> | undefined][])(
  'the layer of %i tokens, int4 %s, is the reference’s, twice',
  async (T, quantised, tuning) => {
    const [D, E, K, H] = [64, 6, 2, 128];
    const weights = randomLayer(D, E, H, quantised, T);
    const x = randomValues(T * D, random(T + 1));
    const ones = new Float64Array(D).fill(1);
    const f64 = (values: Float32Array) => Float64Array.from(values);
    const shape = { width: D, experts: E, slots: K, normaliseGates: true, epsilon: null };
    const routing = route(shape, freeRouter(E, K), f64(x), ones, f64(weights.router));
    const up = experts.expertUp(
      { experts: E, k: K, width: D },
      f64(x),
      routing.ids,
      f64(weights.gate),
      f64(weights.up),
    );
    const y = experts.expertDown({ experts: E, hidden: H }, up, routing.ids, f64(weights.down));
    const expected = experts.combine({ k: K, scale: 1 }, new Float64Array(T * D), y, routing.weights);

    const layer = await createMoeLayer({ D, E, K, H, T, weights, tuning, api: instance });
    expect(layer.note).toContain(quantised ? 'q4_0' : 'f32');
    expect(relativeError(await layer.run(x), expected)).toBeLessThan(1e-5);
    expect(relativeError(await layer.run(x), expected)).toBeLessThan(1e-5); // nothing is left of the first run
    layer.destroy();
  },
);

test('packQ4 gives the very values, or says that it cannot', () => {
  const codes = Uint8Array.from({ length: 64 }, (_, i) => (7 * i) % 16);
  const scales = Float32Array.of(-0.0625, 1.5);
  const packed = packQ4(codes, scales)!;
  expect([...dequantise({ type: 'q4_0', data: packed })]).toEqual([...codes].map((c, i) => (c - 8) * scales[i >> 5]));
  for (const scale of [0.1, 2 ** -15, 65536, Number.NaN]) expect(packQ4(codes, Float32Array.of(1, scale))).toBeNull();
});
