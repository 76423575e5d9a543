/** Whether a GPU can hold a model's matrices, known from its header alone: before a byte of them is read. */
import { MOST_ROWS } from '../../kernels/rows.ts';
import { packedBytes } from '../../kernels/weights.ts';
import { partOf } from '../../model/stored.ts';
import type { Model, Tensor } from '../../model/types.ts';
import { UserError } from '../types.ts';

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;

/** The matrices that are multiplied as one: by far the largest buffers of a model. */
function* stacks({ weights: { layers } }: Model, entries: number): Iterable<readonly Tensor[]> {
  const room = (tensor: Tensor) => withExperts(tensor, entries);
  for (const { gate, up, down } of layers) {
    yield [gate, up].map(room);
    yield [down].map(room);
  }
}

/** Bytes that a kernel may see of one buffer. */
export const largest = ({ limits }: Pick<GPUDevice, 'limits'>): number =>
  Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);

/** A buffer can be bound from every so many f32 values on, whatever the adapter. */
const ALIGNED = 64;

/**
 * A matrix over the vocabulary, by rows, as few parts as a kernel can see each. Their products go to places in one buffer from
 * which it can be bound.
 */
export function rowParts(device: Pick<GPUDevice, 'limits'>, tensor: Tensor): Tensor[] {
  const [columns, rows = 1] = tensor.shape;
  const most = Math.min(MOST_ROWS, Math.floor(largest(device) / packedBytes(tensor.type, [columns])));
  if (rows <= most) return [tensor];
  const height = Math.max(ALIGNED, most - (most % ALIGNED));
  return Array.from({ length: Math.ceil(rows / height) }, (_, i) => {
    const [from, to] = [i * height, Math.min((i + 1) * height, rows)];
    return { ...partOf(tensor, from / rows, to / rows), shape: [columns, to - from] };
  });
}

/** At most so many of its experts. */
export function withExperts(tensor: Tensor, most: number): Tensor {
  const [columns, rows, experts = 1] = tensor.shape;
  return { ...tensor, shape: [columns, rows, Math.min(experts, most)] };
}

/** Bytes of matrices that lie in one buffer: of one type as they are, of several as f32. */
export const stackBytes = (tensors: readonly Tensor[]): number => {
  const same = tensors.every(({ type }) => type === tensors[0].type);
  return tensors.reduce((sum, { type, shape }) => sum + packedBytes(same ? type : 'f32', shape), 0);
};

/** Experts of a layer whose matrices a kernel can see at a time. */
export function entriesThatFit(device: Pick<GPUDevice, 'limits'>, { weights: { layers }, config }: Model): number {
  const stacked = layers.filter(({ router }) => router).flatMap(({ gate, up, down }) => [[gate, up], [down]]);
  return Math.min(...stacked.map((each) => Math.floor((largest(device) * config.experts) / stackBytes(each))));
}

/**
 * @param entries experts of a layer that are to be on the GPU at a time
 * @throws UserError out-of-memory
 */
export function checkMatrices(
  device: Pick<GPUDevice, 'limits'>,
  model: Model,
  entries = Number.POSITIVE_INFINITY,
): void {
  const most = largest(device);
  for (const tensors of stacks(model, entries)) {
    const bytes = stackBytes(tensors);
    if (bytes <= most) continue;
    throw new UserError(
      'out-of-memory',
      `The matrices “${tensors.map(({ name }) => name).join('” and “')}” take ${mebibytes(bytes)}; this GPU lets a kernel see ${mebibytes(most)} at a time.`,
      'Choose a smaller model, or one with more compact weights.',
    );
  }
}
