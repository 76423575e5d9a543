/** The network that paints: sizes, where each tensor lies in the flat parameters, and what it costs. */
import {
  type BlockShape,
  checkBlock,
  type Layout,
  multipliedWeights,
  pad4,
  parametersOf,
  TensorList,
} from '../block/layout.ts';

export interface PainterShape extends BlockShape {
  /** Octaves of sin and cos that a coordinate is described by. */
  readonly octaves: number;
  /** What the router reads: coordinates and their two lowest octaves, or the block's own input. */
  readonly routerReads: 'place' | 'features';
}

export interface PainterLayout extends Layout {
  /** Columns of what goes in, padded. */
  readonly features: number;
  /** Columns of what the router reads of the place, padded. */
  readonly place: number;
}

const PLACE_OCTAVES = 2;

/** Numbers that describe a coordinate with so many octaves. */
export const axisWidth = (octaves: number): number => 1 + 2 * octaves;

/** Of one axis, what the router reads. */
export const placeWidth = ({ octaves }: PainterShape): number => axisWidth(Math.min(PLACE_OCTAVES, octaves));

export function layoutOf(shape: PainterShape): PainterLayout {
  checkBlock(shape);
  const { width: D, layers, hidden: H, experts: E, octaves, routerReads } = shape;
  const inputs = 2 * axisWidth(octaves);
  const places = 2 * placeWidth(shape);
  const read = routerReads === 'place' ? places : D;
  const list = new TensorList();
  list.add('in', 0, 1, [inputs, D], 1.4 / Math.sqrt(inputs));
  for (let layer = 0; layer < layers; layer++) {
    list.add('norm', layer, 1, [1, D], null);
    if (E > 1) list.add('router', layer, 1, [read, E], 1 / Math.sqrt(read));
    list.add('up', layer, E, [D, 2 * H], 1 / Math.sqrt(D));
    list.add('down', layer, E, [H, D], 1 / Math.sqrt(H * 2 * layers));
  }
  list.add('norm', layers, 1, [1, D], null);
  list.add('out', 0, 1, [D, 3], 0.02);
  const { tensors, size } = list;
  return {
    ...{ tensors, size, decaysFrom: size },
    features: pad4(inputs),
    place: pad4(places),
    gates: pad4(E),
    routed: pad4(read),
  };
}

/** Parameters in use: all of them, and those that one pixel passes through. */
export const countParameters = (shape: PainterShape): { total: number; active: number } =>
  parametersOf(layoutOf(shape), shape.k);

/** FLOPs of a training step: three times the matrix products of the forward pass. Optimizer and norms are not counted. */
export const stepFlops = (shape: PainterShape, pixels: number): number =>
  3 * 2 * multipliedWeights(layoutOf(shape), shape.k) * pixels;
