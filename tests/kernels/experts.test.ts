import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../src/gpu/types.ts';
import { combine } from '../../src/kernels/combine.ts';
import { expertDown } from '../../src/kernels/expertDown.ts';
import { expertUp } from '../../src/kernels/expertUp.ts';
import { groupedDown } from '../../src/kernels/groupedDown.ts';
import { denseUp, groupedUp } from '../../src/kernels/groupedUp.ts';
import { matmul } from '../../src/kernels/matmul.ts';
import { plan, tileListBytes } from '../../src/kernels/plan.ts';
import { stackRows, uploadWeights } from '../../src/kernels/weights.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import type { PlainType } from '../../src/model/randomTensor.ts';
import * as reference from '../../src/reference/experts.ts';
import { rmsNorm as rmsNormTwin } from '../../src/reference/linear.ts';
import * as t from './device.ts';

type Choice = (slot: number, experts: number, k: number) => number;
const SPREAD: Choice = (slot, experts, k) => (Math.floor(slot / k) * 7 + (slot % k)) % experts;
const ALL_TO_ONE: Choice = (slot, experts, k) => (experts - 1 + (slot % k)) % experts;

function layer(
  type: PlainType,
  width: number,
  hidden: number,
  experts: number,
  k: number,
  tokens: number,
  choice: Choice,
) {
  const next = t.random(width + hidden + experts + tokens);
  const gate = t.randomTensor(type, [width, hidden, experts], next);
  const up = t.randomTensor(type, [width, hidden, experts], next);
  const down = t.randomTensor(type, [hidden, width, experts], next);
  const ids = Uint32Array.from({ length: tokens * k }, (_, slot) => choice(slot, experts, k));
  const weights = t.randomValues(tokens * k, next);
  const slots = new Uint32Array(2 * tokens * k);
  ids.forEach((id, slot) => {
    slots[2 * slot] = id;
    slots[2 * slot + 1] = new Uint32Array(weights.buffer)[slot];
  });
  const small = (count: number) => t.randomValues(count, next).map((value) => value / 8);
  return { gate, up, down, ids, weights, slots, h: small(tokens * width), x: t.randomValues(tokens * width, next) };
}

const FULL = process.env.MOESCOPE_FULL === '1';
/** Their tiles compile slowly in software, anew for each type: they get f16, and quads a long row, with MOESCOPE_FULL=1. */
const LEFT_OUT: Readonly<Record<string, readonly number[]>> = { alone: [3], quads: [3, 6] };

