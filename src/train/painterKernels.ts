/** The kernels that only the painter has: which pixels, how wrong their colours are, and the picture. */
import hashSource from '../../shaders/lib/hash.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import batchSource from '../../shaders/train/batch.wgsl?raw';
import lossSource from '../../shaders/train/loss.wgsl?raw';
import paintSource from '../../shaders/train/paint.wgsl?raw';
import stateSource from '../../shaders/train/state.wgsl?raw';
import { type Binding, read, write } from '../kernels/kernel.ts';
import type { KernelMaker } from './kernel.ts';

/** @param tokens N, pixels of every step. */
export const painterPlanner = (plan: KernelMaker, tokens: number) => ({
  batch: (
    sizes: { axis: number; low: number; features: number; place: number },
    from: { axisX: Binding; axisY: Binding; picture: Binding; state: Binding },
    to: { features: Binding; place: Binding; target: Binding },
  ) =>
    plan(
      'batch',
      [hashSource, stateSource, batchSource],
      { AXIS: sizes.axis, LOW: sizes.low, FEATURES: sizes.features, PLACE: sizes.place },
      [
        ...[from.axisX, from.axisY, from.picture, from.state].map(read),
        ...[to.features, to.place, to.target].map(write),
      ],
      tokens,
    ),

  loss: ({ colours, target, dColours, losses }: Record<'colours' | 'target' | 'dColours' | 'losses', Binding>) =>
    plan('loss', [lossSource], {}, [read(colours), read(target), write(dColours), write(losses)], tokens),

  paint: (
    sizes: { routers: number; stride: number; k: number },
    from: Record<'colours' | 'slots' | 'state', Binding>,
    to: Record<'picture' | 'territories', Binding>,
  ) =>
    plan(
      'paint',
      [slotSource, stateSource, paintSource],
      { ROUTERS: sizes.routers, STRIDE: sizes.stride, CHOSEN: sizes.k },
      [...[from.colours, from.slots, from.state].map(read), write(to.picture), write(to.territories)],
      tokens,
    ),
});
