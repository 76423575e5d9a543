/** The self-test's cases of what only some models use: kernels of their own, and other ways of those that all use. */
import type { Gpu } from '../gpu/types.ts';
import * as experts from '../reference/experts.ts';
import * as linear from '../reference/linear.ts';
import { addBias } from './addBias.ts';
import { copyRows } from './copyRows.ts';
import { expertBias } from './expertBias.ts';
import { expertUp } from './expertUp.ts';
import { groupedUp } from './groupedUp.ts';
import { rmsNorm } from './rmsNorm.ts';
import { D, E, H, IDS, K, type Plan, planned, routeCase, T } from './selfTestCases.ts';
import { FORMATS } from './selfTestFormats.ts';
import { caseOf, type Has, type Inputs, type Own, type Settings } from './selfTestInputs.ts';
import { MIXING } from './selfTestMixing.ts';
import { sharedWeight } from './sharedWeight.ts';
import { sigmoidGate } from './sigmoidGate.ts';
import { softCap } from './softCap.ts';

const hasOf =
  ({ weights }: Settings): Has =>
  (...names) =>
    weights.layers.some((layer) => names.some((name) => layer[name]));

/** None for a model that uses nothing but what CASES checks. */
export function casesOf(settings: Settings): Record<string, Plan> {
  const has = hasOf(settings);
  const used = Object.entries(EVERY_OWN).filter(([, { uses }]) => uses(settings, has));
  return Object.fromEntries(
    used.map(([name, { plan }]) => [name, (gpu: Gpu, inputs: Inputs) => plan(gpu, inputs, settings, has)]),
  );
}

