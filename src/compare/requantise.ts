/** What becomes of the experts' values when they are kept in fewer bits than they have: rounded as ggml does, in f32 again. */
import { dequantise } from '../model/dequantise.ts';
import type { LayerWeights, Model, Tensor } from '../model/types.ts';
import { nearestHalf } from '../reference/half.ts';

/** Values that share a scale. */
const BLOCK = 32;
const MATRICES = ['gate', 'up', 'down'] as const;

export type Rounding = 'q8_0' | 'q4_0';

const CODES: Readonly<Record<Rounding, { readonly least: number; readonly most: number }>> = {
  q8_0: { least: -127, most: 127 },
  q4_0: { least: -8, most: 7 },
};

/** Rows of `columns` values. A block is 32 neighbours of a row, or, `across`, what stands in one column of 32 rows. */
export function rounded(values: Float32Array, columns: number, rounding: Rounding, across = false): Float32Array {
  const { least, most } = CODES[rounding];
  const out = new Float32Array(values.length);
  const rows = values.length / columns;
  const [lines, length, apart] = across ? [columns, rows, columns] : [rows, columns, 1];
  for (let line = 0; line < lines; line++) {
    const from = across ? line : line * columns;
    for (let at = 0; at < length; at += BLOCK) {
      const first = from + at * apart;
      const end = from + Math.min(at + BLOCK, length) * apart;
      let largest = 0;
      for (let i = first; i < end; i += apart) if (Math.abs(values[i]) > Math.abs(largest)) largest = values[i];
      // The largest gets the code that is farthest from 0.
      const scale = nearestHalf(largest / least);
      if (scale === 0) continue;
      for (let i = first; i < end; i += apart)
        out[i] = scale * Math.min(most, Math.max(least, Math.round(values[i] / scale)));
    }
  }
  return out;
}

export interface Requantised {
  readonly model: Model;
  /** √(Σ change² / Σ value²) over all experts' weights. */
  readonly change: number;
}

/**
 * The same model with its experts' matrices in fewer bits. Where a file has them in these very blocks nothing would change:
 * there blocks go across the rows, so that the values of one meet 32 scales of the file.
 */
export function requantised(model: Model, rounding: Rounding): Requantised {
  let [changed, all] = [0, 0];
  const matrix = ({ name, shape, ...tensor }: Tensor): Tensor => {
    const values = dequantise(tensor);
    const coarse = rounded(values, shape[0], rounding, tensor.type === rounding);
    for (let i = 0; i < values.length; i++) {
      changed += (coarse[i] - values[i]) ** 2;
      all += values[i] ** 2;
    }
    return { name, shape, type: 'f32', data: new Uint8Array(coarse.buffer) };
  };
  const coarser = (layer: LayerWeights): LayerWeights =>
    layer.router ? { ...layer, ...Object.fromEntries(MATRICES.map((name) => [name, matrix(layer[name])])) } : layer;
  const layers = model.weights.layers.map(coarser);
  return { model: { ...model, weights: { ...model.weights, layers } }, change: Math.sqrt(changed / all) };
}
