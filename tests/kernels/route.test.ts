import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KNOCKED_OUT, type RouteShape, route, slotBytes, traceWords } from '../../src/kernels/route.ts';
import * as reference from '../../src/reference/route.ts';
import * as t from './device.ts';

interface Case {
  x: Float32Array;
  normWeight: Float32Array;
  router: Float32Array;
  bias: Float32Array;
}

function randomCase({ width, experts }: RouteShape, tokens: number, seed: number): Case {
  const next = t.random(seed);
  return {
    x: t.randomValues(tokens * width, next),
    normWeight: t.randomValues(width, next),
    router: t.randomValues(experts * width, next),
    bias: t.randomValues(experts, next),
  };
}

/** Runs the router with a trace ring of T + 2 records, starting at the last one so that it wraps. */
async function run(shape: RouteShape, { x, normWeight, router, bias }: Case) {
  const { width, experts, k } = shape;
  const tokens = x.length / width;
  const words = traceWords(shape);
  const ring = tokens + 2;
  const [h, slots, trace] = [t.poisoned(x.length), t.poisoned(slotBytes(tokens, k) / 4), t.poisoned(ring * words)];
  // Bound with its size: a ring whose buffer is rounded up must not gain a record.
  const bound = { buffer: trace, size: 4 * ring * words };
  const inputs = { x: t.upload(x), normWeight: t.upload(normWeight), router: t.upload(router), bias: t.upload(bias) };
  const buffers = { ...inputs, h, slots, trace: bound, pass: t.passState(tokens, 0, tokens + 1) };
  t.dispatch(tokens, await route(t.ALONE, shape, buffers));
  const slotWords = await t.readWords(slots, tokens * k * 2);
  const traceRing = await t.readWords(trace, ring * words);
  const record = (token: number) => ((tokens + 1 + token) % ring) * words;
  const floats = (from: number, count: number) => new Float32Array(traceRing.slice(from, from + count).buffer);
  return {
    h: await t.readFloats(h, x.length),
    ids: slotWords.filter((_, i) => i % 2 === 0),
    weights: new Float32Array(slotWords.filter((_, i) => i % 2 === 1).buffer),
    trace: Array.from({ length: tokens }, (_, token) => ({
      ids: traceRing.slice(record(token), record(token) + k),
      weights: floats(record(token) + k, k),
      probabilities: floats(record(token) + 2 * k, experts),
    })),
  };
}

const twin = (shape: RouteShape, { x, normWeight, router, bias }: Case) =>
  reference.route(shape, t.f64(x), t.f64(normWeight), t.f64(router), bias);

async function compare(shape: RouteShape, inputs: Case) {
  const actual = await run(shape, inputs);
  const expected = twin(shape, inputs);
  const { k, experts } = shape;
  expect(t.relativeError(actual.h, expected.h)).toBeLessThan(1e-5);
  expect([...actual.ids]).toEqual([...expected.ids]);
  expect(t.relativeError(actual.weights, expected.weights)).toBeLessThan(1e-5);
  actual.trace.forEach((record, token) => {
    expect([...record.ids]).toEqual([...expected.ids.slice(token * k, (token + 1) * k)]);
    expect([...record.weights]).toEqual([...actual.weights.slice(token * k, (token + 1) * k)]);
    const p = expected.probabilities.slice(token * experts, (token + 1) * experts);
    expect(t.relativeError(record.probabilities, p)).toBeLessThan(1e-5);
  });
  return actual;
}

const SHAPE: RouteShape = { width: 32, experts: 16, k: 2, normaliseGates: true, epsilon: 1e-6 };

describe('route', () => {
  test.each([
    [1, { ...SHAPE }],
    [7, { ...SHAPE, experts: 1, k: 1 }],
    [7, { ...SHAPE, epsilon: null }],
    [3, { ...SHAPE, experts: 8, k: 8, normaliseGates: false }],
    [33, { ...SHAPE, width: 100, experts: 60, k: 4 }],
    [3, { ...SHAPE, experts: 128, k: 8 }],
    [3, { ...SHAPE, experts: 256, k: 16, normaliseGates: false }],
    [3, { ...SHAPE, experts: 77, k: 5 }],
  ])('%i tokens, %o', async (tokens, shape) => {
    await compare(shape, randomCase(shape, tokens, shape.experts));
  });

  test('ties go to the lower index', async () => {
    const inputs = randomCase(SHAPE, 3, 1);
    inputs.router.fill(0);
    inputs.bias.fill(0.25);
    const { ids, weights } = await compare(SHAPE, inputs);
    expect([...ids]).toEqual([0, 1, 0, 1, 0, 1]);
    expect([...weights]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
  });

  test('a knocked-out expert has probability 0 and is never chosen', async () => {
    const inputs = randomCase(SHAPE, 7, 2);
    for (const expert of [0, 3, 15]) inputs.bias[expert] = KNOCKED_OUT;
    inputs.bias[5] = -1e4; // unlikely, but not knocked out
    const { ids, trace } = await compare(SHAPE, inputs);
    expect([...ids].some((id) => [0, 3, 15].includes(id))).toBe(false);
    expect(trace.map(({ probabilities }) => probabilities[3])).toEqual(Array(7).fill(0));
  });

  test('live experts go before knocked-out ones, however improbable', async () => {
    const inputs = randomCase(SHAPE, 1, 3);
    inputs.bias.fill(KNOCKED_OUT);
    inputs.bias[9] = -500;
    inputs.bias[4] = 500;
    const { ids } = await compare(SHAPE, inputs);
    expect([...ids]).toEqual([4, 9]);
  });

  test('NaN and infinity go to the first experts, with finite weights', async () => {
    const inputs = randomCase(SHAPE, 3, 4);
    inputs.x[5] = Number.NaN;
    inputs.x[40] = Number.POSITIVE_INFINITY;
    const { ids, weights } = await run(SHAPE, inputs);
    expect([...ids.slice(0, 4)]).toEqual([0, 1, 0, 1]);
    expect([...weights].every(Number.isFinite)).toBe(true);
    expect(t.relativeError(weights, twin(SHAPE, inputs).weights)).toBeLessThan(1e-5);
  });

  test('any logits: the k highest, weights that sum to 1, the same bits every run', async () => {
    const shape = { ...SHAPE, experts: 12, k: 3 };
    // Eighths tie often and are exact.
    const logits = fc.array(fc.integer({ min: -16, max: 16 }), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(logits, async (eighths) => {
        const inputs = { ...randomCase(shape, 2, 5), bias: Float32Array.from(eighths, (n) => n / 8) };
        inputs.router.fill(0);
        const { ids, weights, trace } = await run(shape, inputs);
        const sorted = eighths
          .map((value, index) => ({ value, index }))
          .sort((a, b) => b.value - a.value || a.index - b.index);
        expect([...ids.slice(0, 3)]).toEqual(sorted.slice(0, 3).map(({ index }) => index));
        expect(weights[0] + weights[1] + weights[2]).toBeCloseTo(1, 6);
        expect(trace[0].probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
        expect((await run(shape, inputs)).weights).toEqual(weights);
      }),
      { numRuns: 20 },
    );
  });
});
