/** The router under the rules of published models, each against its f64 reference, at their numbers of experts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PUBLISHED } from '../../src/compare/publishedTable.ts';
import type { Gpu } from '../../src/gpu/types.ts';
import { controlWords, type RouteShape, route, slotBytes, traceWords } from '../../src/kernels/route.ts';
import { type GateRule, gate } from '../../src/reference/gate.ts';
import { matmul, rmsNorm } from '../../src/reference/linear.ts';
import { freeRouter } from '../../src/reference/route.ts';
import * as t from './device.ts';

interface Inputs {
  readonly x: Float32Array; // [T, D]
  readonly router: Float32Array; // [E, D]
  readonly bias: Float32Array; // [E], of the logits
  readonly selection: Float32Array; // [E]
}

const WIDTH = 32;
const PLAIN: GateRule = { gate: 'softmax', selectionBias: false, groups: null, normalise: true, scale: 1 };
const V3: GateRule = {
  gate: 'sigmoid',
  selectionBias: true,
  groups: { count: 8, kept: 4, by: 'top2' },
  normalise: true,
  scale: 2.5,
};

function randomInputs(experts: number, tokens: number, seed: number): Inputs {
  const next = t.random(seed);
  return {
    x: t.randomValues(tokens * WIDTH, next),
    router: t.randomValues(experts * WIDTH, next).map((value) => value / 2),
    bias: t.randomValues(experts, next),
    selection: t.randomValues(experts, next).map((value) => value / 4),
  };
}

const shapeOf = (rule: GateRule, experts: number, slots: number): RouteShape => ({
  ...{ width: WIDTH, experts, slots, rule },
  normaliseGates: false,
  epsilon: 1e-6,
});

async function run(gpu: Gpu, rule: GateRule, experts: number, k: number, { x, router, bias, selection }: Inputs) {
  const shape = shapeOf(rule, experts, k);
  const tokens = x.length / WIDTH;
  const [h, slots] = [t.poisoned(x.length), t.poisoned(slotBytes(tokens, k) / 4)];
  const buffers = {
    x: t.upload(x),
    normWeight: t.upload(new Float32Array(WIDTH).fill(1)),
    router: t.upload(router),
    control: t.upload(controlWords({ ...freeRouter(experts, k), bias }, k, { selection })),
    trace: t.poisoned(tokens * traceWords(shape)),
    pass: t.passState(tokens),
  };
  t.dispatch(tokens, await route(gpu, shape, { ...buffers, h, slots }));
  const words = await t.readWords(slots, tokens * k * 2);
  return {
    ids: [...words.filter((_, i) => i % 2 === 0)],
    weights: new Float32Array(words.filter((_, i) => i % 2 === 1).buffer),
  };
}

function twin(rule: GateRule, experts: number, k: number, { x, router, bias, selection }: Inputs) {
  const h = rmsNorm(t.f64(x), new Float64Array(WIDTH).fill(1), 1e-6);
  const scores = matmul(h, t.f64(router), WIDTH);
  const gated = Array.from({ length: x.length / WIDTH }, (_, token) => {
    const logits = Array.from(bias, (value, e) => scores[token * experts + e] + value);
    return gate(
      rule,
      logits.map((logit) => (Number.isNaN(logit) ? 0 : logit)),
      selection,
      k,
    );
  });
  return { ids: gated.flatMap(({ ids }) => ids), weights: gated.flatMap(({ weights }) => weights) };
}

/** In small workgroups and in large ones. */
async function compare(rule: GateRule, experts: number, k: number, inputs: Inputs) {
  const expected = twin(rule, experts, k, inputs);
  const [actual, large] = [await run(t.ALONE, rule, experts, k, inputs), await run(t.STAGED, rule, experts, k, inputs)];
  for (const { ids, weights } of [actual, large]) {
    expect(ids).toEqual(expected.ids);
    expect(t.relativeError(weights, expected.weights)).toBeLessThan(1e-5);
  }
  return actual;
}

