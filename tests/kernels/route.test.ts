import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../src/gpu/types.ts';
import { controlWords, type RouteShape, route, slotBytes, traceWords } from '../../src/kernels/route.ts';
import * as reference from '../../src/reference/route.ts';
import { NO_EXPERT, type RouterControl } from '../../src/reference/route.ts';
import * as t from './device.ts';

interface Case {
  x: Float32Array;
  normWeight: Float32Array;
  router: Float32Array;
  control: RouterControl;
}

const POSITION = 5;

/** Random inputs, with a bias on every logit. */
function randomCase({ width, experts }: RouteShape, k: number, tokens: number, seed: number): Case {
  const next = t.random(seed);
  return {
    x: t.randomValues(tokens * width, next),
    normWeight: t.randomValues(width, next),
    router: t.randomValues(experts * width, next),
    control: { ...reference.freeRouter(experts, k, 3), bias: t.randomValues(experts, next) },
  };
}

/** Runs the router at POSITION, with a trace ring of T + 2 records, starting at the last one so that it wraps. */
async function run(shape: RouteShape, { x, normWeight, router, control }: Case, gpu = t.ALONE) {
  const { width, experts, slots: S } = shape;
  const tokens = x.length / width;
  const words = traceWords(shape);
  const ring = tokens + 2;
  const [h, slots, trace] = [t.poisoned(x.length), t.poisoned(slotBytes(tokens, S) / 4), t.poisoned(ring * words)];
  // Bound with its size: a ring whose buffer is rounded up must not gain a record.
  const bound = { buffer: trace, size: 4 * ring * words };
  const inputs = { x: t.upload(x), normWeight: t.upload(normWeight), router: t.upload(router) };
  const asked = { control: t.upload(controlWords(control, S)) };
  const pass = t.passState(tokens, POSITION, tokens + 1);
  t.dispatch(tokens, await route(gpu, shape, { ...inputs, ...asked, h, slots, trace: bound, pass }));
  const slotWords = await t.readWords(slots, tokens * S * 2);
  const traceRing = await t.readWords(trace, ring * words);
  const record = (token: number) => ((tokens + 1 + token) % ring) * words;
  const floats = (from: number, count: number) => new Float32Array(traceRing.slice(from, from + count).buffer);
  return {
    h: await t.readFloats(h, x.length),
    ids: slotWords.filter((_, i) => i % 2 === 0),
    weights: new Float32Array(slotWords.filter((_, i) => i % 2 === 1).buffer),
    trace: Array.from({ length: tokens }, (_, token) => ({
      ids: traceRing.slice(record(token), record(token) + S),
      weights: floats(record(token) + S, S),
      probabilities: floats(record(token) + 2 * S, experts),
    })),
  };
}

const twin = (shape: RouteShape, { x, normWeight, router, control }: Case) =>
  reference.route(shape, control, t.f64(x), t.f64(normWeight), t.f64(router), POSITION);

/** In small workgroups and in large ones. */
async function compare(shape: RouteShape, inputs: Case) {
  await compareOn(t.STAGED, shape, inputs);
  return compareOn(t.ALONE, shape, inputs);
}

async function compareOn(gpu: Gpu, shape: RouteShape, inputs: Case) {
  const actual = await run(shape, inputs, gpu);
  const expected = twin(shape, inputs);
  const { slots, experts } = shape;
  expect(t.relativeError(actual.h, expected.h)).toBeLessThan(1e-5);
  expect([...actual.ids]).toEqual([...expected.ids]);
  expect(t.relativeError(actual.weights, expected.weights)).toBeLessThan(1e-5);
  actual.trace.forEach((record, token) => {
    expect([...record.ids]).toEqual([...expected.ids.slice(token * slots, (token + 1) * slots)]);
    expect([...record.weights]).toEqual([...actual.weights.slice(token * slots, (token + 1) * slots)]);
    const p = expected.probabilities.slice(token * experts, (token + 1) * experts);
    expect(t.relativeError(record.probabilities, p)).toBeLessThan(1e-5);
  });
  return actual;
}

