/** Weights that are no numbers: one of them can make everything that a model writes nonsense, without any error. */
import { dequantise } from './dequantise.ts';
import { quote } from './gguf.ts';
import { BLOCKS } from './tensorTypes.ts';
import type { Tensor } from './types.ts';

/** How many values are NaN or infinite. Looks at exponents alone, in place: a fraction of what an upload takes. */
export function countNonFinite({ type, data }: Pick<Tensor, 'type' | 'data'>): number {
  let count = 0;
  if (type === 'f32') {
    // The exponent is the low seven bits of the last byte and the top bit of the one before.
    for (let i = 3; i < data.length; i += 4) if ((data[i] & 0x7f) === 0x7f && data[i - 1] >= 0x80) count++;
    return count;
  }
  if (type === 'bf16') {
    for (let i = 1; i < data.length; i += 2) if ((data[i] & 0x7f) === 0x7f && data[i - 1] >= 0x80) count++;
    return count;
  }
  const { values, bytes, halves } = BLOCKS[type];
  const [first, second = first] = halves;
  if (type === 'mxfp4') {
    // The exponents alone are finite; the three largest make numbers that f32 cannot hold.
    for (let i = 0; i < data.length; i += bytes)
      if (data[i] >= 253)
        count += dequantise({ type, data: data.subarray(i, i + bytes) }).filter(
          (value) => !Number.isFinite(value),
        ).length;
    return count;
  }
  // No block has more than two such factors.
  for (let i = 1; i < data.length; i += bytes)
    if ((data[i + first] & 0x7c) === 0x7c || (data[i + second] & 0x7c) === 0x7c) count += values;
  return count;
}

/** Counts over the tensors of a file, or over pieces of them. */
export class NonFinite {
  private count = 0;
  private first = '';

  add(tensor: Pick<Tensor, 'name' | 'type' | 'data'>): void {
    const found = countNonFinite(tensor);
    if (found > 0) this.first ||= tensor.name;
    this.count += found;
  }

  /** What to say of the weights, or null when all of them are numbers. */
  warning(): string | null {
    return this.count === 0 ? null : sentence(this.count, this.first);
  }
}

/** What to say of a file's weights, or null when all of them are numbers. */
export function nonFiniteWarning(tensors: Iterable<Tensor>): string | null {
  const found = new NonFinite();
  for (const tensor of tensors) found.add(tensor);
  return found.warning();
}

function sentence(count: number, first: string): string {
  const are = count === 1 ? 'One weight of this file is' : `${count.toLocaleString('en')} weights of this file are`;
  return `${are} NaN or infinite (the first in ${quote(first)}), so what the model writes may be nonsense.`;
}
