import { describe, expect, test } from 'vitest';
import { attention } from '../../src/kernels/attention.ts';
import type { CacheFormat } from '../../src/kernels/cache.ts';
import { rope, ropeTable } from '../../src/kernels/rope.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import * as reference from '../../src/reference/attention.ts';
import { rope as referenceRope } from '../../src/reference/rope.ts';
import * as t from './device.ts';

const FORMATS: CacheFormat[] = ['f32', 'f16'];

/** A cache with random values that its format holds exactly. */
function randomCache(format: CacheFormat, count: number, next: () => number) {
  if (format === 'f32') {
    const data = t.randomValues(count, next);
    return { data, values: t.f64(data), poison: Number.NaN };
  }
  // ± 1.fraction · 2^−5 … 2^−1: normal numbers, which unpacking may not flush to zero.
  const data = Uint16Array.from(
    { length: count },
    () => (Number(next() < 0.5) << 15) | ((10 + Math.floor(5 * next())) << 10) | Math.floor(1024 * next()),
  );
  return { data, values: halves(data), poison: 0x7e00 };
}

const halves = ({ buffer, byteOffset, byteLength }: Uint16Array | Uint32Array) =>
  t.f64(dequantise({ type: 'f16', data: new Uint8Array(buffer, byteOffset, byteLength) }));

/** Half precision keeps 11 bits; a conversion may round either way, and flush what is below the normal numbers. */
function expectHalves(actual: Float64Array, expected: Float64Array) {
  const off = expected.findIndex((value, i) => !(Math.abs(actual[i] - value) <= Math.abs(value) * 2 ** -10 + 2 ** -14));
  expect([off, actual[off], expected[off]]).toEqual([-1, undefined, undefined]);
}

