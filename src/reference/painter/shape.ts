/** The network that paints: sizes, where each tensor lies in the flat parameters, and what it costs. */

export interface PainterShape {
  /** D. A multiple of 4, as H is. */
  readonly width: number;
  readonly layers: number;
  /** H of one expert. */
  readonly hidden: number;
  /** E. 1: no router, a dense block. */
  readonly experts: number;
  readonly k: number;
  /** Octaves of sin and cos that a coordinate is described by. */
  readonly octaves: number;
  /** What the router reads: coordinates and their two lowest octaves, or the block's own input. */
  readonly routerReads: 'place' | 'features';
}

export interface Tensor {
  readonly kind: 'in' | 'norm' | 'router' | 'up' | 'down' | 'out';
  /** The final norm has the number after the last layer's. */
  readonly layer: number;
  /** First float among the parameters. */
  readonly offset: number;
  readonly experts: number;
  /** Row-major [experts, rows, columns]; columns and rows are padded to multiples of 4 (a norm has one row). */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns that are in use. */
  readonly used: readonly [rows: number, columns: number];
  /** Standard deviation at the start; null: all ones. */
  readonly deviation: number | null;
}

export interface Layout {
  readonly tensors: readonly Tensor[];
  /** Floats, padding included. */
  readonly size: number;
  /** Columns of what goes in, padded. */
  readonly features: number;
  /** Columns of what the router reads of the place, padded. */
  readonly place: number;
  /** E, padded. */
  readonly gates: number;
  /** What the router reads: `place` or D. */
  readonly routed: number;
}

/** Offsets of tensors are multiples of it: 256 bytes, as WebGPU demands of bindings. */
const ALIGNMENT = 64;
const PLACE_OCTAVES = 2;

export const pad4 = (count: number): number => Math.ceil(count / 4) * 4;
export const align = (floats: number): number => Math.ceil(floats / ALIGNMENT) * ALIGNMENT;

/** Numbers that describe a coordinate with so many octaves. */
export const axisWidth = (octaves: number): number => 1 + 2 * octaves;

/** Of one axis, what the router reads. */
export const placeWidth = ({ octaves }: PainterShape): number => axisWidth(Math.min(PLACE_OCTAVES, octaves));

export function layoutOf(shape: PainterShape): Layout {
  const { width: D, layers, hidden: H, experts: E, k, octaves, routerReads } = shape;
  if (D % 4 || H % 4 || k < 1 || k > E)
    throw new RangeError(`painter: D ${D}, H ${H}, k ${k} of ${E} experts is no shape.`);
  const inputs = 2 * axisWidth(octaves);
  const places = 2 * placeWidth(shape);
  const read = routerReads === 'place' ? places : D;
  const tensors: Tensor[] = [];
  let size = 0;
  const add = (
    kind: Tensor['kind'],
    layer: number,
    experts: number,
    used: [number, number],
    deviation: number | null,
  ) => {
    const [rows, columns] = [used[0] === 1 ? 1 : pad4(used[0]), pad4(used[1])];
    tensors.push({ kind, layer, offset: size, experts, rows, columns, used, deviation });
    size = align(size + experts * rows * columns);
  };
  add('in', 0, 1, [inputs, D], 1.4 / Math.sqrt(inputs));
  for (let layer = 0; layer < layers; layer++) {
    add('norm', layer, 1, [1, D], null);
    if (E > 1) add('router', layer, 1, [read, E], 1 / Math.sqrt(read));
    add('up', layer, E, [D, 2 * H], 1 / Math.sqrt(D));
    add('down', layer, E, [H, D], 1 / Math.sqrt(H * 2 * layers));
  }
  add('norm', layers, 1, [1, D], null);
  add('out', 0, 1, [D, 3], 0.02);
  const place = pad4(places);
  return {
    tensors,
    size,
    features: pad4(inputs),
    place,
    gates: pad4(E),
    routed: routerReads === 'place' ? place : D,
  };
}

export const tensorOf = ({ tensors }: Layout, kind: Tensor['kind'], layer = 0): Tensor | undefined =>
  tensors.find((tensor) => tensor.kind === kind && tensor.layer === layer);

/** Parameters in use: all of them, and those that one pixel passes through. */
export function countParameters(shape: PainterShape): { total: number; active: number } {
  const { tensors } = layoutOf(shape);
  const of = (experts: (tensor: Tensor) => number) =>
    tensors.reduce((sum, tensor) => sum + experts(tensor) * tensor.used[0] * tensor.used[1], 0);
  return { total: of(({ experts }) => experts), active: of(({ experts }) => Math.min(experts, shape.k)) };
}

/** FLOPs of a training step: three times the matrix products of the forward pass. Optimizer and norms are not counted. */
export function stepFlops(shape: PainterShape, pixels: number): number {
  const { tensors } = layoutOf(shape);
  const products = tensors.filter(({ kind }) => kind !== 'norm');
  const weights = products.reduce((sum, { experts, used }) => sum + Math.min(experts, shape.k) * used[0] * used[1], 0);
  return 3 * 2 * weights * pixels;
}
