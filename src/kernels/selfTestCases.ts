/** The self-test's cases: for every kernel a small, ragged problem with random inputs and its answer in f64. */
import type { Dispatch, Gpu } from '../gpu/types.ts';
import type { ModelConfig } from '../model/types.ts';
import * as attentionTwin from '../reference/attention.ts';
import * as experts from '../reference/experts.ts';
import type { GateRule } from '../reference/gate.ts';
import * as linear from '../reference/linear.ts';
import * as planTwin from '../reference/plan.ts';
import * as ropeTwin from '../reference/rope.ts';
import * as routeTwin from '../reference/route.ts';
import * as sampleTwin from '../reference/sample.ts';
import * as normsTwin from '../reference/slotNorms.ts';
import * as lossTwin from '../reference/tokenLoss.ts';
import { attention } from './attention.ts';
import { combine } from './combine.ts';
import { embed } from './embed.ts';
import { expertDown } from './expertDown.ts';
import { expertUp } from './expertUp.ts';
import { gemv } from './gemv.ts';
import { groupedDown } from './groupedDown.ts';
import { groupedUp } from './groupedUp.ts';
import { matmul } from './matmul.ts';
import { plan, tileListBytes } from './plan.ts';
import { rmsNorm } from './rmsNorm.ts';
import { rope, ropeTable } from './rope.ts';
import { controlWords, route, slotBytes, traceWords } from './route.ts';
import { DRAW_WORDS, sample } from './sample.ts';
import type { Case, Inputs, Output } from './selfTestInputs.ts';
import { slotNorms } from './slotNorms.ts';
import { TILE } from './tiles.ts';
import { tokenLoss } from './tokenLoss.ts';

// Nine tokens with two of five experts each; expert 3 has nothing to do, expert 1 more than a tile.
export const E = 5;
export const K = 2;
export const T = 9;
export const D = 64;
export const H = 64;
export const IDS = Array.from({ length: T * K }, (_, slot) => (slot < TILE + 1 ? 1 : [0, 2, 4][slot % 3]));

/** The plan of IDS, from the twin, so that a wrong `plan` kernel is not blamed on the GEMMs. */
export function planned(inputs: Inputs) {
  const { offsets, order, tiles } = planTwin.plan(E, TILE, IDS);
  return {
    offsets: inputs.upload(Uint32Array.from(offsets)),
    order: inputs.upload(Uint32Array.from(order)),
    tiles: inputs.upload(Uint32Array.from([tiles.length, 0, ...tiles.flat()])),
  };
}

const one = async (tokens: number, dispatch: Promise<Dispatch>, ...outputs: Output[]): Promise<Case> => ({
  tokens,
  dispatches: [await dispatch],
  outputs,
});

export type Plan = (gpu: Gpu, inputs: Inputs) => Promise<Case>;

/** In the ways of a model. */
export const ropeCase =
  ({ ropeStyle, qkNorm, normsValues }: Pick<ModelConfig, 'ropeStyle' | 'qkNorm' | 'normsValues'>): Plan =>
  async (gpu, inputs) => {
    const shape = { heads: 4, kvHeads: 2, headDim: 16, ropeStyle, qkNorm, normsValues, epsilon: 1e-6 };
    const norms = qkNorm === 'width' ? [4 * 16, 2 * 16] : [16, 16];
    const [qkv, qNorm, kNorm] = [3 * 8 * 16, ...norms].map((count) => inputs.values(count));
    // The second and the third token's rows are the first two.
    const [contextLength, ring] = [16, 12];
    const [q, kCache, vCache] = [3 * 4, ring * 2, ring * 2].map((rows) => inputs.empty(rows * 16));
    const twin = { kCache: new Float64Array(16 * 32), vCache: new Float64Array(16 * 32) };
    const arrays = { qkv: qkv.values, qNorm: qNorm.values, kNorm: kNorm.values, ...twin };
    const expected = ropeTwin.rope({ ...shape, ropeBase: 10000 }, arrays, 11);
    const buffers = { qkv: qkv.buffer, qNorm: qNorm.buffer, kNorm: kNorm.buffer, q, kCache, vCache };
    const rotations = inputs.own(ropeTable(gpu, { headDim: 16, ropeBase: 10000, contextLength }));
    const inRing = (rows: Float64Array) => [...rows.subarray(12 * 32, 14 * 32), ...rows.subarray(2 * 32, 12 * 32)];
    return one(
      3,
      rope(gpu, { ...shape, contextLength, ring }, { ...buffers, rotations, pass: inputs.pass(3, 11) }),
      { buffer: q, expected },
      { buffer: kCache, expected: inRing(twin.kCache) },
      { buffer: vCache, expected: inRing(twin.vCache) },
    );
  };

