/** How a pass is shared out among submits: small ones go in one, and no driver ends a long one. */
import { expect, it } from 'vitest';
import { piecesOf } from '../../src/engine/webgpu/passes.ts';
import type { Dispatch } from '../../src/gpu/types.ts';

const listOf = (length: number) => Array.from({ length }, (_, i) => ({ name: `dispatch ${i}` }) as Dispatch);

it.each([
  ['the shipped model', 60, 256 * 4.6e6, 1],
  ['1.3 billion active weights', 200, 256 * 1.3e9, 27],
  ['one token of them', 200, 1.3e9, 1],
  ['more than there are dispatches', 3, 1e15, 3],
  ['one dispatch', 1, 1e15, 1],
  ['none', 0, 1e15, 1],
])('shares out %s', (_, length, multiplyAdds, submits) => {
  const dispatches = listOf(length);
  const pieces = piecesOf(dispatches, multiplyAdds);
  expect(pieces.flat()).toEqual(dispatches);
  expect(pieces).toHaveLength(submits);
  const sizes = pieces.map((piece) => piece.length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
});
