/** A pass that stops for want of an expert: the router's note, and that no kernel does anything any more. */
import { describe, expect, it } from 'vitest';
import { createActivations } from '../../src/engine/webgpu/activations.ts';
import { planAllLogits } from '../../src/engine/webgpu/allLogits.ts';
import { planForwardPass } from '../../src/engine/webgpu/forwardPass.ts';
import { uploadModel } from '../../src/engine/webgpu/weights.ts';
import { PASS_STATE, readBuffer, uploadBuffer } from '../../src/gpu/buffers.ts';
import type { Dispatch, Gpu } from '../../src/gpu/types.ts';
import { controlWords, MISSING, route, slotBytes, traceWords } from '../../src/kernels/route.ts';
import { loadModel } from '../../src/model/load.ts';
import { freeRouter, NO_EXPERT } from '../../src/reference/route.ts';
import { publishedFile } from '../model/published/file.ts';
import * as t from './device.ts';

const E = 6;
const K = 2;
const TOKENS = 5;
const LAYER = 3;
const STEP = 7;
const HERE = ((STEP + 1) << 16) | (LAYER + 1);

/** Experts 0, 2 and 5 in the entries 2, 0 and 1. */
const ENTRIES = [2, MISSING, 0, MISSING, MISSING, 1];
const SHAPE = { width: 8, experts: E, slots: K + 1, normaliseGates: true, epsilon: 1e-6 };

/** Routes tokens with the given experts on, by way of the biases. */
async function routed(gpu: Gpu, on: readonly number[], { stop = 0, partial = false } = {}) {
  const next = t.random(5);
  const slots = t.poisoned(slotBytes(TOKENS, K + 1) / 4);
  const trace = t.poisoned(16 * traceWords(SHAPE));
  const bias = Array.from({ length: E }, (_, expert) => (on.includes(expert) ? 0 : -Infinity));
  const control = { ...freeRouter(E, K, LAYER), bias };
  const pass = uploadBuffer(t.device, 'pass', Uint32Array.of(TOKENS, 0, STEP, stop), PASS_STATE);
  const buffers = {
    x: t.upload(t.randomValues(TOKENS * 8, next)),
    normWeight: t.upload(t.randomValues(8, next)),
    router: t.upload(t.randomValues(E * 8, next)),
    control: t.upload(controlWords(control, K + 1, { table: { entries: ENTRIES, partial } })),
    h: t.poisoned(TOKENS * 8),
    ...{ slots, trace, pass },
  };
  t.dispatch(TOKENS, await route(gpu, { ...SHAPE, cached: true }, buffers));
  const words = await t.readWords(slots, TOKENS * (K + 1) * 2);
  const ring = await t.readWords(trace, 16 * traceWords(SHAPE));
  const traced = Array.from({ length: TOKENS }, (_, token) => {
    const at = (STEP + token) * traceWords(SHAPE);
    return [...ring.subarray(at, at + K + 1)];
  });
  return {
    entries: [...words.filter((_, i) => i % 2 === 0)],
    traced: traced.flat(),
    stop: (await t.readWords(pass, 4))[3],
  };
}

const entryOf = (expert: number) => (expert === NO_EXPERT ? NO_EXPERT : ENTRIES[expert]);

describe.each([
  ['small workgroups', t.ALONE],
  ['large workgroups', t.STAGED],
])('the router of a cache of experts, in %s', (_, gpu) => {
  it('names entries, and experts in the trace', async () => {
    const { entries, traced, stop } = await routed(gpu, [0, 2, 5]);
    expect(stop).toBe(0);
    expect(new Set(traced)).toEqual(new Set([0, 2, 5, NO_EXPERT]));
    expect(entries).toEqual(traced.map(entryOf));
  });

  it('notes that an expert is missing, for all tokens of the pass', async () => {
    const { entries, traced, stop } = await routed(gpu, [0, 1, 2, 4]);
    expect(stop).toBe(HERE);
    expect(traced).toEqual(expect.arrayContaining([1, 4]));
    expect(entries).toEqual(traced.map(entryOf));
    // As after another token of the same pass has noted it.
    expect(await routed(gpu, [0, 1, 2, 4], { stop: HERE })).toEqual({ entries, traced, stop });
  });

  it('goes on with those that are there when it is told to', async () => {
    const { entries, traced, stop } = await routed(gpu, [0, 1, 2], { partial: true });
    expect(stop).toBe(0);
    expect(traced).toContain(1);
    expect(entries).toEqual(traced.map(entryOf));
  });

  it('does nothing where an earlier layer, or an earlier step, has stopped', async () => {
    for (const stop of [HERE - 1, HERE - 0x10000]) {
      const { entries, traced, ...rest } = await routed(gpu, [0, 1, 2], { stop });
      expect(rest).toEqual({ stop });
      expect(new Set([...entries, ...traced])).toEqual(new Set([0x7fc00000]));
    }
  });
});

const WAYS = [
  ['one way', t.TUNINGS.at(-1)![1]],
  ['the other way', t.STAGED],
] as const;
/** The others' kernels of their own are the same in both; MOESCOPE_FULL=1 takes all of them. */
const BOTH_WAYS = new Set([
  'qwen2moe',
  'lfm2moe',
  ...(process.env.MOESCOPE_FULL === '1' ? ['gpt-oss', 'deepseek2-v3', 'afmoe'] : []),
]);

const next = t.random(9);
const PIECE = Uint8Array.from({ length: 4093 }, () => 64 * next());
/** The same piece again and again: drawing each byte takes longer than the pass. */
function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += PIECE.length) all.set(PIECE.subarray(0, bytes - at), at);
  return all;
}

// Between them all kernels of a pass: biases of q, k and v, a shared expert and its weight, a convolution, a dense layer, biases
// of experts, latent attention, and attention that is gated and normed.
describe.each(['qwen2moe', 'lfm2moe', 'gpt-oss', 'deepseek2-v3', 'afmoe'])('a stopped pass of %s', (name) => {
  const { bytes } = publishedFile(name);
  const model = loadModel(bytes);

  it.each(WAYS.slice(BOTH_WAYS.has(name) ? 0 : 1))('changes nothing, %s', async (_, gpu) => {
    const { config } = model;
    const weights = await uploadModel(gpu, model, undefined, { entries: config.expertsPerToken, onDemand: false });
    const a = createActivations(gpu, config, { maxTokens: 8, inFlight: 1, cache: 'f32' });
    const all = await planAllLogits(gpu, config, weights, a);
    const { few, many, head } = await planForwardPass(gpu, config, weights, a);
    const { logits, losses } = all;
    const buffers = Object.values({ ...a, ...a.latent, logits, losses })
      .flat()
      .filter((each): each is GPUBuffer => each instanceof GPUBuffer);
    for (const buffer of buffers) t.device.queue.writeBuffer(buffer, 0, noise(buffer.size));
    t.device.queue.writeBuffer(a.pass, 0, Uint32Array.of(6, 2, 0, 0xffffffff));
    const contents = async () =>
      Promise.all(buffers.map(async (buffer) => new Uint8Array(await readBuffer(t.device, buffer))));
    const before = await contents();
    const lists: (readonly Dispatch[])[] = [few, await many(), head, all.head, [all.loss]];
    const names = new Set(lists.flat().map(({ name }) => name));
    expect(names.size).toBeGreaterThan(14);
    for (const list of lists) t.dispatch(6, ...list);
    for (const [i, after] of (await contents()).entries())
      expect(
        after.findIndex((byte, at) => byte !== before[i][at]),
        buffers[i].label,
      ).toBe(-1);
  });
});
