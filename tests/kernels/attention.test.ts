import { describe, expect, test } from 'vitest';
import { attention } from '../../src/kernels/attention.ts';
import { rope, ropeTable } from '../../src/kernels/rope.ts';
import * as reference from '../../src/reference/attention.ts';
import { rope as referenceRope } from '../../src/reference/rope.ts';
import * as t from './device.ts';

describe.each(t.TUNINGS)('%s', (_, gpu) => {
  test.each([
    { tokens: 1, position: 0, heads: 1, kvHeads: 1, headDim: 4, ropeStyle: 'half', qkNorm: 'none' },
    { tokens: 7, position: 3, heads: 6, kvHeads: 2, headDim: 20, ropeStyle: 'half', qkNorm: 'head' },
    { tokens: 3, position: 4093, heads: 4, kvHeads: 4, headDim: 64, ropeStyle: 'interleaved', qkNorm: 'width' },
  ] as const)('rope %o', async ({ tokens, position, ...rest }) => {
    const shape = { ...rest, epsilon: 1e-6, ropeBase: 10000, contextLength: 4096 };
    const { heads, kvHeads, headDim, qkNorm, contextLength } = shape;
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
    const q = t.poisoned(expected.length);
    const [kCache, vCache] = [t.empty(caches.kCache.length), t.empty(caches.vCache.length)];
    const buffers = {
      qkv: t.upload(qkv),
      qNorm: t.upload(qNorm),
      kNorm: t.upload(kNorm),
      rotations: ropeTable(gpu, shape),
      q,
      kCache,
      vCache,
      pass: t.passState(tokens, position),
    };
    t.dispatch(tokens, await rope(gpu, shape, buffers));
    expect(t.relativeError(await t.readFloats(q, expected.length), expected)).toBeLessThan(1e-5);
    expect(t.relativeError(await t.readFloats(kCache, caches.kCache.length), caches.kCache)).toBeLessThan(1e-5);
    expect(t.relativeError(await t.readFloats(vCache, caches.vCache.length), caches.vCache)).toBeLessThan(1e-5);
  });

  test.each([
    { tokens: 1, position: 0, heads: 1, kvHeads: 1, headDim: 4 },
    { tokens: 7, position: 62, heads: 6, kvHeads: 2, headDim: 20 },
    { tokens: 1, position: 200, heads: 4, kvHeads: 2, headDim: 128 },
    { tokens: 33, position: 0, heads: 3, kvHeads: 1, headDim: 32 },
  ])('attention %o', async ({ tokens, position, ...rest }) => {
    const shape = { ...rest, scale: 4 / Math.sqrt(rest.headDim), contextLength: 256 };
    const { heads, kvHeads, headDim, contextLength } = shape;
    const next = t.random(headDim);
    const q = t.randomValues(tokens * heads * headDim, next);
    const [k, v] = [0, 1].map(() => t.randomValues(contextLength * kvHeads * headDim, next));
    const expected = reference.attention(shape, t.f64(q), t.f64(k), t.f64(v), position);
    // What lies beyond the last position is another text's past; it must not leak.
    const used = (position + tokens) * kvHeads * headDim;
    k.fill(Number.NaN, used);
    v.fill(Number.NaN, used);
    const y = t.poisoned(expected.length);
    const buffers = {
      q: t.upload(q),
      kCache: t.upload(k),
      vCache: t.upload(v),
      y,
      pass: t.passState(tokens, position),
    };
    t.dispatch(tokens, await attention(gpu, shape, buffers));
    expect(t.relativeError(await t.readFloats(y, expected.length), expected)).toBeLessThan(1e-5);
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
