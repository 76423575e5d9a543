import { describe, expect, it } from 'vitest';
import { bytesPerWeight, denseTwin } from '../../src/compare/twins.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import { loadModel } from '../../src/model/load.ts';
import type { PlainType } from '../../src/model/randomTensor.ts';
import type { LayerWeights } from '../../src/model/types.ts';
import { randomModel, randomSource } from '../model/randomModel.ts';

/** down · (silu(gate·x) ∘ up·x) of the given expert, in f64. */
function expert({ gate, up, down }: Pick<LayerWeights, 'gate' | 'up' | 'down'>, index: number, x: number[]): number[] {
  const [width, hidden] = gate.shape;
  const [g, u, d] = [gate, up, down].map((tensor) => dequantise(tensor));
  const row = (matrix: Float32Array, columns: number, r: number, v: number[]) =>
    v.reduce((sum, value, c) => sum + matrix[r * columns + c] * value, 0);
  const activated = Array.from({ length: hidden }, (_, h) => {
    const a = row(g, width, index * hidden + h, x);
    return (a / (1 + Math.exp(-a))) * row(u, width, index * hidden + h, x);
  });
  return Array.from({ length: width }, (_, r) => row(d, hidden, index * width + r, activated));
}

describe.each<PlainType>(['f32', 'f16', 'q8_0', 'q4_0'])('dense twin in %s', (type) => {
  const { weights } = loadModel(randomModel('qwen3moe', { expertType: type }));
  const layer = weights.layers[1];
  const random = randomSource(3);
  const x = Array.from({ length: 64 }, () => random() * 2 - 1);

  it.each([1, 3, 8])('is the sum of its %i experts', (n) => {
    const twin = denseTwin(layer, n);
    expect(twin.down.shape).toEqual([32 * n, 64, 1]);
    const sum = Array.from({ length: n }, (_, e) => expert(layer, e, x)).reduce((a, b) => a.map((v, i) => v + b[i]));
    for (const [i, value] of expert(twin, 0, x).entries()) expect(value).toBeCloseTo(sum[i], 9);
  });

  it('holds n experts’ bytes', () => {
    const { gate, up, down } = denseTwin(layer, 2);
    const bytes = gate.data.length + up.data.length + down.data.length;
    expect(bytes).toBe(2 * 3 * 64 * 32 * bytesPerWeight(type));
  });
});
