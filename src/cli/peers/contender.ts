/** What every engine has to offer to be timed: one call from values in memory to values in memory. */
import type { LayerShape } from '../bench/experts.ts';

export interface Contender {
  run(): Promise<Float32Array>;
  destroy(): unknown;
  /** Where it ran, when that is not plain. */
  readonly note?: string;
}

/** Four-bit weights: value = (code − 8) · scale, a scale to 32 neighbouring columns. */
export interface Q4 {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
}

type Matrices<T> = { readonly gate: T; readonly up: T; readonly down: T };

/** A layer as all contenders get it; f32 holds exactly what the codes stand for. Row by row, outputs × inputs. */
export interface LayerData {
  readonly shape: LayerShape;
  readonly x: Float32Array<ArrayBuffer>; // [T, D]
  readonly router: Float32Array; // [E, D]
  readonly f32: Matrices<Float32Array>; // gate and up [E, H, D], down [E, D, H]
  readonly q4: Matrices<Q4>;
}

export interface MatmulShape {
  readonly M: number;
  readonly K: number;
  readonly N: number;
}

/** y = a·b. a: [M, K], b: [K, N], and the same with the rows of b's transpose, as engines store weights. */
export interface MatmulData {
  readonly shape: MatmulShape;
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
  readonly bT: Float32Array<ArrayBuffer>; // [N, K]
}

/** Loads a module of a peer's package. */
export const PEERS_PATH = '/moe-peers/';

export const load = (path: string): Promise<Record<string, unknown>> => import(/* @vite-ignore */ PEERS_PATH + path);

export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = matrix[row * columns + column];
  }
  return turned;
}
