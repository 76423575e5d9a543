/** The buffers of one trainer on the GPU. */
import { createBuffer, uploadBuffer } from '../gpu/buffers.ts';
import { tileListBytes } from '../kernels/plan.ts';
import { TILE } from '../kernels/tiles.ts';
import { axisFeatures, initialWeights } from '../reference/painter/inputs.ts';
import { align, layoutOf, type Tensor } from '../reference/painter/shape.ts';
import { CHUNK, type Grouping, mostChunks, NORM_CHUNK } from './kernels.ts';
import { STATE_WORDS } from './rates.ts';
import { MOST_STEPS, type RunOptions } from './types.ts';

const f32 = (length: number) => new Float32Array(length);

export type Memory = ReturnType<typeof allocate>;

export function allocate(device: GPUDevice, options: RunOptions) {
  const { shape, picture, batch: N, seed } = options;
  const { width: D, layers, hidden: H, experts: E, k, octaves } = shape;
  const layout = layoutOf(shape);
  const routers = E > 1 ? layers : 0;
  const owned: GPUBuffer[] = [];
  const own = (buffer: GPUBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  const floats = (name: string, count: number) => own(createBuffer(device, name, 4 * count));
  const upload = (name: string, data: ArrayBufferView) => own(uploadBuffer(device, name, data));
  const part = (buffer: GPUBuffer, first: number, count: number): GPUBufferBinding => ({
    buffer,
    offset: 4 * first,
    size: 4 * count,
  });

  /** Where a buffer laid out as the parameters holds a tensor. */
  const tensorIn = (buffer: GPUBuffer, { offset, experts, rows, columns }: Tensor) =>
    part(buffer, offset, experts * rows * columns);

  const weights = initialWeights(layout, seed, f32);
  const stride = align(E + 1);
  const offsets = floats('offsets', (1 + routers) * stride);
  device.queue.writeBuffer(offsets, 0, Uint32Array.of(0, N));
  const slotStride = align(2 * N * k) / 2;
  const slots = floats('slots', 2 * slotStride * Math.max(1, routers));
  // Without a router every pixel goes to the one expert, with weight 1: that never changes.
  const certain = f32(2 * N).map((_, i) => i % 2);
  const whole: Grouping = {
    experts: 1,
    k: 1,
    order: upload(
      'order',
      Uint32Array.from({ length: N }, (_, i) => i),
    ),
    offsets: part(offsets, 0, stride),
    tiles: upload('tiles', wholeTiles(N)),
    slots: upload('certain slots', certain),
  };
  const groups = Array.from({ length: layers }, (_, layer): Grouping => {
    if (routers === 0) return whole;
    return {
      experts: E,
      k,
      order: floats('order', N * k),
      offsets: part(offsets, (1 + layer) * stride, stride),
      tiles: own(createBuffer(device, 'tiles', tileListBytes(N, { experts: E, k }))),
      slots: part(slots, layer * 2 * slotStride, 2 * N * k),
    };
  });

  const parts = placeParts(layout.tensors, options);
  const partsBuffer = floats('parts', parts.size);
  return {
    ...{ layout, routers, stride, slotStride, offsets, slots, whole, groups, part, tensorIn },
    pass: own(createBuffer(device, 'pass', 16, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST)),
    state: floats('state', STATE_WORDS),
    records: floats('records', STATE_WORDS * MOST_STEPS),
    axes: [picture.width, picture.height].map((size) => upload('axis', axisFeatures(size, octaves, f32))),
    picture: upload('picture', new Uint8Array(picture.data)),
    features: floats('features', N * layout.features),
    place: floats('place', N * layout.place),
    target: floats('target', N * 4),
    weights: upload('weights', weights),
    average: upload('average', weights),
    first: floats('first moment', layout.size),
    second: floats('second moment', layout.size),
    gradient: floats('gradient', layout.size),
    squares: floats('squares', layout.size / 4),
    bias: floats('bias', Math.max(1, layers) * stride),
    on: floats('none off', Math.max(1, layers) * stride),
    off: floats('off', Math.max(1, layers) * stride),
    x: Array.from({ length: layers + 1 }, () => floats('x', N * D)),
    h: Array.from({ length: layers + 1 }, () => floats('h', N * D)),
    factor: Array.from({ length: layers + 1 }, () => floats('factor', N)),
    scores: Array.from({ length: routers }, () => floats('scores', N * layout.gates)),
    gateUp: Array.from({ length: layers }, () => floats('gate and up', N * k * 2 * H)),
    active: Array.from({ length: layers }, () => floats('active', N * k * H)),
    y: Array.from({ length: layers }, () => floats('y', N * k * D)),
    colours: floats('colours', N * 4),
    dColours: floats('d colours', N * 4),
    losses: floats('losses', N),
    dx: [floats('dx', N * D), floats('dx', N * D)],
    dh: floats('dh', N * k * D),
    dRouted: floats('d routed', N * D),
    dLogits: floats('d logits', N * layout.gates),
    dGateUp: floats('d gate and up', N * k * 2 * H),
    parts: partsBuffer,
    partsOf: (tensor: Tensor) => {
      const { first, count } = parts.places.get(tensor)!;
      return part(partsBuffer, first, count);
    },
    tensors: upload('tensors', parts.table(stride)),
    outcome: floats('outcome', 4),
    statistics: floats('statistics', MOST_STEPS * (2 + routers * E)),
    painted: floats('painted', picture.width * picture.height),
    territories: floats('territories', picture.width * picture.height),
    destroy: () => {
      for (const buffer of owned) buffer.destroy();
    },
  };
}

/** Tiles of N rows that all go to one expert. */
function wholeTiles(N: number): Uint32Array {
  const words = [Math.ceil(N / TILE), 0];
  for (let first = 0; first < N; first += TILE) words.push(0, first);
  return Uint32Array.from(words);
}

/** Where the parts of each tensor's gradient are. */
function placeParts(tensors: readonly Tensor[], { shape, batch }: RunOptions) {
  const grouped = ({ kind }: Tensor) => (kind === 'up' || kind === 'down') && shape.experts > 1;
  const places = new Map<Tensor, { first: number; count: number }>();
  let size = 0;
  for (const tensor of tensors) {
    const { kind, rows, columns } = tensor;
    const group = grouped(tensor) ? shape : { experts: 1, k: 1 };
    const chunks = kind === 'norm' ? Math.ceil(batch / NORM_CHUNK) : mostChunks(batch, group);
    const count = chunks * rows * columns;
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
        tensor.kind === 'norm' ? NORM_CHUNK : CHUNK,
      ]),
    );
  return { places, size, table };
}