const OWN: Record<string, Own> = {
  add_bias: {
    uses: ({ weights }, has) =>
      has('qBias', 'outputBias', 'attentionNormBias', 'ffnNormBias') ||
      Boolean(weights.outputNormBias ?? weights.outputBias),
    async plan(gpu, inputs) {
      const [bias, y] = [inputs.values(D), inputs.values(T * D)];
      const expected = y.values.map((value, i) => value + bias.values[i % D]);
      const buffers = { bias: bias.buffer, y: y.buffer, pass: inputs.pass(T) };
      return caseOf(T, [addBias(gpu, { width: D }, buffers)], { buffer: y.buffer, expected });
    },
  },

  soft_cap: {
    uses: ({ config }) => config.logitCap !== null,
    async plan(gpu, inputs) {
      const y = inputs.values(T * D);
      const expected = y.values.map((value) => Math.tanh(value / 0.5) / 2);
      const buffers = { y: y.buffer, pass: inputs.pass(T) };
      return caseOf(T, [softCap(gpu, { width: D, cap: 0.5 }, buffers)], { buffer: y.buffer, expected });
    },
  },

  sigmoid_gate: {
    uses: ({ config }) => config.gatesAttention,
    async plan(gpu, inputs) {
      const [gate, y] = [inputs.values(T * D), inputs.values(T * D)];
      const expected = y.values.map((value, i) => value / (1 + Math.exp(-gate.values[i])));
      const buffers = { gate: gate.buffer, y: y.buffer, pass: inputs.pass(T) };
      return caseOf(T, [sigmoidGate(gpu, { width: D }, buffers)], { buffer: y.buffer, expected });
    },
  },

  copy_rows: {
    uses: ({ config }) => config.routesEarly,
    async plan(gpu, inputs) {
      const [x, y] = [inputs.values(T * D), inputs.empty(T * D)];
      const buffers = { x: x.buffer, y, pass: inputs.pass(T) };
      return caseOf(T, [copyRows(gpu, { width: D }, buffers)], { buffer: y, expected: x.values });
    },
  },

  shared_weight: {
    uses: (_, has) => has('sharedScale'),
    async plan(gpu, inputs) {
      const [h, weight, slots] = [inputs.values(T * D), inputs.values(D), inputs.empty(2 * T)];
      const sums = linear.matmul(h.values, weight.values, D);
      const expected = [...sums].flatMap((sum) => [0, 1 / (1 + Math.exp(-sum))]);
      const buffers = { h: h.buffer, weight: weight.buffer, slots, pass: inputs.pass(T) };
      return caseOf(T, [sharedWeight(gpu, { width: D }, buffers)], { buffer: slots, expected });
    },
  },

  expert_bias: {
    uses: (_, has) => has('downBias'),
    async plan(gpu, inputs) {
      const [biases, y, x, { slots, weights }] = [
        inputs.values(E * D),
        inputs.values(T * K * D),
        inputs.values(T * D),
        inputs.slots(IDS),
      ];
      const own = y.values.map((_, i) => biases.values[IDS[Math.floor(i / D)] * D + (i % D)]);
      const shared = { biases: biases.buffer, slots, pass: inputs.pass(T) };
      const shape = { width: D, k: K, scale: 0.5 };
      return caseOf(
        T,
        [
          expertBias(gpu, { ...shape, each: true }, { ...shared, y: y.buffer }),
          expertBias(gpu, { ...shape, each: false }, { ...shared, y: x.buffer }),
        ],
        { buffer: y.buffer, expected: y.values.map((value, i) => value + own[i]) },
        { buffer: x.buffer, expected: experts.combine({ k: K, scale: 0.5 }, x.values, own, weights) },
      );
    },
  },

  activation: {
    uses: ({ config }, has) => config.activation !== 'swiglu' || has('gateBias'),
    async plan(gpu, inputs, { config: { activation } }, has) {
      const { weight: gateUp, parts } = inputs.matrix('q4_0', [D, H, E], [D, H, E]);
      const [h, added] = [inputs.values(T * D), inputs.values(2 * E * H)];
      const half = (second: number) => added.values.filter((_, i) => Math.floor(i / H) % 2 === second);
      const biased = has('gateBias');
      const twin = {
        experts: E,
        k: K,
        width: D,
        activation,
        ...(biased && { biases: { gate: half(0), up: half(1) } }),
      };
      const expected = experts.expertUp(twin, h.values, IDS, parts[0], parts[1]);
      const [few, grouped] = [0, 1].map(() => inputs.empty(T * K * H));
      const shared = { h: h.buffer, pass: inputs.pass(T), ...(biased && { biases: added.buffer }) };
      const shape = { gateUp, k: K, activation };
      return caseOf(
        T,
        [
          expertUp(gpu, shape, { ...shared, slots: inputs.slots(IDS).slots, activated: few }),
          groupedUp(gpu, shape, { ...shared, ...planned(inputs), activated: grouped }),
        ],
        { buffer: few, expected },
        { buffer: grouped, expected },
      );
    },
  },

  norm_added: {
    uses: (_, has) => has('postAttentionNorm', 'postFfnNorm', 'postExpertsNorm', 'postSharedNorm'),
    async plan(gpu, inputs, _, has) {
      const [x, y, weight] = [inputs.values(3 * D), inputs.values(3 * D), inputs.values(D + 1)];
      const scaled = has('outputScale');
      const normed = linear.rmsNorm(x.values, weight.values.subarray(0, D), 1e-6);
      const factor = scaled ? weight.values[D] : 1;
      const expected = normed.map((value, i) => factor * (y.values[i] + 0.5 * value));
      const buffers = { x: x.buffer, weight: weight.buffer, y: y.buffer, pass: inputs.pass(3) };
      const shape = { width: D, epsilon: 1e-6, accumulate: 0.5, scaled };
      return caseOf(3, [rmsNorm(gpu, shape, buffers)], { buffer: y.buffer, expected });
    },
  },

  route_rule: {
    uses: ({ config }) => config.rule !== null || config.routesEarly,
    plan: (gpu, inputs, { config: { rule, normaliseGates, routesEarly } }) =>
      routeCase(rule ?? undefined, normaliseGates, routesEarly ? null : 1e-6)(gpu, inputs),
  },
};

export const EVERY_OWN: Readonly<Record<string, Own>> = { ...OWN, ...MIXING, ...FORMATS };
