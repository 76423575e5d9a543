import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBuffer } from '../../src/gpu/buffers.ts';
import { DRAW_WORDS, sample } from '../../src/kernels/sample.ts';
import { tokenLoss } from '../../src/kernels/tokenLoss.ts';
import * as reference from '../../src/reference/sample.ts';
import { tokenLoss as referenceLoss } from '../../src/reference/tokenLoss.ts';
import * as t from './device.ts';

const GREEDY = { temperature: 0, topK: 0, topP: 1, seed: 0 };

/** Draws after a pass of 3 tokens at position 5; the record wraps round a ring of 4 to its first place. */
async function run(gpu: typeof t.ALONE, logits: Float32Array, choice: reference.SamplingChoice) {
  const words = new ArrayBuffer(16);
  new Float32Array(words).set([choice.temperature, 0, choice.topP, 0]);
  new Uint32Array(words)[1] = choice.topK;
  new Uint32Array(words)[3] = choice.seed;
  const sampling = t.device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  t.device.queue.writeBuffer(sampling, 0, words);
  const [tokens, draws, pass] = [t.poisoned(4), t.poisoned(4 * DRAW_WORDS), t.passState(3, 5, 2)];
  const buffers = { logits: t.upload(logits), sampling, tokens, draws, pass };
  t.dispatch(3, await sample(gpu, { vocabulary: logits.length }, buffers));
  const draw = new Uint32Array(await readBuffer(t.device, draws));
  expect((await t.readWords(tokens, 1))[0]).toBe(draw[0]);
  expect([...(await t.readWords(pass, 4))]).toEqual([1, 8, 5, 0]);
  return { id: draw[0], ids: [...draw.slice(1, 9)], probabilities: new Float32Array(draw.slice(9, 17).buffer) };
}

const gaussian = (count: number, next: () => number, spread: number) =>
  Float32Array.from(
    { length: count },
    () => spread * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );

describe.each(t.TUNINGS)('%s', (_, gpu) => {
  test('greedy takes the highest, ties the lower id, and candidates are the top 8 at temperature 1', async () => {
    const logits = gaussian(1000, t.random(1), 3);
    for (const id of [700, 77, 701]) logits[id] = 20;
    logits[5] = Number.NEGATIVE_INFINITY;
    const { id, ids, probabilities } = await run(gpu, logits, GREEDY);
    const expected = reference.candidates(logits, 8);
    expect(id).toBe(77);
    expect(ids).toEqual(expected.ids);
    expect(t.relativeError(probabilities, expected.probabilities)).toBeLessThan(1e-5);
  });

  test('draws what its twin draws', async () => {
    const shape = fc.record({
      temperature: fc.constantFrom(0.3, 0.8, 1, 2),
      topK: fc.constantFrom(0, 1, 2, 40, 999, 5000),
      topP: fc.constantFrom(1, 0.95, 0.5, 0.01, 0),
      seed: fc.integer({ min: 0, max: 0xffffffff }),
      spread: fc.constantFrom(0.01, 1, 8),
      levels: fc.constantFrom(0, 2, 30), // rounding to few levels makes ties
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ spread, levels, ...choice }) => {
        const logits = gaussian(1000, t.random(choice.seed), spread).map((x) =>
          levels ? Math.round(x * levels) / levels : x,
        );
        const twin = reference.sample(logits, choice, 8);
        fc.pre(twin.margin > 1e-5);
        expect((await run(gpu, logits, choice)).id).toBe(twin.id);
      }),
      { numRuns: gpu === t.ALONE ? 120 : 30 },
    );
  });

  test('tells the probability of a token drawn from beyond the likeliest, in the last place', async () => {
    const logits = gaussian(1000, t.random(9), 0.01);
    const choice = { temperature: 1, topK: 0, topP: 1, seed: 6 };
    const { id, ids, probabilities } = await run(gpu, logits, choice);
    expect(reference.candidates(logits, 8).ids).not.toContain(id);
    const expected = reference.candidates(logits, 8, id);
    expect(ids).toEqual(expected.ids);
    expect(ids[7]).toBe(id);
    expect(t.relativeError(probabilities, expected.probabilities)).toBeLessThan(1e-5);
  });

  test('NaN is never drawn; nothing but NaN gives id 0', async () => {
    const choice = { temperature: 1, topK: 3, topP: 0.9, seed: 4 };
    const logits = new Float32Array(1000).fill(Number.NaN);
    for (const each of [GREEDY, choice, { ...choice, topK: 0, topP: 1 }])
      expect((await run(gpu, logits, each)).id).toBe(0);
    logits[321] = -7;
    for (const each of [GREEDY, choice, { ...choice, topK: 0, topP: 1 }])
      expect((await run(gpu, logits, each)).id).toBe(321);
  });

  test('top-k keeps as many of those with one logit as it has places for', async () => {
    // The last of those that are kept is drawn: with one more kept it would be the one after it.
    const seed = Array.from({ length: 1e5 }, (_, i) => i).find((i) => reference.uniform(i, 8) > 0.999)!;
    for (const [ties, topK] of [
      [41, 20],
      [47, 23],
      [82, 81],
      [1000, 40],
    ]) {
      const logits = Float32Array.from({ length: ties }, () => 0.5);
      expect((await run(gpu, logits, { temperature: 1, topK, topP: 1, seed })).id).toBe(topK - 1);
    }
  });

  test('takes −0 for 0', async () => {
    const logits = Float32Array.of(-1, -0, 0, -0, 0);
    const { id, ids } = await run(gpu, logits, GREEDY);
    expect(id).toBe(1);
    expect(ids.slice(0, 5)).toEqual([1, 2, 3, 4, 0]);
    for (const topK of [1, 2, 3]) {
      const choice = { temperature: 1, topK, topP: 1, seed: 3 };
      expect((await run(gpu, logits, choice)).id).toBe(reference.sample(logits, choice, 8).id);
    }
  });

  test('a large vocabulary', async () => {
    const logits = gaussian(151_936, t.random(9), 2);
    const choice = { temperature: 1, topK: 0, topP: 0.9, seed: 12 };
    const twin = reference.sample(logits, choice, 8);
    expect(twin.margin).toBeGreaterThan(1e-7);
    expect((await run(gpu, logits, choice)).id).toBe(twin.id);
  });

  test('fewer tokens than candidates', async () => {
    const { id, ids } = await run(gpu, Float32Array.of(1, 3, 2), GREEDY);
    expect(id).toBe(1);
    expect(ids).toEqual([1, 2, 0, ...Array(5).fill(0xffffffff)]);
  });

  test.each([
    [1, 5],
    [7, 1000],
    [65, 33],
  ])('tokenLoss of %i tokens over %i', async (tokens, vocabulary) => {
    const next = t.random(tokens);
    const logits = gaussian(tokens * vocabulary, next, 10);
    const targets = Uint32Array.from({ length: tokens }, () => Math.floor(next() * vocabulary));
    const loss = t.poisoned(tokens);
    const buffers = { logits: t.upload(logits), targets: t.upload(targets), loss, pass: t.passState(tokens) };
    t.dispatch(tokens, await tokenLoss(gpu, { vocabulary }, buffers));
    expect(t.relativeError(await t.readFloats(loss, tokens), referenceLoss(t.f64(logits), targets))).toBeLessThan(1e-5);
  });
});
