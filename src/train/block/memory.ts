/** The buffers that training a stack of blocks takes on the GPU, whatever goes in and comes out. */
import { createBuffer, uploadBuffer } from '../../gpu/buffers.ts';
import { tileListBytes } from '../../kernels/plan.ts';
import { TILE } from '../../kernels/tiles.ts';
import { align, type BlockShape, type Layout, type Tensor } from '../../reference/block/layout.ts';
import { initialWeights } from '../../reference/block/weights.ts';
import { CHUNK, type Grouping, mostChunks, NORM_CHUNK } from '../kernels.ts';
import { STATE_WORDS } from '../rates.ts';
import { MOST_STEPS } from '../types.ts';

export interface Network {
  readonly shape: BlockShape;
  readonly layout: Layout;
  /** N: rows of a pass. */
  readonly rows: number;
}

export const f32 = (length: number) => new Float32Array(length);

export const part = (buffer: GPUBuffer, first: number, count: number): GPUBufferBinding => ({
  buffer,
  offset: 4 * first,
  size: 4 * count,
});

/** Where a buffer laid out as the parameters holds a tensor. */
export const tensorIn = (buffer: GPUBuffer, { offset, experts, rows, columns }: Tensor): GPUBufferBinding =>
  part(buffer, offset, experts * rows * columns);

/** Layers that have a router. */
export const routersOf = ({ experts, layers }: BlockShape): number => (experts > 1 ? layers : 0);

/** Makes buffers, and knows which ones. */
export class Holding {
  private readonly owned: GPUBuffer[] = [];

  constructor(readonly device: GPUDevice) {}

  own(buffer: GPUBuffer): GPUBuffer {
    this.owned.push(buffer);
    return buffer;
  }

  floats(name: string, count: number): GPUBuffer {
    return this.own(createBuffer(this.device, name, 4 * count));
  }

  each(name: string, layers: number, count: number): GPUBuffer[] {
    return Array.from({ length: layers }, () => this.floats(name, count));
  }

  upload(name: string, data: ArrayBufferView): GPUBuffer {
    return this.own(uploadBuffer(this.device, name, data));
  }

  destroy(): void {
    for (const buffer of this.owned) buffer.destroy();
  }
}

export type Parameters = ReturnType<typeof allocateParameters>;
export type Activations = ReturnType<typeof allocateActivations>;
export type Gradients = ReturnType<typeof allocateGradients>;

export function allocateParameters(holding: Holding, { shape, layout }: Network, seed: number) {
  const weights = initialWeights(layout, seed, f32);
  const stride = align(shape.experts + 1);
  const floats = (name: string, count: number) => holding.floats(name, count);
  return {
    layout,
    /** Words of a layer in `bias`, `none off` and `off`, and of a plan in `offsets`. */
    stride,
    weights: holding.upload('weights', weights),
    average: holding.upload('average', weights),
    first: floats('first moment', layout.size),
    second: floats('second moment', layout.size),
    bias: floats('bias', shape.layers * stride),
    on: floats('none off', shape.layers * stride),
    off: floats('off', shape.layers * stride),
    state: floats('state', STATE_WORDS),
    records: floats('records', STATE_WORDS * MOST_STEPS),
  };
}

