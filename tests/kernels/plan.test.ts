import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../src/gpu/types.ts';
import { maxTiles, plan, tileListBytes } from '../../src/kernels/plan.ts';
import { TILE } from '../../src/kernels/tiles.ts';
import { plan as referencePlan } from '../../src/reference/plan.ts';
import * as t from './device.ts';

async function run(gpu: Gpu, experts: number, k: number, ids: readonly number[]) {
  const tokens = ids.length / k;
  const slots = t.upload(Uint32Array.from(ids.flatMap((id) => [id, 0])));
  const tileWords = tileListBytes(tokens, { experts, k }) / 4;
  const [offsets, order, tiles] = [experts + 1, ids.length, tileWords].map(t.poisoned);
  t.dispatch(tokens, await plan(gpu, { experts, k }, { slots, offsets, order, tiles, pass: t.passState(tokens) }));
  const [count, , ...list] = await t.readWords(tiles, tileWords);
  return {
    offsets: [...(await t.readWords(offsets, experts + 1))],
    order: [...(await t.readWords(order, ids.length))],
    tiles: Array.from({ length: count }, (_, i) => [list[2 * i], list[2 * i + 1]]),
  };
}

describe.each(t.TUNINGS)('plan, %s', (_, gpu) => {
  test.each([
    ['one slot', 1, 1, [0]],
    ['E = 1', 1, 1, Array(40).fill(0)],
    ['all to one expert', 8, 2, Array(66).fill(7)],
    ['K = E', 3, 3, Array.from({ length: 51 }, (_, i) => i % 3)],
    ['256 experts', 256, 2, Array.from({ length: 600 }, (_, i) => (i * 37) % 256)],
    ['384 experts, more than invocations', 384, 8, Array.from({ length: 800 }, (_, i) => (i * 37) % 381)],
    ['4096 tokens, 8 experts each', 60, 8, Array.from({ length: 32768 }, (_, i) => (i * i) % 59)],
  ])('%s', async (_case, experts, k, ids) => {
    expect(await run(gpu, experts, k, ids)).toEqual(referencePlan(experts, TILE, ids));
  });

  test('any slots: a stable permutation, monotone offsets, tiles within their bound', async () => {
    const [experts, k] = [6, 2]; // fixed, so that one pipeline serves all runs
    const slots = fc
      .array(fc.integer({ min: 0, max: experts - 1 }), { minLength: 1, maxLength: 60 })
      .map((half) => [...half, ...half.toReversed()]);
    await fc.assert(
      fc.asyncProperty(slots, async (ids) => {
        const { offsets, order, tiles } = await run(gpu, experts, k, ids);
        expect(order.toSorted((a, b) => a - b)).toEqual(ids.map((_, slot) => slot));
        expect(offsets[0]).toBe(0);
        expect(offsets[experts]).toBe(ids.length);
        for (let expert = 0; expert < experts; expert++) {
          const group = order.slice(offsets[expert], offsets[expert + 1]);
          expect(group.every((slot) => ids[slot] === expert)).toBe(true);
          expect(group).toEqual(group.toSorted((a, b) => a - b));
        }
        expect(tiles.length).toBeLessThanOrEqual(maxTiles(ids.length / k, { experts, k }));
        expect(tiles).toEqual(referencePlan(experts, TILE, ids).tiles);
      }),
      { numRuns: 30 },
    );
  });
});
