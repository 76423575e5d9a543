/** How large the outputs of one token's experts are, in f64. */
import { NO_EXPERT } from './route.ts';

const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/**
 * ‖y_j‖₂ of every slot (0 where unused), then ‖Σ_j weight_j · y_j‖₂, then ‖x‖₂. y: [S, D], ids and weights: [S], x: [D].
 */
export function slotNorms(
  y: Float64Array,
  ids: ArrayLike<number>,
  weights: ArrayLike<number>,
  x: Float64Array,
): Float64Array {
  const width = x.length;
  const sum = new Float64Array(width);
  const outputs = Array.from(ids, (id, slot) => {
    if (id === NO_EXPERT) return 0;
    const row = y.subarray(slot * width, (slot + 1) * width);
    for (let i = 0; i < width; i++) sum[i] += weights[slot] * row[i];
    return norm(row);
  });
  return Float64Array.from([...outputs, norm(sum), norm(x)]);
}