const SHAPE: RouteShape = { width: 32, experts: 16, slots: 2, normaliseGates: true, epsilon: 1e-6 };

describe('route', () => {
  test.each([
    [1, { ...SHAPE }],
    [7, { ...SHAPE, experts: 1, slots: 1 }],
    [7, { ...SHAPE, epsilon: null }],
    [3, { ...SHAPE, experts: 8, slots: 8, normaliseGates: false }],
    [33, { ...SHAPE, width: 100, experts: 60, slots: 4 }],
    [3, { ...SHAPE, experts: 128, slots: 8 }],
    [3, { ...SHAPE, experts: 256, slots: 16, normaliseGates: false }],
    [3, { ...SHAPE, experts: 256, slots: 256 }],
    // As much workgroup memory as any router takes, on a device that has no more than WebGPU promises.
    [3, { ...SHAPE, experts: 512, slots: 512 }],
    [3, { ...SHAPE, experts: 77, slots: 5 }],
  ])('%i tokens, %o', async (tokens, shape) => {
    await compare(shape, randomCase(shape, shape.slots, tokens, shape.experts));
  });

  test('ties go to the lower index', async () => {
    const inputs = randomCase(SHAPE, 2, 3, 1);
    inputs.router.fill(0);
    inputs.control = reference.freeRouter(16, 2);
    const { ids, weights } = await compare(SHAPE, inputs);
    expect([...ids]).toEqual([0, 1, 0, 1, 0, 1]);
    expect([...weights]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
  });

  test('NaN and infinity go to the first experts, with finite weights', async () => {
    const inputs = randomCase(SHAPE, 2, 3, 4);
    inputs.x[5] = Number.NaN;
    inputs.x[40] = Number.POSITIVE_INFINITY;
    const { ids, weights } = await run(SHAPE, inputs);
    expect([...ids.slice(0, 4)]).toEqual([0, 1, 0, 1]);
    expect([...weights].every(Number.isFinite)).toBe(true);
    expect(t.relativeError(weights, twin(SHAPE, inputs).weights)).toBeLessThan(1e-5);
  });

  test('any logits: the k highest, weights that sum to 1, the same bits every run', async () => {
    const shape = { ...SHAPE, experts: 12, slots: 3 };
    // Eighths tie often and are exact.
    const logits = fc.array(fc.integer({ min: -16, max: 16 }), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(logits, async (eighths) => {
        const control = { ...reference.freeRouter(12, 3), bias: eighths.map((n) => n / 8) };
        const inputs = { ...randomCase(shape, 3, 2, 5), control };
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

describe('an intervention', () => {
  const asked = (shape: RouteShape, k: number, tokens: number, control: Partial<RouterControl>) => {
    const inputs = randomCase(shape, k, tokens, k + tokens);
    return { ...inputs, control: { ...inputs.control, ...control } };
  };

  test('off: probability 0 and never chosen; what is merely unlikely is not off', async () => {
    const bias = Array.from({ length: 16 }, (_, e) => ([0, 3, 15].includes(e) ? -Infinity : e === 5 ? -1e4 : 0));
    const { ids, trace } = await compare(SHAPE, asked(SHAPE, 2, 7, { bias }));
    expect([...ids].some((id) => [0, 3, 15].includes(id))).toBe(false);
    expect(trace.map(({ probabilities }) => probabilities[3])).toEqual(Array(7).fill(0));
  });

  test('off, all but two: they are taken however improbable; all but one: a slot stays unused', async () => {
    const bias = new Array(16).fill(-Infinity);
    bias[9] = -500;
    bias[4] = 500;
    expect([...(await compare(SHAPE, asked(SHAPE, 2, 1, { bias }))).ids]).toEqual([4, 9]);
    bias[9] = -Infinity;
    const { ids, weights } = await compare(SHAPE, asked(SHAPE, 2, 1, { bias }));
    expect([...ids]).toEqual([4, NO_EXPERT]);
    expect([...weights]).toEqual([1, 0]);
  });

  test.each([1, 2, 5, 16])('k = %i of 16, in a shape with room for 16', async (k) => {
    const shape = { ...SHAPE, slots: 16 };
    const { ids, weights } = await compare(shape, asked(shape, k, 5, {}));
    for (let token = 0; token < 5; token++) {
      const row = [...ids.slice(token * 16, (token + 1) * 16)];
      expect(new Set(row.slice(0, k)).size).toBe(k);
      expect(row.slice(k)).toEqual(new Array(16 - k).fill(NO_EXPERT));
      expect([...weights.slice(token * 16 + k, (token + 1) * 16)]).toEqual(new Array(16 - k).fill(0));
    }
  });

  test.each([
    ['one', 4, [6]],
    ['as many as k', 3, [0, 15, 7]],
    ['all', 16, Array.from({ length: 16 }, (_, e) => e)],
  ])('force: %s, ordered by probability, with the weight of its own probability', async (_, k, forced) => {
    const shape = { ...SHAPE, slots: 16 };
    const { ids } = await compare(shape, asked(shape, k, 6, { forced: new Set(forced) }));
    for (let token = 0; token < 6; token++) {
      expect([...ids.slice(token * 16, token * 16 + k)]).toEqual(expect.arrayContaining(forced));
    }
  });

  test('uniform: in turn by position and layer, each with 1/k, whatever the text', async () => {
    const inputs = asked(SHAPE, 2, 9, { rule: 'uniform', layer: 3 });
    const { ids, weights } = await compare(SHAPE, inputs);
    const turn = Array.from({ length: 18 }, (_, slot) => ((POSITION + Math.floor(slot / 2)) * 2 + (slot % 2) + 3) % 16);
    expect([...ids]).toEqual(turn);
    expect([...weights]).toEqual(new Array(18).fill(0.5));
    inputs.x.fill(0.25);
    expect([...(await run(SHAPE, inputs)).ids]).toEqual(turn);
  });

  test('random: all different, evenly spread, by seed, layer and position', async () => {
    const shape = { ...SHAPE, slots: 4 };
    const draw = async (control: Partial<RouterControl>) => [
      ...(await compare(shape, asked(shape, 4, 400, { rule: 'random', seed: 9, layer: 1, ...control }))).ids,
    ];
    const ids = await draw({});
    for (let token = 0; token < 400; token++) expect(new Set(ids.slice(token * 4, token * 4 + 4)).size).toBe(4);
    // 1,600 draws over 16 experts: 100 each, with a standard deviation of 8.7.
    for (let e = 0; e < 16; e++) expect(Math.abs(ids.filter((id) => id === e).length - 100)).toBeLessThan(45);
    expect(await draw({ seed: 10 })).not.toEqual(ids);
    expect(await draw({ layer: 2 })).not.toEqual(ids);
  });

  test('control rules pass over experts that are off and take those that are forced', async () => {
    for (const rule of ['uniform', 'random'] as const) {
      const bias = Array.from({ length: 16 }, (_, e) => (e % 2 ? -Infinity : 0));
      const { ids } = await compare(SHAPE, asked(SHAPE, 2, 12, { rule, bias, forced: new Set([8]) }));
      for (let token = 0; token < 12; token++) {
        const pair = [...ids.slice(token * 2, token * 2 + 2)];
        expect(pair).toContain(8);
        expect(pair.every((id) => id % 2 === 0)).toBe(true);
      }
    }
  });

  test('runner-up: rank k + 1 in the place of rank k', async () => {
    const shape = { ...SHAPE, slots: 3 };
    const wide = { ...SHAPE, slots: 4 };
    const ranked = (await compare(wide, asked(wide, 4, 5, {}))).ids;
    const inputs = asked(wide, 4, 5, {});
    const { ids } = await compare(shape, { ...inputs, control: { ...inputs.control, k: 3, runnerUp: true } });
    for (let token = 0; token < 5; token++) {
      const [first, second, , fourth] = ranked.slice(token * 4);
      expect([...ids.slice(token * 3, token * 3 + 3)]).toEqual([first, second, fourth]);
    }
  });

  test('frozen: given slots at the positions given, the router beyond them and where a row is empty', async () => {
    const shape = { ...SHAPE, slots: 3 };
    const positions = POSITION + 3;
    const ids = Uint16Array.from({ length: positions * 2 }, (_, i) => (i * 5) % 16);
    ids.set([NO_EXPERT, NO_EXPERT], (POSITION + 1) * 2);
    ids[(POSITION + 2) * 2 + 1] = NO_EXPERT;
    const weights = Float32Array.from(ids, (id, i) => (id === NO_EXPERT ? 0 : (i + 1) / 64));
    const frozen = { slots: 2, ids, weights };
    const free = await compare(shape, asked(shape, 3, 6, {}));
    const kept = await compare(shape, asked(shape, 3, 6, { frozen }));
    const row = (all: ArrayLike<number>, token: number) => Array.from(all).slice(token * 3, token * 3 + 3);
    expect(row(kept.ids, 0)).toEqual([ids[POSITION * 2], ids[POSITION * 2 + 1], NO_EXPERT]);
    expect(row(kept.weights, 0)).toEqual([(POSITION * 2 + 1) / 64, (POSITION * 2 + 2) / 64, 0]);
    expect(row(kept.ids, 1)).toEqual(row(free.ids, 1));
    expect(row(kept.ids, 2).slice(1)).toEqual([NO_EXPERT, NO_EXPERT]);
    for (const token of [3, 4, 5]) expect(row(kept.weights, token)).toEqual(row(free.weights, token));
    expect(kept.trace[0].probabilities).toEqual(free.trace[0].probabilities);
  });

  test('any combination does what the twin does', async () => {
    const shape = { ...SHAPE, experts: 12, slots: 12 };
    const mark = fc.constantFrom('', '', '', 'off', 'force');
    const wishes = fc.record({
      marks: fc.array(mark, { minLength: 12, maxLength: 12 }),
      eighths: fc.array(fc.integer({ min: -16, max: 16 }), { minLength: 12, maxLength: 12 }),
      k: fc.integer({ min: 1, max: 12 }),
      rule: fc.constantFrom('logits' as const, 'uniform' as const, 'random' as const),
      seed: fc.integer({ min: 0, max: 0xffffffff }),
      runnerUp: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(wishes, async ({ marks, eighths, k, ...rest }) => {
        const bias = marks.map((each, e) => (each === 'off' ? -Infinity : eighths[e] / 8));
        const forced = new Set(marks.flatMap((each, e) => (each === 'force' ? [e] : [])));
        const on = bias.filter((value) => value !== -Infinity).length;
        fc.pre(forced.size <= k && k <= on);
        const runnerUp = rest.runnerUp && k < on && forced.size < k;
        await compare(shape, asked(shape, k, 3, { ...rest, bias, forced, k, runnerUp }));
      }),
      { numRuns: 60 },
    );
  });

  test('refuses what has no room', () => {
    const control = reference.freeRouter(8, 4);
    expect(() => controlWords(control, 3)).toThrow(RangeError);
    expect(() => controlWords({ ...control, k: 1, forced: new Set([1, 2]) }, 4)).toThrow(RangeError);
    const frozen = { slots: 4, ids: new Uint16Array(8), weights: new Float32Array(8) };
    expect(() => controlWords({ ...control, k: 1, frozen }, 3)).toThrow(RangeError);
  });
});
