/** The painter's loss and its gradient, by hand: no automatic differentiation. Checked against finite differences. */
import { balancingLoss, blockBack, normBack, type StepOptions } from '../block/backward.ts';
import { tensorOf } from '../block/layout.ts';
import { multiplyBack, multiplyOut } from '../block/products.ts';
import type { Floats, Make } from '../block/weights.ts';
import { forward, type Kept } from './forward.ts';
import type { Batch } from './inputs.ts';
import type { PainterLayout, PainterShape } from './shape.ts';

export interface StepResult {
  /** Mean squared error, colours from -1 to 1. */
  readonly loss: number;
  /** The balancing losses of all layers. */
  readonly aux: number;
  readonly gradient: Floats;
  /** Slots of every expert, a list for a layer. */
  readonly loads: readonly Uint32Array[];
  readonly kept: Kept;
}

/** One forward and one backward pass. */
export function gradientOf(
  shape: PainterShape,
  layout: PainterLayout,
  weights: Floats,
  batch: Batch,
  make: Make,
  { aux, bias }: StepOptions,
): StepResult {
  const { width: D, layers } = shape;
  const N = batch.count;
  const kept = forward(shape, layout, weights, batch, make, { bias });
  const gradient = make(layout.size);
  const dOut = make(N * 4);
  let loss = 0;
  for (let i = 0; i < N * 4; i++) {
    if (i % 4 === 3) continue;
    const error = kept.out[i] - batch.target[i];
    loss += (error * error) / (3 * N);
    dOut[i] = (2 * error) / (3 * N);
  }
  const out = tensorOf(layout, 'out')!;
  multiplyOut(kept.h, dOut, gradient, out.offset, N, D, 4);
  const dh = make(N * D);
  multiplyBack(dOut, weights, out.offset, dh, N, D, 4);
  let dx = make(N * D);
  const final = tensorOf(layout, 'norm', layers)!.offset;
  normBack(dh, kept.x, kept.factor, weights, final, dx, gradient, N, D);
  const read = shape.routerReads === 'place' ? batch.place : null;
  let balance = 0;
  for (let layer = layers - 1; layer >= 0; layer--) {
    balance += balancingLoss(kept.layers[layer], shape, layout, N, aux);
    dx = blockBack(shape, layout, weights, read, kept.layers[layer], layer, dx, gradient, make, aux);
  }
  multiplyOut(batch.features, dx, gradient, tensorOf(layout, 'in')!.offset, N, layout.features, D);
  return { loss, aux: balance, gradient, loads: kept.layers.map(({ loads }) => loads), kept };
}
