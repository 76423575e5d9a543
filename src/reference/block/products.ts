/** The three matrix products of a training step, on parts of flat arrays. All matrices are row-major. */
import type { Floats } from './weights.ts';

/** y = x · w. x: [rows, inner], w: [inner, columns]. */
export function multiply(
  x: Floats,
  w: Floats,
  wAt: number,
  y: Floats,
  rows: number,
  inner: number,
  columns: number,
  xAt = 0,
  yAt = 0,
): void {
  for (let row = 0; row < rows; row++) {
    const to = yAt + row * columns;
    for (let c = 0; c < columns; c++) y[to + c] = 0;
    for (let i = 0; i < inner; i++) {
      const value = x[xAt + row * inner + i];
      const from = wAt + i * columns;
      for (let c = 0; c < columns; c++) y[to + c] += value * w[from + c];
    }
  }
}

/** dx += scale · dy · wᵀ. dy: [rows, columns], w: [inner, columns], dx: [rows, inner]. */
export function multiplyBack(
  dy: Floats,
  w: Floats,
  wAt: number,
  dx: Floats,
  rows: number,
  inner: number,
  columns: number,
  { dyAt = 0, dxAt = 0, scale = 1 } = {},
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += dy[dyAt + row * columns + c] * w[wAt + i * columns + c];
      dx[dxAt + row * inner + i] += scale * sum;
    }
  }
}

/** dw += scale · xᵀ · dy. */
export function multiplyOut(
  x: Floats,
  dy: Floats,
  dw: Floats,
  dwAt: number,
  rows: number,
  inner: number,
  columns: number,
  { xAt = 0, dyAt = 0, scale = 1 } = {},
): void {
  for (let row = 0; row < rows; row++) {
    const from = dyAt + row * columns;
    for (let i = 0; i < inner; i++) {
      const value = scale * x[xAt + row * inner + i];
      const to = dwAt + i * columns;
      for (let c = 0; c < columns; c++) dw[to + c] += value * dy[from + c];
    }
  }
}
