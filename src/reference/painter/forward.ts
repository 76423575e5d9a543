/** The painter's forward pass: a linear layer, block after block, a norm and a linear layer. */
import { addUp, blockForward, type Choice, type KeptBlock, norm } from '../block/forward.ts';
import { tensorOf } from '../block/layout.ts';
import { multiply } from '../block/products.ts';
import type { Floats, Make } from '../block/weights.ts';
import type { Batch } from './inputs.ts';
import type { PainterLayout, PainterShape } from './shape.ts';

export interface Kept {
  readonly layers: readonly KeptBlock[];
  readonly x: Floats;
  readonly h: Floats;
  readonly factor: Floats;
  /** [N, 4], the last of the four unused. */
  readonly out: Floats;
}

export function forward(
  shape: PainterShape,
  layout: PainterLayout,
  weights: Floats,
  batch: Batch,
  make: Make,
  choice: Choice = {},
): Kept {
  const { width: D, layers } = shape;
  const N = batch.count;
  let x = make(N * D);
  multiply(batch.features, weights, tensorOf(layout, 'in')!.offset, x, N, layout.features, D);
  const read = shape.routerReads === 'place' ? batch.place : null;
  const kept: KeptBlock[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const one = blockForward(shape, layout, weights, x, read, layer, make, choice);
    kept.push(one);
    x = addUp(one, x, shape, make);
  }
  const { h, factor } = norm(x, weights, tensorOf(layout, 'norm', layers)!.offset, N, D, make);
  const out = make(N * 4);
  multiply(h, weights, tensorOf(layout, 'out')!.offset, out, N, D, 4);
  return { layers: kept, x, h, factor, out };
}