/** What a forward pass of N rows leaves. */
export function allocateActivations(holding: Holding, { shape, layout, rows: N }: Network) {
  const { width: D, layers, hidden: H, experts: E, k } = shape;
  const { device } = holding;
  const routers = routersOf(shape);
  const stride = align(E + 1);
  const offsets = holding.floats('offsets', (1 + routers) * stride);
  device.queue.writeBuffer(offsets, 0, Uint32Array.of(0, N));
  const slotStride = align(2 * N * k) / 2;
  const slots = holding.floats('slots', 2 * slotStride * Math.max(1, routers));
  // Without a router every row goes to the one expert, with weight 1: that never changes.
  const certain = f32(2 * N).map((_, i) => i % 2);
  const order = Uint32Array.from({ length: N }, (_, i) => i);
  const whole: Grouping = {
    experts: 1,
    k: 1,
    order: holding.upload('order', order),
    offsets: part(offsets, 0, stride),
    tiles: holding.upload('tiles', wholeTiles(N)),
    slots: holding.upload('certain slots', certain),
  };
  const groups = Array.from({ length: layers }, (_, layer): Grouping => {
    if (routers === 0) return whole;
    return {
      experts: E,
      k,
      order: holding.floats('order', N * k),
      offsets: part(offsets, (1 + layer) * stride, stride),
      tiles: holding.own(createBuffer(device, 'tiles', tileListBytes(N, { experts: E, k }))),
      slots: part(slots, layer * 2 * slotStride, 2 * N * k),
    };
  });
  const pass = holding.own(
    createBuffer(device, 'pass', 16, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC),
  );
  device.queue.writeBuffer(pass, 0, Uint32Array.of(N, 0, 0, 0));
  return {
    ...{ pass, routers, slotStride, offsets, slots, whole, groups },
    x: holding.each('x', layers + 1, N * D),
    h: holding.each('h', layers + 1, N * D),
    factor: holding.each('factor', layers + 1, N),
    scores: holding.each('scores', routers, N * layout.gates),
    gateUp: holding.each('gate and up', layers, N * k * 2 * H),
    active: holding.each('active', layers, N * k * H),
    y: holding.each('y', layers, N * k * D),
  };
}

/** What the way back takes. */
export function allocateGradients(holding: Holding, network: Network, { stride }: Parameters) {
  const { shape, layout, rows: N } = network;
  const { width: D, hidden: H, experts: E, k } = shape;
  const parts = placeParts(network);
  const partsBuffer = holding.floats('parts', parts.size);
  const floats = (name: string, count: number) => holding.floats(name, count);
  return {
    losses: floats('losses', N),
    dx: holding.each('dx', 2, N * D),
    dh: floats('dh', N * k * D),
    dRouted: floats('d routed', N * D),
    dScores: floats('d scores', N * layout.gates),
    dGateUp: floats('d gate and up', N * k * 2 * H),
    gradient: floats('gradient', layout.size),
    squares: floats('squares', layout.size / 4),
    parts: partsBuffer,
    partsOf: (tensor: Tensor) => {
      const { first, count } = parts.places.get(tensor)!;
      return part(partsBuffer, first, count);
    },
    tensors: holding.upload('tensors', parts.table(stride)),
    outcome: floats('outcome', 4),
    statistics: floats('statistics', MOST_STEPS * (2 + routersOf(shape) * E)),
  };
}

/** Tiles of N rows that all go to one expert. */
function wholeTiles(N: number): Uint32Array {
  const words = [Math.ceil(N / TILE), 0];
  for (let first = 0; first < N; first += TILE) words.push(0, first);
  return Uint32Array.from(words);
}

/** Where the parts of each tensor's gradient are. */
function placeParts({ shape, layout: { tensors }, rows: N }: Network) {
  const grouped = ({ kind }: Tensor) => (kind === 'up' || kind === 'down') && shape.experts > 1;
  const chunkOf = ({ kind }: Tensor) => {
    if (kind === 'norm' || kind === 'attention norm') return NORM_CHUNK;
    // Its kernel adds up all of the rows.
    return kind === 'position' ? N : CHUNK;
  };
  const places = new Map<Tensor, { first: number; count: number }>();
  let size = 0;
  for (const tensor of tensors) {
    const chunks = grouped(tensor) ? mostChunks(N, shape) : Math.ceil(N / chunkOf(tensor));
    const count = chunks * tensor.rows * tensor.columns;
    places.set(tensor, { first: size, count });
    size = align(size + count);
  }
  /** As reduce.wgsl reads it. */
  const table = (stride: number) =>
    Uint32Array.from(
      tensors.flatMap((tensor) => [
        tensor.offset / 4,
        (tensor.rows * tensor.columns) / 4,
        tensor.experts,
        places.get(tensor)!.first / 4,
        grouped(tensor) ? (1 + tensor.layer) * stride : 0,
        chunkOf(tensor),
      ]),
    );
  return { places, size, table };
}