export const attentionCase =
  (window: number | undefined, hasSinks: boolean): Plan =>
  async (gpu, inputs) => {
    // A window's caches are as small as three tokens allow.
    const ring = window === undefined ? 80 : window + 2;
    const shape = { heads: 4, kvHeads: 2, headDim: 16, scale: 1, contextLength: 80, ring, window };
    const [q, k, v] = [inputs.values(3 * 64), inputs.values(ring * 32), inputs.values(ring * 32)];
    const unrolled = (rows: Float64Array) => Float64Array.from({ length: 80 * 32 }, (_, i) => rows[i % rows.length]);
    const sinks = hasSinks ? inputs.values(4) : undefined;
    const y = inputs.empty(3 * 64);
    const buffers = {
      q: q.buffer,
      kCache: k.buffer,
      vCache: v.buffer,
      sinks: sinks?.buffer,
      y,
      pass: inputs.pass(3, 70),
    };
    const [keys, values] = [unrolled(k.values), unrolled(v.values)];
    const expected = attentionTwin.attention({ ...shape, sinks: sinks?.values }, q.values, keys, values, 70);
    return one(3, attention(gpu, shape, buffers), { buffer: y, expected });
  };

export const routeCase =
  (rule: GateRule | undefined, normaliseGates: boolean, epsilon: number | null): Plan =>
  async (gpu, inputs) => {
    const experts = rule?.groups ? 6 * rule.groups.count : 11;
    const shape = { width: D, experts, slots: 4, normaliseGates, epsilon, rule };
    const [x, norm, router, selection] = [D, D, experts * D, experts].map((count) => inputs.values(count));
    const bias = Array.from({ length: experts }, (_, e) => (e === 4 ? -Infinity : e / 8));
    const control = { ...routeTwin.freeRouter(experts, 3), bias, forced: new Set(rule ? [] : [2]) };
    const [h, slots, trace] = [D, slotBytes(1, 4) / 4, traceWords(shape)].map((words) => inputs.empty(words));
    const words = inputs.upload(controlWords(control, 4, { selection: selection.values }));
    const arrays = { x: x.buffer, normWeight: norm.buffer, router: router.buffer, control: words };
    const twin = routeTwin.route(
      { ...shape, selection: selection.values },
      control,
      x.values,
      norm.values,
      router.values,
    );
    return one(
      1,
      route(gpu, shape, { ...arrays, h, slots, trace, pass: inputs.pass(1) }),
      { buffer: h, expected: twin.h },
      { buffer: trace, expected: twin.ids, integers: true },
      { buffer: trace, first: 4, expected: twin.weights },
      { buffer: trace, first: 8, expected: twin.probabilities },
    );
  };

