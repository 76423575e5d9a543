/** The training curves beside the page, whole and damaged. */
import { afterEach, expect, it, vi } from 'vitest';
import { filesAreAt } from '../../src/state/models/catalog.ts';
import { fetchCurves } from '../../src/state/models/training-curves.ts';

filesAreAt('http://localhost/', '');
afterEach(() => void vi.unstubAllGlobals());
const answered = (file: unknown) => {
  vi.stubGlobal('fetch', async () => Response.json(file));
  return fetchCurves();
};
const point = { tokens: 1, flops: 1, seconds: 1, loss: 1, bitsPerByte: 1 };
const models = { moe: { parameters: { total: 2, active: 1 }, tokensSeen: 1, points: [point] } };

it('reads them with and without runs of other seeds', async () => {
  const seeds = { tokens: 5, bitsPerByte: { moe: [2, 3] } };
  expect(await answered({ models, seeds })).toEqual({ models, seeds });
  expect(await answered({ models })).toEqual({ models });
});

it.each([
  ['a curve has no points', { models: { moe: { ...models.moe, points: [] } } }],
  ['the runs of other seeds have no figures', { models, seeds: {} }],
  ['the runs of other seeds have no figures', { models, seeds: null }],
  ['the runs of other seeds have no figures', { models, seeds: { tokens: 5, bitsPerByte: { moe: [null] } } }],
  ['the runs of other seeds have no figures', { models, seeds: { tokens: 5, bitsPerByte: { moe: 3 } } }],
])('says that %s', async (what, file) => {
  await expect(answered(file)).rejects.toMatchObject({ message: expect.stringContaining(what) });
});
