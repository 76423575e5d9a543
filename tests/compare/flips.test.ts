/** How often rounding changes a router's choice, against choices that are made by hand. */
import { expect, it } from 'vitest';
import { countFlips, MARGINS, measureFlips } from '../../src/compare/flips.ts';
import { requantised, rounded } from '../../src/compare/requantise.ts';
import { emptyBatch } from '../../src/engine/batch.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { planRouting } from '../../src/engine/interventions.ts';
import type { TraceBatch } from '../../src/engine/types.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import { loadModel } from '../../src/model/load.ts';
import { nearestHalf } from '../../src/reference/half.ts';
import { random } from '../../src/reference/random.ts';
import { floatToHalf, quantise } from '../model/quantise.ts';
import { randomModel } from '../model/randomModel.ts';

const SHAPE = { layers: 3, experts: 6, expertsPerToken: 2 };

/** What routers with these logits [T · L, E] choose, in float64. */
function routed(logits: readonly (readonly number[])[]): TraceBatch {
  const { layers, experts, expertsPerToken: K } = SHAPE;
  const batch = emptyBatch(SHAPE, 0, new Uint32Array(logits.length / layers));
  for (const [row, each] of logits.entries()) {
    const sum = each.reduce((total, logit) => total + Math.exp(logit), 0);
    const order = each.map((logit, expert) => ({ expert, p: Math.exp(logit) / sum })).sort((a, b) => b.p - a.p);
    for (const { expert, p } of order) batch.probabilities[row * experts + expert] = p;
    batch.expertIds.set(
      order.slice(0, K).map(({ expert }) => expert),
      row * K,
    );
  }
  return batch;
}

it('counts the choices that changed, each under its margin', () => {
  const next = random(3);
  // One row in four is decided by a hair, the others by much.
  const rows = Array.from({ length: 3 * 40 }, (_, row) => {
    const close = row % 4 === 0;
    const logits = Array.from({ length: 6 }, () => next() / 10);
    logits[row % 6] = 3;
    logits[(row + 1) % 6] = close ? 1.002 : 2;
    logits[(row + 2) % 6] = 1;
    return logits;
  });
  // In one of eight the second and the third change places; in one of nine the first two do, which is no other set.
  const others = rows.map((logits, row) => {
    const other = [...logits];
    if (row % 8 === 0) other[(row + 2) % 6] += 0.004;
    if (row % 9 === 0) other[row % 6] = other[(row + 1) % 6] - 0.0005;
    return other;
  });
  const flipped = rows.flatMap((_, row) => (row % 8 === 0 ? [row] : []));
  const found = countFlips(routed(rows), routed(others), 6);
  expect(found.decisions).toBe(120);
  // Where both happen, the third stands before both.
  expect(found.flips).toBe(flipped.length);
  const near = found.buckets.filter(({ below }) => below <= 0.001);
  expect(near.reduce((sum, { flips }) => sum + flips, 0)).toBe(found.flips);
  expect(near.reduce((sum, { decisions }) => sum + decisions, 0)).toBe(30);
  expect(countFlips(routed(rows), routed(rows), 6).flips).toBe(0);
});

it('leaves out layers that decide nothing', () => {
  const batch = routed(Array.from({ length: 6 }, () => [1, 2, 3, 4, 5, 6]));
  batch.expertIds.fill(0xffff, 0, 2);
  expect(countFlips(batch, batch, 6).decisions).toBe(5);
});

/** Without the sign of zeros. */
const unsigned = (values: Float32Array) => values.map((value) => value + 0);

it('rounds as the formats do', () => {
  const next = random(5);
  const values = Float32Array.from({ length: 64 * 96 }, () => (next() - 0.5) / 7);
  for (const type of ['q8_0', 'q4_0'] as const) {
    const kept = dequantise({ type, data: quantise(type, values) });
    expect(unsigned(rounded(values, 64, type))).toEqual(unsigned(kept));
    // Across the rows it is the same of the transposed matrix.
    const turned = Float32Array.from(values, (_, i) => values[(i % 96) * 64 + Math.floor(i / 96)]);
    const back = rounded(turned, 96, type);
    expect(rounded(values, 64, type, true)).toEqual(
      Float32Array.from(values, (_, i) => back[(i % 64) * 96 + Math.floor(i / 64)]),
    );
  }
  for (const value of [0, 1 / 3, -1 / 3, 2049, 2051, 65519, 1e-7, -3e-8, 0.1]) {
    const half = dequantise({ type: 'f16', data: new Uint8Array(Uint16Array.of(floatToHalf(value)).buffer) });
    expect(nearestHalf(value)).toBe(half[0] || 0);
  }
  expect(nearestHalf(1e6)).toBe(65504);
});

