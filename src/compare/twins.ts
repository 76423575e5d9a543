/**
 * Dense twins of a MoE layer, cut from its own weights: experts 0..n−1 side by side are one dense SwiGLU of n·H hidden
 * units (gate and up are stacked, down's columns are joined), so the twin multiplies the very same numbers.
 */
import { BLOCKS } from '../model/tensorTypes.ts';
import type { LayerWeights, Tensor, TensorType } from '../model/types.ts';

export function bytesPerWeight(type: TensorType): number {
  const { values, bytes } = BLOCKS[type];
  return bytes / values;
}

function rowBytes({ type, shape }: Tensor): number {
  return shape[0] * bytesPerWeight(type);
}

/** gate or up: [D, H, E] → [D, n·H]. The first n experts already lie one after the other. */
function stackExperts(tensor: Tensor, n: number): Tensor {
  const [columns, rows] = tensor.shape;
  return {
    name: `${tensor.name} of ${n} experts`,
    type: tensor.type,
    shape: [columns, rows * n, 1],
    data: tensor.data.subarray(0, rowBytes(tensor) * rows * n),
  };
}

/** down: [H, D, E] → [n·H, D]. Row d of the twin is row d of expert 0, of expert 1, … */
function joinColumns(tensor: Tensor, n: number): Tensor {
  const [columns, rows] = tensor.shape;
  const bytes = rowBytes(tensor);
  const data = new Uint8Array(bytes * n * rows);
  for (let row = 0; row < rows; row++) {
    for (let expert = 0; expert < n; expert++) {
      const from = (expert * rows + row) * bytes;
      data.set(tensor.data.subarray(from, from + bytes), (row * n + expert) * bytes);
    }
  }
  return { name: `${tensor.name} of ${n} experts`, type: tensor.type, shape: [columns * n, rows, 1], data };
}

/** The FFN of `layer` as a dense one of n experts' width. */
export function denseTwin(layer: LayerWeights, n: number): Pick<LayerWeights, 'gate' | 'up' | 'down'> {
  return {
    gate: stackExperts(layer.gate, n),
    up: stackExperts(layer.up, n),
    down: joinColumns(layer.down, n),
  };
}