/** In the formats of the shipped models: experts in q4_0, all other matrices in q8_0. */
export const CASES: Record<string, Plan> = {
  async embed(gpu, inputs) {
    const { weight: table, parts } = inputs.matrix('q8_0', [D, 7]);
    const tokens = [6, 0, 3];
    const x = inputs.empty(3 * D);
    const buffers = { tokens: inputs.upload(Uint32Array.from(tokens)), x, pass: inputs.pass(3) };
    const expected = linear.embed(parts[0], tokens, D, 0.5);
    return one(3, embed(gpu, { table, scale: 0.5 }, buffers), { buffer: x, expected });
  },

  async rms_norm(gpu, inputs) {
    const [x, weight] = [inputs.values(3 * D), inputs.values(D)];
    const y = inputs.empty(3 * D);
    const buffers = { x: x.buffer, weight: weight.buffer, y, pass: inputs.pass(3) };
    const expected = linear.rmsNorm(x.values, weight.values, 1e-6);
    return one(3, rmsNorm(gpu, { width: D, epsilon: 1e-6 }, buffers), { buffer: y, expected });
  },

  async matmul(gpu, inputs) {
    const { weight, parts } = inputs.matrix('q8_0', [64, 70]);
    const x = inputs.values(17 * 64);
    const y = inputs.empty(17 * 70);
    const buffers = { x: x.buffer, y, pass: inputs.pass(17) };
    const expected = linear.matmul(x.values, parts[0], 64);
    return one(17, matmul(gpu, { weight, accumulate: false, scale: 1 }, buffers), { buffer: y, expected });
  },

  async gemv(gpu, inputs) {
    const { weight, parts } = inputs.matrix('q8_0', [96, 21]);
    const [x, norm, y] = [inputs.values(2 * 96), inputs.values(96), inputs.values(2 * 21)];
    const buffers = { x: x.buffer, normWeight: norm.buffer, y: y.buffer, pass: inputs.pass(2) };
    const product = linear.matmul(linear.rmsNorm(x.values, norm.values, 1e-6), parts[0], 96);
    const expected = product.map((value, i) => y.values[i] + 0.5 * value);
    const shape = { weight, norm: { epsilon: 1e-6 }, accumulate: true, scale: 0.5 };
    return one(2, gemv(gpu, shape, buffers), { buffer: y.buffer, expected });
  },

  rope: ropeCase({ ropeStyle: 'half', qkNorm: 'head', normsValues: false }),

  attention: attentionCase(undefined, false),

  route: routeCase(undefined, true, 1e-6),

  async plan(gpu, inputs) {
    const twin = planTwin.plan(E, TILE, IDS);
    const [offsets, order] = [inputs.empty(E + 1), inputs.empty(T * K)];
    const tiles = inputs.empty(tileListBytes(T, { experts: E, k: K }) / 4);
    const buffers = { slots: inputs.slots(IDS).slots, offsets, order, tiles, pass: inputs.pass(T) };
    return one(
      T,
      plan(gpu, { experts: E, k: K }, buffers),
      { buffer: offsets, expected: twin.offsets, integers: true },
      { buffer: order, expected: twin.order, integers: true },
      { buffer: tiles, expected: [twin.tiles.length], integers: true },
      { buffer: tiles, first: 2, expected: twin.tiles.flat(), integers: true },
    );
  },

  async expert_up(gpu, inputs) {
    const { weight: gateUp, parts } = inputs.matrix('q4_0', [D, H, E], [D, H, E]);
    const h = inputs.values(T * D);
    const activated = inputs.empty(T * K * H);
    const buffers = { h: h.buffer, slots: inputs.slots(IDS).slots, activated, pass: inputs.pass(T) };
    const expected = experts.expertUp({ experts: E, k: K, width: D }, h.values, IDS, parts[0], parts[1]);
    return one(T, expertUp(gpu, { gateUp, k: K }, buffers), { buffer: activated, expected });
  },

  async expert_down(gpu, inputs) {
    const { weight: down, parts } = inputs.matrix('q4_0', [H, D, E]);
    const [activated, x, { slots, weights }] = [inputs.values(T * K * H), inputs.values(T * D), inputs.slots(IDS)];
    const buffers = { activated: activated.buffer, slots, x: x.buffer, pass: inputs.pass(T) };
    const y = experts.expertDown({ experts: E, hidden: H }, activated.values, IDS, parts[0]);
    const expected = experts.combine({ k: K, scale: 0.5 }, x.values, y, weights);
    return one(T, expertDown(gpu, { down, k: K, scale: 0.5 }, buffers), { buffer: x.buffer, expected });
  },

  async grouped_up(gpu, inputs) {
    const { weight: gateUp, parts } = inputs.matrix('q4_0', [D, H, E], [D, H, E]);
    const h = inputs.values(T * D);
    const activated = inputs.empty(T * K * H);
    const buffers = { h: h.buffer, ...planned(inputs), activated, pass: inputs.pass(T) };
    const expected = experts.expertUp({ experts: E, k: K, width: D }, h.values, IDS, parts[0], parts[1]);
    return one(T, groupedUp(gpu, { gateUp, k: K }, buffers), { buffer: activated, expected });
  },

  async grouped_down(gpu, inputs) {
    const { weight: down, parts } = inputs.matrix('q4_0', [H, D, E]);
    const activated = inputs.values(T * K * H);
    const y = inputs.empty(T * K * D);
    const buffers = { activated: activated.buffer, ...planned(inputs), y, pass: inputs.pass(T) };
    const expected = experts.expertDown({ experts: E, hidden: H }, activated.values, IDS, parts[0]);
    return one(T, groupedDown(gpu, { down, k: K }, buffers), { buffer: y, expected });
  },

  async combine(gpu, inputs) {
    const [y, x, { slots, weights }] = [inputs.values(T * K * D), inputs.values(T * D), inputs.slots(IDS)];
    const buffers = { y: y.buffer, slots, x: x.buffer, pass: inputs.pass(T) };
    const expected = experts.combine({ k: K, scale: 0.5 }, x.values, y.values, weights);
    return one(T, combine(gpu, { width: D, k: K, scale: 0.5 }, buffers), { buffer: x.buffer, expected });
  },

  async slot_norms(gpu, inputs) {
    const [y, x, norms, { slots, weights }] = [
      inputs.values(K * D),
      inputs.values(D),
      inputs.empty(K + 2),
      inputs.slots([4, 1]),
    ];
    const buffers = { y: y.buffer, slots, x: x.buffer, norms, pass: inputs.pass(1) };
    const expected = normsTwin.slotNorms(y.values, [4, 1], weights, x.values);
    return one(1, slotNorms(gpu, { width: D, slots: K }, buffers), { buffer: norms, expected });
  },

  async sample(gpu, inputs) {
    const logits = inputs.values(100);
    const choice = { temperature: 0.5, topK: 20, topP: 0.9, seed: 7 };
    const words = new Uint32Array([0, choice.topK, 0, choice.seed]);
    new Float32Array(words.buffer).set([choice.temperature], 0);
    new Float32Array(words.buffer).set([choice.topP], 2);
    const sampling = inputs.upload(words, GPUBufferUsage.UNIFORM);
    const [tokens, draws, pass] = [inputs.empty(1), inputs.empty(2 * DRAW_WORDS), inputs.pass(2, 5)];
    const best = sampleTwin.candidates(logits.values, 8);
    const { id } = sampleTwin.sample(logits.values, choice, 7);
    return one(
      2,
      sample(gpu, { vocabulary: 100 }, { logits: logits.buffer, sampling, tokens, draws, pass }),
      { buffer: tokens, expected: [id], integers: true },
      { buffer: draws, first: DRAW_WORDS + 1, expected: best.ids, integers: true },
      { buffer: draws, first: DRAW_WORDS + 9, expected: best.probabilities },
      { buffer: pass, expected: [1, 7, 2], integers: true },
    );
  },

  async token_loss(gpu, inputs) {
    const logits = inputs.values(3 * 50);
    const targets = Uint32Array.of(49, 0, 7);
    const loss = inputs.empty(3);
    const buffers = { logits: logits.buffer, targets: inputs.upload(targets), loss, pass: inputs.pass(3) };
    const expected = lossTwin.tokenLoss(logits.values, targets);
    return one(3, tokenLoss(gpu, { vocabulary: 50 }, buffers), { buffer: loss, expected });
  },
};
