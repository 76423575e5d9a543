/** x·Wᵀ, embedding and RMSNorm in f64. Matrices are row-major: x [T, K], W [N, K]. */

export function matmul(x: Float64Array, w: Float32Array | Float64Array, columns: number): Float64Array {
  const tokens = x.length / columns;
  const rows = w.length / columns;
  const y = new Float64Array(tokens * rows);
  for (let t = 0; t < tokens; t++) {
    for (let n = 0; n < rows; n++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += x[t * columns + i] * w[n * columns + i];
      y[t * rows + n] = sum;
    }
  }
  return y;
}

/** x[t] = scale · table[tokens[t]] */
export function embed(table: Float64Array, tokens: ArrayLike<number>, width: number, scale: number): Float64Array {
  return Float64Array.from(
    { length: tokens.length * width },
    (_, i) => scale * table[tokens[Math.floor(i / width)] * width + (i % width)],
  );
}

/** y = x / √(mean(x²) + ε) · weight, row by row of `weight.length` values. */
export function rmsNorm(x: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  const width = weight.length;
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += x[row + i] ** 2;
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) y[row + i] = x[row + i] * factor * weight[i];
  }
  return y;
}
