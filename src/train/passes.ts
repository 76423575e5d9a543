/** The dispatches of a painter's step, forward and backward, in order. */
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { tensorOf } from '../reference/block/layout.ts';
import { PAINTER_RECIPE } from '../reference/block/optimise.ts';
import { axisWidth, placeWidth } from '../reference/painter/shape.ts';
import {
  planBlock,
  planBlockBack,
  planHead,
  planHeadBack,
  planOptimiser,
  type Source,
  tensorsIn,
} from './block/passes.ts';
import type { Planner } from './kernels.ts';
import type { Memory } from './memory.ts';
import type { painterPlanner } from './painterKernels.ts';
import type { RunOptions } from './types.ts';

type PainterPlanner = Planner & ReturnType<typeof painterPlanner>;

/** Columns of the colours. */
const COLOURS = 4;

export function planForward(
  gpu: Gpu,
  planner: PainterPlanner,
  memory: Memory,
  { shape }: RunOptions,
  source: Source,
): Promise<Dispatch[]> {
  const { width, layers, octaves } = shape;
  const { layout } = memory;
  const read = shape.routerReads === 'place' ? memory.place : null;
  const dispatches: Promise<Dispatch>[] = [
    planner.batch(
      { axis: axisWidth(octaves), low: placeWidth(shape), features: layout.features, place: layout.place },
      { axisX: memory.axes[0], axisY: memory.axes[1], picture: memory.picture, state: memory.state },
      memory,
    ),
    planner.product(
      memory.whole,
      { inner: layout.features, columns: width },
      { x: memory.features, weights: tensorsIn(layout, source.weights)('in'), y: memory.x[0] },
    ),
  ];
  for (let layer = 0; layer < layers; layer++) {
    const ends = { x: memory.x[layer], read, to: memory.x[layer + 1] };
    dispatches.push(...planBlock(gpu, planner, memory, shape, layer, source, ends));
  }
  dispatches.push(...planHead(planner, memory, shape, source, { columns: COLOURS, y: memory.colours }));
  return Promise.all(dispatches);
}

/** From the loss to the moved weights. */
export function planBackward(planner: PainterPlanner, memory: Memory, { shape }: RunOptions): Promise<Dispatch[]> {
  const { width, layers } = shape;
  const { layout, partsOf, whole, dColours } = memory;
  const read = shape.routerReads === 'place' ? memory.place : null;
  let [dOut, dIn] = memory.dx;
  const dispatches = [
    planner.loss(memory),
    ...planHeadBack(planner, memory, shape, { columns: COLOURS, dy: dColours, dx: dOut }),
  ];
  for (let layer = layers - 1; layer >= 0; layer--) {
    dispatches.push(...planBlockBack(planner, memory, shape, layer, { x: memory.x[layer], read, dOut, dIn }));
    [dOut, dIn] = [dIn, dOut];
  }
  const parts = partsOf(tensorOf(layout, 'in')!);
  dispatches.push(
    planner.gradient(whole, { inner: layout.features, outer: width }, { x: memory.features, dy: dOut, parts }),
    ...planOptimiser(planner, memory, shape, PAINTER_RECIPE),
  );
  return Promise.all(dispatches);
}
