/** Whether a GPU can hold a model's matrices, known from its header alone: before a byte of them is read. */
import { packedBytes } from '../../kernels/weights.ts';
import type { Model, Tensor } from '../../model/types.ts';
import { UserError } from '../types.ts';

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;

/** The matrices that are multiplied as one: by far the largest buffers of a model. */
function* stacks({ weights }: Model, entries: number): Iterable<readonly Tensor[]> {
  const room = (tensor: Tensor) => {
    const [columns, rows, experts = 1] = tensor.shape;
    return { ...tensor, shape: [columns, rows, Math.min(experts, entries)] };
  };
  yield [weights.tokenEmbedding];
  yield [weights.output];
  for (const { gate, up, down } of weights.layers) {
    yield [gate, up].map(room);
    yield [down].map(room);
  }
}

/**
 * @param entries experts of a layer that are to be on the GPU at a time
 * @throws UserError out-of-memory
 */
export function checkMatrices(
  { limits }: Pick<GPUDevice, 'limits'>,
  model: Model,
  entries = Number.POSITIVE_INFINITY,
): void {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  for (const tensors of stacks(model, entries)) {
    const same = tensors.every(({ type }) => type === tensors[0].type);
    const bytes = tensors.reduce((sum, { type, shape }) => sum + packedBytes(same ? type : 'f32', shape), 0);
    if (bytes <= most) continue;
    throw new UserError(
      'out-of-memory',
      `The matrices “${tensors.map(({ name }) => name).join('” and “')}” take ${mebibytes(bytes)}; this GPU lets a kernel see ${mebibytes(most)} at a time.`,
      'Choose a smaller model, or one with more compact weights.',
    );
  }
}