describe.each(t.TUNINGS)('%s', (tuning, gpu) => {
  const cases: [PlainType, number, number, number, number, number, Choice][] = [
    ['f32', 32, 36, 4, 4, 7, SPREAD],
    ['q8_0', 64, 96, 8, 2, 33, SPREAD],
    ['q4_0', 64, 32, 5, 2, 33, ALL_TO_ONE],
    ['f16', 64, 64, 3, 3, 3, SPREAD],
    ['q8_0', 32, 64, 1, 1, 1, SPREAD],
    ['q8_0', 32, 64, 1, 1, 20, SPREAD],
    ['q4_0', 32, 4096, 1, 1, 2, SPREAD],
    // Many experts with a few rows each.
    ['q4_0', 64, 32, 12, 3, 13, SPREAD],
    ['q8_0', 64, 32, 40, 3, 13, SPREAD],
  ];
  const chosen = cases.filter((_, i) => FULL || !LEFT_OUT[tuning]?.includes(i));
  test.each(chosen)('%s D %i, H %i, E %i, K %i, T %i', async (type, width, hidden, experts, k, tokens, choice) => {
    const { gate, up, down, ids, weights, slots, h, x } = layer(type, width, hidden, experts, k, tokens, choice);
    const [g, u, d] = [gate, up, down].map((tensor) => t.f64(dequantise(tensor)));
    const activatedTwin = reference.expertUp({ experts, k, width }, t.f64(h), ids, g, u);
    const yTwin = reference.expertDown({ experts, hidden }, activatedTwin, ids, d);
    const xTwin = reference.combine({ k, scale: 0.5 }, t.f64(x), yTwin, weights);

    const gateUp = uploadWeights(gpu, stackRows([gate, up]));
    const downMatrix = uploadWeights(gpu, down);
    const shared = { h: t.upload(h), slots: t.upload(slots), pass: t.passState(tokens) };
    const check = async (activated: GPUBuffer, sum: GPUBuffer) => {
      expect(t.relativeError(await t.readFloats(activated, activatedTwin.length), activatedTwin)).toBeLessThan(1e-5);
      expect(t.relativeError(await t.readFloats(sum, xTwin.length), xTwin)).toBeLessThan(1e-5);
      return [...(await t.readWords(sum, xTwin.length))];
    };

    const decode = async (gpu: Gpu) => {
      const [activated, sum] = [t.poisoned(activatedTwin.length), t.upload(x)];
      t.dispatch(
        tokens,
        await expertUp(gpu, { gateUp, k }, { ...shared, activated }),
        await expertDown(gpu, { down: downMatrix, k, scale: 0.5 }, { ...shared, activated, x: sum }),
      );
      return check(activated, sum);
    };
    const prefill = async () => {
      const [activated, sum, y] = [t.poisoned(activatedTwin.length), t.upload(x), t.poisoned(yTwin.length)];
      const [offsets, order, tiles] = [experts + 1, tokens * k, tileListBytes(tokens, { experts, k }) / 4].map(
        t.poisoned,
      );
      const buffers = { ...shared, activated, offsets, order, tiles, y, x: sum };
      t.dispatch(
        tokens,
        await plan(gpu, { experts, k }, buffers),
        await groupedUp(gpu, { gateUp, k }, buffers),
        await groupedDown(gpu, { down: downMatrix, k }, buffers),
        await combine(gpu, { width, k, scale: 0.5 }, buffers),
      );
      return check(activated, sum);
    };
    for (const each of gpu === t.ALONE ? [gpu, t.LANES_TOGETHER] : [gpu])
      expect(await decode(each)).toEqual(await decode(each)); // the same bits every run

    // A long row is a matter of decode's lanes alone.
    if (gpu !== t.ALONE || hidden < 1000 || FULL) expect(await prefill()).toEqual(await prefill());
    if (experts > 1) return;

    // A dense FFN folds its norm in instead of being handed h.
    const scaled = t.f64(h).map((value) => value * 8);
    const normed = rmsNormTwin(scaled, new Float64Array(width).fill(0.5), 1e-6);
    const activated = t.poisoned(activatedTwin.length);
    const normWeight = t.upload(new Float32Array(width).fill(0.5));
    const input = { ...shared, h: t.upload(Float32Array.from(scaled)), normWeight, activated };
    t.dispatch(tokens, await expertUp(gpu, { gateUp, k, norm: { epsilon: 1e-6 } }, input));
    const expected = reference.expertUp({ experts, k, width }, normed, ids, g, u);
    expect(t.relativeError(await t.readFloats(activated, expected.length), expected)).toBeLessThan(1e-5);

    // Without a plan, and with the sum in the second GEMM; a dense FFN's gate weights are all 1.
    const [whole, sum] = [t.poisoned(activatedTwin.length), t.upload(x)];
    t.dispatch(
      tokens,
      await denseUp(gpu, { gateUp }, { ...shared, activated: whole }),
      await matmul(gpu, { weight: downMatrix, accumulate: true, scale: 0.5 }, { x: whole, y: sum, pass: shared.pass }),
    );
    expect(t.relativeError(await t.readFloats(whole, activatedTwin.length), activatedTwin)).toBeLessThan(1e-5);
    const denseTwin = reference.combine({ k: 1, scale: 0.5 }, t.f64(x), yTwin, new Float64Array(tokens).fill(1));
    expect(t.relativeError(await t.readFloats(sum, denseTwin.length), denseTwin)).toBeLessThan(1e-5);
  });
});
