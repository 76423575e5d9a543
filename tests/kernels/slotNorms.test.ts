import { expect, test } from 'vitest';
import { slotNorms } from '../../src/kernels/slotNorms.ts';
import { NO_EXPERT } from '../../src/reference/route.ts';
import * as reference from '../../src/reference/slotNorms.ts';
import * as t from './device.ts';

test.each([
  ['one slot', 32, [3]],
  ['the last two unused', 36, [3, 0, NO_EXPERT, NO_EXPERT]],
  ['wider than a workgroup', 1024, [1, 2]],
  ['none used', 64, [NO_EXPERT, NO_EXPERT]],
])('%s', async (_, width, ids) => {
  const next = t.random(width);
  const used = ids.filter((id) => id !== NO_EXPERT).length;
  const [y, x] = [t.randomValues(ids.length * width, next), t.randomValues(width, next)];
  y.fill(Number.NaN, used * width);
  const weights = ids.map((id) => (id === NO_EXPERT ? 0 : next()));
  const bits = new Uint32Array(Float32Array.from(weights).buffer);
  const slots = t.upload(Uint32Array.from(ids.flatMap((id, slot) => [id, bits[slot]])));
  const norms = t.poisoned(ids.length + 2);
  const buffers = { y: t.upload(y), slots, x: t.upload(x), norms, pass: t.passState(1) };
  t.dispatch(1, await slotNorms(t.ALONE, { width, slots: ids.length }, buffers));
  const expected = reference.slotNorms(t.f64(y), ids, weights, t.f64(x));
  expect(t.relativeError(await t.readFloats(norms, ids.length + 2), expected)).toBeLessThan(1e-5);
});