describe('the rule of', () => {
  test.each(PUBLISHED.map((model) => [model.name, model] as const))('%s', async (_, model) => {
    const { experts, expertsPerToken: k, routing } = model;
    const inputs = randomInputs(experts, 9, experts + k);
    if (!routing.logitBias) inputs.bias.fill(0);
    const { weights } = await compare(routing, experts, k, inputs);
    const sum = weights.slice(0, k).reduce((a, b) => a + b);
    if (routing.normalise || routing.gate === 'chosen') expect(sum).toBeCloseTo(routing.scale, 4);
    else expect(sum).toBeLessThan(1);
  });

  test('DeepSeek-V2: groups by their best expert', async () => {
    const rule: GateRule = { ...PLAIN, groups: { count: 8, kept: 3, by: 'max' }, normalise: false, scale: 16 };
    await compare(rule, 160, 6, randomInputs(160, 9, 1));
  });

  test('factors on what experts give: in the slots, not in the trace', async () => {
    const { x, router, bias } = randomInputs(7, 5, 3);
    const shape = shapeOf(PLAIN, 7, 3);
    const outputs = Float32Array.from({ length: 7 }, (_, expert) => 0.25 * (expert + 1));
    const [slots, trace] = [t.poisoned(slotBytes(5, 3) / 4), t.poisoned(5 * traceWords(shape))];
    const buffers = {
      x: t.upload(x),
      normWeight: t.upload(new Float32Array(WIDTH).fill(1)),
      router: t.upload(router),
      control: t.upload(controlWords({ ...freeRouter(7, 3), bias, forced: new Set([6]) }, 3, { outputs })),
      h: t.poisoned(x.length),
      pass: t.passState(5),
    };
    t.dispatch(5, await route(t.ALONE, shape, { ...buffers, slots, trace }));
    const [inSlots, traced] = [await t.readWords(slots, 5 * 6), await t.readWords(trace, 5 * traceWords(shape))];
    const floats = [inSlots, traced].map((words) => new Float32Array(words.buffer));
    for (let slot = 0; slot < 15; slot++) {
      const at = Math.floor(slot / 3) * traceWords(shape) + (slot % 3);
      expect(inSlots[2 * slot]).toBe(traced[at]);
      expect(floats[0][2 * slot + 1]).toBe(Math.fround(floats[1][at + 3] * outputs[traced[at]]));
    }
    expect(traced.subarray(0, 3)).toContain(6);
  });

  test('a gated shared expert: one expert, weighed by its own sigmoid', async () => {
    const rule: GateRule = { ...PLAIN, gate: 'sigmoid', normalise: false };
    const { ids } = await compare(rule, 1, 1, randomInputs(1, 9, 2));
    expect(ids).toEqual(Array(9).fill(0));
  });
});

describe('nasty inputs', () => {
  test('the bias chooses and does not weigh', async () => {
    const inputs = randomInputs(16, 3, 3);
    inputs.bias.fill(0);
    inputs.selection.fill(0);
    inputs.selection[13] = 2;
    const rule = { ...V3, groups: null, normalise: false, scale: 1 };
    const { ids, weights } = await compare(rule, 16, 2, inputs);
    expect([ids[0], ids[2], ids[4]]).toEqual([13, 13, 13]);
    expect(Math.max(...weights)).toBeLessThan(1);
  });

  test('all alike: the first experts of the first groups', async () => {
    const inputs = randomInputs(256, 2, 4);
    for (const values of [inputs.router, inputs.bias, inputs.selection]) values.fill(0);
    const { ids } = await compare(V3, 256, 8, inputs);
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('one strong expert does not save a group that is judged by two', async () => {
    const inputs = randomInputs(8, 1, 5);
    inputs.router.fill(0);
    inputs.selection.fill(0);
    inputs.bias.set([9, -9, -9, -9, 1, 1, -9, -9]); // sigmoid: 1 alone against 0.73 twice
    const groups = { count: 2, kept: 1 };
    const byTwo = { ...V3, groups: { ...groups, by: 'top2' } } as const;
    const byBest = { ...V3, groups: { ...groups, by: 'max' } } as const;
    expect((await compare(byTwo, 8, 2, inputs)).ids).toEqual([4, 5]);
    expect((await compare(byBest, 8, 2, inputs)).ids).toEqual([0, 1]);
  });

  test('NaN counts as a logit of 0, and weights stay finite', async () => {
    const inputs = randomInputs(256, 3, 6);
    inputs.x[5] = Number.NaN;
    const { weights } = await compare(V3, 256, 8, inputs);
    expect([...weights].every(Number.isFinite)).toBe(true);
  });

  test('scores near 0 are divided by the engine’s bound, not by themselves', async () => {
    const inputs = randomInputs(16, 2, 7);
    inputs.bias.fill(-30);
    const { weights } = await compare({ ...V3, groups: null }, 16, 2, inputs);
    expect(Math.max(...weights)).toBeLessThan(0.1);
  });

  test('K is all that the kept groups have, and K = E', async () => {
    await compare({ ...V3, groups: { count: 4, kept: 2, by: 'top2' } }, 16, 8, randomInputs(16, 5, 8));
    await compare({ ...V3, groups: { count: 4, kept: 4, by: 'top2' } }, 16, 16, randomInputs(16, 5, 9));
    const uneven = shapeOf({ ...V3, groups: { count: 3, kept: 1, by: 'top2' } }, 16, 2);
    await expect(async () => route(t.ALONE, uneven, {} as never)).rejects.toThrow(RangeError);
  });

  test('any biases, ties among experts and groups included: the reference’s choice', async () => {
    const rule: GateRule = { ...V3, groups: { count: 4, kept: 2, by: 'top2' } };
    // Quarters tie often, and are exact beside sigmoids that are all one half.
    const quarters = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 16, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(quarters, async (values) => {
        const inputs = randomInputs(16, 1, 10);
        inputs.router.fill(0);
        inputs.bias.fill(0);
        inputs.selection.set(values.map((value) => value / 4));
        await compare(rule, 16, 3, inputs);
      }),
      { numRuns: 20 },
    );
  });
});
