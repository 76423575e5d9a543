import { describe, expect, test } from 'vitest';
import { initialWeights } from '../../src/reference/block/weights.ts';
import { textGradient } from '../../src/reference/text/network.ts';
import { type TextShape, textLayoutOf } from '../../src/reference/text/shape.ts';
import type { Corpus } from '../../src/train/text/corpus.ts';
import { createTextCpuTrainer, drawnRows } from '../../src/train/text/cpu.ts';
import { TEXT_SETTINGS, TEXT_SHAPE, type TextOptions } from '../../src/train/text/types.ts';
import { createTextGpuTrainer } from '../../src/train/text/webgpu.ts';
import type { Balance } from '../../src/train/types.ts';
import { ALONE, device, random, readFloats, relativeError } from '../kernels/device.ts';

const f64 = (length: number) => new Float64Array(length);
const next = random(11);

/** Kinds of so many characters each; every kind likes other characters, so that there is something to learn. */
function corpus(characters: number, lengths: readonly number[], held = 20): Corpus {
  const draw = (kind: number, length: number) =>
    Uint8Array.from({ length }, (_, i) => (i * (kind + 1) + (next() < 0.2 ? characters * next() : 0)) % characters);
  return {
    characters: Array.from({ length: characters }, (_, i) => String.fromCharCode(97 + i)),
    kinds: lengths.map((length, kind) => ({
      ...{ name: `${kind}`, train: draw(kind, length), heldOut: draw(kind, held) },
    })),
  };
}

const base: TextShape = {
  ...{ width: 16, layers: 2, hidden: 12, experts: 5, k: 2 },
  ...{ heads: 2, context: 7, characters: 11 },
};
const of = (change: Partial<TextShape>, texts: number, lengths = [50, 61, 37]): TextOptions => {
  const shape = { ...base, ...change };
  return { shape, texts, seed: 5, corpus: corpus(shape.characters, lengths) };
};

/** Beside the shape, what is added to the router's scores: it steers where the characters go. */
const SHAPES: [string, TextOptions, (expert: number) => number][] = [
  ['2 of 5', of({}, 20), () => 0],
  ['an expert that nobody asks', of({ k: 1 }, 19), (e) => (e === 2 ? -9 : 0)],
  ['all characters to one expert', of({ k: 1 }, 40), (e) => (e === 3 ? 9 : 0)],
  [
    'k = E, 3 layers, heads of 4, 12 characters at once',
    of({ k: 3, experts: 3, layers: 3, heads: 4, context: 12 }, 3, [40]),
    () => 0,
  ],
  ['one expert, no router', of({ experts: 1, k: 1 }, 19), () => 0],
  ['one text of two characters', of({ context: 2, characters: 3 }, 1), () => 0],
];

// Kernels compile once for a shape, which takes longer than all that they do here: further tests have shapes from above.

describe.each(SHAPES)('a step of the text on the GPU, %s', (_, options, push) => {
  test('has the gradient that float64 has, tensor by tensor', async () => {
    const { shape, seed } = options;
    const layout = textLayoutOf(shape);
    const trainer = await createTextGpuTrainer(ALONE, options);
    const { memory } = trainer;
    const bias = Float32Array.from({ length: shape.layers * shape.experts }, (_, i) => push(i % shape.experts));
    for (let layer = 0; layer < shape.layers; layer++)
      for (let e = 0; e < shape.experts; e++)
        device.queue.writeBuffer(memory.bias, 4 * (layer * memory.stride + e), Float32Array.of(push(e)));
    const weights = initialWeights(layout, seed, f64);
    const [report] = await trainer.advance(1);
    const { aux } = TEXT_SETTINGS;
    const expected = textGradient(shape, layout, weights, drawnRows(options, 0), f64, { aux, bias });
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
  ['none', {}],
  ['aux', { experts: 1, k: 1 }],
] as [Balance, Partial<TextShape>][])(
  '20 steps go as in float64, so does what follows: %s %o',
  async (balance, shape) => {
    const options = of(shape, 20);
    const [gpu, cpu] = [await createTextGpuTrainer(ALONE, options), createTextCpuTrainer(options, f64)];
    for (const trainer of [gpu, cpu]) trainer.settings = { ...TEXT_SETTINGS, balance };
    const [found, expected] = [await gpu.advance(20), await cpu.advance(20)];
    for (const [i, { loss, loads }] of found.entries()) {
      expect(Math.abs(loss / expected[i].loss - 1)).toBeLessThan(1e-4);
      expect([i, loads]).toEqual([i, expected[i].loads]);
    }
    const off = new Set(options.shape.experts > 1 ? [1] : []);
    for (const switched of [new Set<number>(), off]) {
      const [a, b] = [await gpu.read(switched), await cpu.read(switched)];
      expect(relativeError(a.byKind, b.byKind)).toBeLessThan(1e-4);
      expect(a.choices).toEqual(b.choices);
      expect(a.rows).toEqual(b.rows);
    }
    const beginnings = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    for (const temperature of [0, 0.9]) {
      const writing = { temperature, seed: 3 };
      expect(await gpu.write(beginnings, 40, writing)).toEqual(await cpu.write(beginnings, 40, writing));
    }
    gpu.destroy();
  },
);

test('the same seed twice gives the same bits; reading and writing in between change nothing', async () => {
  const options = of({}, 40);
  const bits = async (between: boolean) => {
    const trainer = await createTextGpuTrainer(ALONE, options);
    await trainer.advance(3);
    if (between) {
      await trainer.read(new Set([1]));
      await trainer.write([[1, 2]], 5, { temperature: 1, seed: 1 });
    }
    await trainer.advance(4);
    const weights = await readFloats(trainer.memory.weights, textLayoutOf(options.shape).size);
    trainer.destroy();
    return new Uint32Array(weights.buffer);
  };
  expect(await bits(true)).toEqual(await bits(false));
});

test('a run that was saved goes on elsewhere as if it had never stopped', async () => {
  const options = of({ k: 1 }, 20);
  const trainer = await createTextGpuTrainer(ALONE, options);
  trainer.settings = { ...TEXT_SETTINGS, balance: 'bias' };
  await trainer.advance(3);
  const saved = await trainer.save();
  const other = await createTextGpuTrainer(ALONE, { ...options });
  other.settings = trainer.settings;
  other.load(saved);
  expect(await other.advance(4)).toEqual(await trainer.advance(4));
  expect(await other.read()).toEqual(await trainer.read());
  for (const each of [trainer, other]) each.destroy();
});

test('few dispatches, and one batch is learned by heart', async () => {
  // Kinds so short that there is one text in each.
  const options = of({}, 4, [8, 8, 8, 8]);
  // Each begins as no other does: what follows the same beginning in two ways can only be guessed.
  for (const [kind, { train }] of options.corpus.kinds.entries()) train[0] = kind;
  const trainer = await createTextGpuTrainer(ALONE, options);
  // As many layers as the race has.
  expect(TEXT_SHAPE.layers).toBe(options.shape.layers);
  expect(trainer.dispatches).toBe(62);
  const [{ loss: first }] = await trainer.advance(1);
  let last = first;
  for (let i = 0; i < 8 && last >= first / 20; i++) last = (await trainer.advance(25)).at(-1)!.loss;
  expect(last).toBeLessThan(first / 20);
  trainer.destroy();
});
