/** A file's tensors, each to be taken once. */
import { UserError } from './errors.ts';
import { quote } from './gguf.ts';
import type { Tensor } from './types.ts';

/** Hands out tensors by name and shape, and knows which nobody asked for. */
export class TensorBin {
  private readonly left: Map<string, Tensor>;

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.left = new Map(tensors);
  }

  /** Rows of a matrix that may be there. */
  rows(name: string): number {
    return this.left.get(name)?.shape[1] ?? 0;
  }

  columns(name: string): number {
    return this.left.get(name)?.shape[0] ?? 0;
  }

  has(name: string): boolean {
    return this.left.has(name);
  }

  /** The tensor of that name; its shape has to be `shape` (trailing ones aside). */
  take(name: string, shape: readonly number[]): Tensor {
    const tensor = this.left.get(name);
    if (!tensor)
      throw new UserError(
        'bad-file',
        `The file lacks the tensor ${quote(name)}.`,
        'Export it again with a current converter.',
      );
    if (trim(tensor.shape) !== trim(shape)) {
      throw new UserError(
        'bad-file',
        `Tensor ${quote(name)} has shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}].`,
      );
    }
    this.left.delete(name);
    return { ...tensor, shape };
  }

  /** Leaves out the layers that are not run. */
  dropLayers(from: number, to: number): void {
    for (const name of this.left.keys()) {
      const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1]);
      if (layer >= from && layer < to) this.left.delete(name);
    }
  }

  /** A tensor nobody asked for would be ignored silently, and the results wrong: so it is refused. */
  assertEmpty(architecture: string): void {
    const [name] = this.left.keys();
    if (name === undefined) return;
    throw new UserError(
      'unsupported-model',
      `The file carries the tensor ${quote(name)}, which ${architecture} has no use for here.`,
    );
  }
}

const trim = (shape: readonly number[]): string => {
  let length = shape.length;
  while (length > 1 && shape[length - 1] === 1) length--;
  return shape.slice(0, length).join('×');
};