describe.each(t.TUNINGS)('%s', (_, gpu) => {
  test.each([
    { tokens: 1, position: 0, heads: 1, kvHeads: 1, headDim: 4, ropeStyle: 'half', qkNorm: 'none' },
    { tokens: 7, position: 3, heads: 6, kvHeads: 2, headDim: 20, ropeStyle: 'half', qkNorm: 'head' },
    { tokens: 3, position: 4093, heads: 4, kvHeads: 4, headDim: 64, ropeStyle: 'interleaved', qkNorm: 'width' },
    { tokens: 5, position: 9, heads: 2, kvHeads: 1, headDim: 36, ropeStyle: 'half', qkNorm: 'head', normsValues: true },
    { tokens: 7, position: 3, heads: 6, kvHeads: 2, headDim: 20, ropeStyle: 'half', qkNorm: 'head', ring: 7 },
    {
      tokens: 3,
      position: 4000,
      heads: 2,
      kvHeads: 1,
      headDim: 12,
      ropeStyle: 'interleaved',
      qkNorm: 'none',
      ring: 11,
    },
    { tokens: 1, position: 9, heads: 1, kvHeads: 1, headDim: 4, ropeStyle: 'half', qkNorm: 'none', ring: 1 },
  ] as const)('rope %o', async ({ tokens, position, ...rest }) => {
    const shape = { ...rest, epsilon: 1e-6, ropeBase: 10000, contextLength: 4096 };
    const { heads, kvHeads, headDim, qkNorm, contextLength } = shape;
    const ring = ('ring' in rest && rest.ring) || contextLength;
    const next = t.random(headDim);
    const qkv = t.randomValues(tokens * (heads + 2 * kvHeads) * headDim, next);
    const qNorm = t.randomValues(qkNorm === 'width' ? heads * headDim : headDim, next);
    const kNorm = t.randomValues(qkNorm === 'width' ? kvHeads * headDim : headDim, next);
    const caches = {
      kCache: new Float64Array(contextLength * kvHeads * headDim),
      vCache: new Float64Array(contextLength * kvHeads * headDim),
    };
    const expected = referenceRope(
      shape,
      { qkv: t.f64(qkv), qNorm: t.f64(qNorm), kNorm: t.f64(kNorm), ...caches },
      position,
    );
    const row = kvHeads * headDim;
    const [inK, inV] = [caches.kCache, caches.vCache].map((rows) => {
      const kept = new Float64Array(ring * row);
      for (let p = position; p < position + tokens; p++)
        kept.set(rows.subarray(p * row, (p + 1) * row), (p % ring) * row);
      return kept;
    });
    const buffers = {
      qkv: t.upload(qkv),
      qNorm: t.upload(qNorm),
      kNorm: t.upload(kNorm),
      rotations: ropeTable(gpu, shape),
      pass: t.passState(tokens, position),
    };
    for (const cache of FORMATS) {
      const words = inK.length / (cache === 'f16' ? 2 : 1);
      const [q, kCache, vCache] = [t.poisoned(expected.length), t.empty(words), t.empty(words)];
      t.dispatch(tokens, await rope(gpu, { ...shape, cache }, { ...buffers, q, kCache, vCache }));
      expect(t.relativeError(await t.readFloats(q, expected.length), expected)).toBeLessThan(1e-5);
      if (cache === 'f16') {
        expectHalves(halves(await t.readWords(kCache, words)), inK);
        expectHalves(halves(await t.readWords(vCache, words)), inV);
      } else {
        expect(t.relativeError(await t.readFloats(kCache, words), inK)).toBeLessThan(1e-5);
        expect(t.relativeError(await t.readFloats(vCache, words), inV)).toBeLessThan(1e-5);
      }
    }
  });

  test('a value that half precision cannot hold becomes the largest it can', async () => {
    const shape = { ...{ heads: 1, kvHeads: 1, headDim: 4, ropeBase: 10000, contextLength: 1 }, epsilon: 1e-6 };
    const style = { ropeStyle: 'half', qkNorm: 'none', cache: 'f16' } as const;
    const [q, kCache, vCache] = [4, 2, 2].map(t.empty);
    const qkv = t.upload(Float32Array.of(0, 0, 0, 0, 1e5, -1e5, 7, 0, 65504, -3e38, 0.5, 0));
    const buffers = { qkv, q, kCache, vCache, rotations: ropeTable(gpu, shape), pass: t.passState(1) };
    t.dispatch(1, await rope(gpu, { ...shape, ...style }, buffers));
    expect([...halves(await t.readWords(kCache, 2))]).toEqual([65504, -65504, 7, 0]);
    expect([...halves(await t.readWords(vCache, 2))]).toEqual([65504, -65504, 0.5, 0]);
  });

  test.each([
    { tokens: 1, position: 0, heads: 1, kvHeads: 1, headDim: 4, cache: 'f32' },
    { tokens: 7, position: 62, heads: 6, kvHeads: 2, headDim: 20, cache: 'f32' },
    { tokens: 1, position: 200, heads: 4, kvHeads: 2, headDim: 128, cache: 'f32' },
    { tokens: 33, position: 0, heads: 3, kvHeads: 1, headDim: 32, cache: 'f32' },
    { tokens: 7, position: 62, heads: 6, kvHeads: 2, headDim: 20, cache: 'f16' },
    { tokens: 1, position: 200, heads: 4, kvHeads: 2, headDim: 128, cache: 'f16' },
    { tokens: 3, position: 130, heads: 2, kvHeads: 1, headDim: 512, cache: 'f32' },
    { tokens: 2, position: 70, heads: 4, kvHeads: 2, headDim: 324, cache: 'f16', window: 66 },
    { tokens: 9, position: 1, heads: 4, kvHeads: 2, headDim: 16, cache: 'f32', window: 5 },
    { tokens: 3, position: 160, heads: 4, kvHeads: 2, headDim: 16, cache: 'f32', window: 67, sunk: true },
    { tokens: 5, position: 0, heads: 3, kvHeads: 3, headDim: 20, cache: 'f16', sunk: true },
    // Windows in rings: of the fewest rows that hold the pass, of more, of one token, of as many as there are positions.
    { tokens: 7, position: 100, heads: 6, kvHeads: 2, headDim: 20, cache: 'f32', window: 13, ring: 19 },
    { tokens: 7, position: 100, heads: 6, kvHeads: 2, headDim: 20, cache: 'f16', window: 13, ring: 47, sunk: true },
    { tokens: 1, position: 250, heads: 2, kvHeads: 1, headDim: 4, cache: 'f32', window: 1, ring: 1 },
    { tokens: 9, position: 200, heads: 2, kvHeads: 2, headDim: 12, cache: 'f16', window: 1, ring: 9 },
    { tokens: 33, position: 70, heads: 3, kvHeads: 1, headDim: 32, cache: 'f32', window: 65, ring: 97 },
    { tokens: 3, position: 130, heads: 2, kvHeads: 1, headDim: 512, cache: 'f32', window: 66, ring: 71 },
    { tokens: 5, position: 2, heads: 4, kvHeads: 2, headDim: 16, cache: 'f32', window: 64, ring: 80 },
    { tokens: 6, position: 250, heads: 4, kvHeads: 2, headDim: 16, cache: 'f32', window: 300, ring: 256 },
  ] as const)('attention %o', async ({ tokens, position, ...rest }) => {
    const { heads, kvHeads, headDim, cache } = rest;
    const contextLength = 256;
    const next = t.random(headDim);
    const sinks = 'sunk' in rest ? t.randomValues(heads, next).map((value) => 3 * value) : undefined;
    const shape = { ...rest, sinks, scale: 4 / Math.sqrt(headDim), contextLength };
    const q = t.randomValues(tokens * heads * headDim, next);
    const [k, v] = [0, 1].map(() => randomCache(cache, contextLength * kvHeads * headDim, next));
    const expected = reference.attention(shape, t.f64(q), k.values, v.values, position);
    // What no token sees is another text's past, or was overwritten; it must not leak.
    const [row, ring] = [kvHeads * headDim, ('ring' in rest && rest.ring) || contextLength];
    const first = Math.max(0, position + 1 - (('window' in rest && rest.window) || contextLength));
    const [inK, inV] = [k, v].map(({ data, poison }) => {
      const kept = data.slice(0, ring * row).fill(poison);
      for (let p = first; p < position + tokens; p++) kept.set(data.subarray(p * row, (p + 1) * row), (p % ring) * row);
      return kept;
    });
    const y = t.poisoned(expected.length);
    const buffers = {
      q: t.upload(q),
      kCache: t.upload(inK),
      vCache: t.upload(inV),
      sinks: sinks && t.upload(sinks),
      y,
      pass: t.passState(tokens, position),
    };
    t.dispatch(tokens, await attention(gpu, shape, buffers));
    expect(t.relativeError(await t.readFloats(y, expected.length), expected)).toBeLessThan(1e-5);
  });

  test('a window that its rows cannot hold is refused', async () => {
    const shape = { heads: 1, kvHeads: 1, headDim: 4, scale: 1, contextLength: 64, window: 9, ring: 8 };
    const [q, kCache, vCache, y] = [4, 32, 32, 4].map(t.empty);
    expect(() => attention(gpu, shape, { q, kCache, vCache, y, pass: t.passState(1, 20) })).toThrow(
      'attention: 8 rows hold no window of 9 positions.',
    );
  });

  test('attention survives scores far apart', async () => {
    const shape = { heads: 1, kvHeads: 1, headDim: 4, scale: 1, contextLength: 128 };
    const q = Float32Array.of(100, 0, 0, 0);
    const k = Float32Array.from({ length: 512 }, (_, i) => (i % 4 === 0 ? 30 * Math.sin(i) : 0));
    const v = t.randomValues(512, t.random(3));
    const y = t.poisoned(4);
    const buffers = { q: t.upload(q), kCache: t.upload(k), vCache: t.upload(v), y, pass: t.passState(1, 127) };
    t.dispatch(1, await attention(gpu, shape, buffers));
    const expected = reference.attention(shape, t.f64(q), t.f64(k), t.f64(v), 127);
    expect(t.relativeError(await t.readFloats(y, 4), expected)).toBeLessThan(1e-5);
  });
});
