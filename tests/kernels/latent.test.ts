import { describe, expect, test } from 'vitest';
import { headProduct } from '../../src/kernels/headProduct.ts';
import { latentAttention } from '../../src/kernels/latentAttention.ts';
import { latentRope } from '../../src/kernels/latentRope.ts';
import { ropeTable } from '../../src/kernels/rope.ts';
import { uploadWeights } from '../../src/kernels/weights.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import * as reference from '../../src/reference/latent.ts';
import * as t from './device.ts';

describe.each(t.TUNINGS)('%s', (_, gpu) => {
  test.each([
    { tokens: 1, position: 0, heads: 1, rank: 4, plain: 4, turned: 4 },
    { tokens: 5, position: 9, heads: 3, rank: 36, plain: 20, turned: 12 },
  ])('latentRope %o', async ({ tokens, position, ...sizes }) => {
    const { heads, rank, plain, turned } = sizes;
    const shape = { ...sizes, contextLength: 16, epsilon: 1e-6 };
    const row = rank + turned;
    const next = t.random(rank);
    const [q, kept] = [heads * (plain + turned), row].map((width) => t.randomValues(tokens * width, next));
    const norm = t.randomValues(rank, next);
    const expected = reference.latentRope({ ...shape, ropeBase: 10000 }, t.f64(q), t.f64(kept), t.f64(norm), position);
    const [query, kvCache] = [t.poisoned(tokens * heads * row), t.poisoned(16 * row)];
    const rotations = ropeTable(gpu, { headDim: turned, ropeBase: 10000, contextLength: 16 });
    const buffers = { q: t.upload(q), kept: t.upload(kept), normWeight: t.upload(norm), rotations, query, kvCache };
    t.dispatch(tokens, await latentRope(gpu, shape, { ...buffers, pass: t.passState(tokens, position) }));
    const rows = await t.readFloats(kvCache, 16 * row);
    const written = rows.slice(position * row, (position + tokens) * row);
    expect(t.relativeError(written, expected.rows)).toBeLessThan(1e-5);
    // Nothing but its own positions.
    expect(rows.filter((value) => !Number.isNaN(value)).length).toBe(tokens * row);
    const found = (await t.readFloats(query, tokens * heads * row)).filter((_, i) => i % row >= rank);
    expect(t.relativeError(found, expected.queries)).toBeLessThan(1e-5);
  });

  test.each(['f32', 'q8_0'] as const)('headProduct of %s', async (type) => {
    const [tokens, heads, columns, rows, xStride, yStride] = [3, 5, 32, 22, 40, 30];
    const next = t.random(7);
    const tensor = t.randomTensor(type, [columns, rows, heads], next);
    const x = t.randomValues(tokens * heads * xStride, next);
    const y = t.poisoned(tokens * heads * yStride);
    const weight = uploadWeights(gpu, tensor);
    t.dispatch(
      tokens,
      await headProduct(gpu, { weight, xStride, yStride }, { x: t.upload(x), y, pass: t.passState(tokens) }),
    );
    const read = t.f64(x).filter((_, i) => i % xStride < columns);
    const expected = reference.headProduct(read, t.f64(dequantise(tensor)), heads, columns);
    const found = (await t.readFloats(y, tokens * heads * yStride)).filter((_, i) => i % yStride < rows);
    expect(t.relativeError(found, expected)).toBeLessThan(1e-5);
  });

  test.each([
    { tokens: 1, position: 0, heads: 1, rank: 4, turned: 4 },
    { tokens: 3, position: 150, heads: 3, rank: 36, turned: 12 },
    { tokens: 2, position: 70, heads: 2, rank: 512, turned: 64 },
  ])('latentAttention %o', async ({ tokens, position, ...sizes }) => {
    const { heads, rank, turned } = sizes;
    const shape = { ...sizes, scale: 3 / Math.sqrt(rank + turned), contextLength: 160 };
    const row = rank + turned;
    const next = t.random(rank);
    const [query, cache] = [tokens * heads, 160].map((rows) => t.randomValues(rows * row, next));
    const expected = reference.latentAttention(shape, t.f64(query), t.f64(cache), position);
    cache.fill(Number.NaN, (position + tokens) * row);
    const y = t.poisoned(expected.length);
    const buffers = { query: t.upload(query), kvCache: t.upload(cache), y, pass: t.passState(tokens, position) };
    t.dispatch(tokens, await latentAttention(gpu, shape, buffers));
    expect(t.relativeError(await t.readFloats(y, expected.length), expected)).toBeLessThan(1e-5);
  });
});