const TEXTS = [
  [10, 200, 31, 77, 5, 5, 250, 9, 18, 27, 36],
  [1, 2, 3, 4, 5, 6, 7, 8],
];
const signal = new AbortController().signal;

it.each(['f32', 'q4_0'] as const)(
  'finds the same twice, with experts in %s, and none in what computes the same',
  async (experts) => {
    const model = loadModel(randomModel('qwen3moe', { expertType: experts }));
    const steps: number[] = [];
    const measure = () =>
      measureFlips(model, TEXTS, createCpuEngine(model), (done, total) => steps.push(done / total), signal);
    const found = await measure();
    expect(steps.at(-1)).toBe(1);
    expect(await measure()).toEqual(found);
    const { layers } = model.config;
    expect(found.tokens).toBe(19);
    for (const { decisions, buckets, flips } of found.runs) {
      expect(decisions).toBe(19 * layers);
      expect(buckets.map(({ below }) => below)).toEqual(MARGINS);
      expect(buckets.reduce((sum, bucket) => sum + bucket.flips, 0)).toBe(flips);
    }
    const of = (run: string) => found.runs.find((each) => each.run === run)!;
    expect(of('device').flips).toBe(0);
    // Eight bits change the weights little, four much more, whatever blocks the file has.
    expect(of('q8_0').change).toBeLessThan(0.01);
    expect(of('q4_0').change).toBeGreaterThan(0.05);
    expect(of('q4_0').flips).toBeGreaterThan(0);
  },
);

it('finds every token that misses an expert, where that is what the device does otherwise', async () => {
  const model = loadModel(randomModel('qwen3moe', { layers: 1 }));
  const { expertIds } = await createCpuEngine(model).read(TEXTS[0]);
  const device = createCpuEngine(model);
  device.setRouting(planRouting(model.config, [{ kind: 'off', layer: 0, expert: expertIds[0] }]));
  const { runs } = await measureFlips(model, [TEXTS[0]], device, () => {}, signal);
  expect(runs.at(-1)!.flips).toBe(expertIds.filter((id) => id === expertIds[0]).length);
});

it('says for what it cannot be done', async () => {
  const dense = loadModel(randomModel('qwen3'));
  await expect(measureFlips(dense, TEXTS, null, () => {}, signal)).rejects.toThrow('A dense model has no router');
  const large = { ...loadModel(randomModel('qwen3moe')), streamed: true };
  await expect(measureFlips(large, TEXTS, null, () => {}, signal)).rejects.toThrow('too large');
});

it('rounds what is said to be rounded, and nothing else', async () => {
  const model = loadModel(randomModel('qwen3moe'));
  const logitsOf = async (...asked: [Parameters<typeof createCpuEngine>[1]?]) =>
    (await createCpuEngine(model, ...asked).forward(TEXTS[0])).logits;
  const exact = await logitsOf();
  for (const [precision, least, most] of [
    [{ activations: 'f32' }, 0, 1e-5],
    [{ cache: 'f16' }, 1e-6, 1e-2],
  ] as const) {
    const other = await logitsOf(precision);
    const largest = exact.reduce((sum, value) => Math.max(sum, Math.abs(value)), 0);
    const error = other.reduce((sum, value, i) => Math.max(sum, Math.abs(value - exact[i])), 0) / largest;
    expect(error).toBeGreaterThan(least);
    expect(error).toBeLessThan(most);
  }
  const { weights } = requantised(model, 'q8_0').model;
  expect(weights.layers[0].router).toBe(model.weights.layers[0].router);
  expect(weights.layers[0].q).toBe(model.weights.layers[0].q);
});
