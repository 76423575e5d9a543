/** What the networks that are trained have in common: a block's sizes, and where each tensor lies in the flat parameters. */

export interface BlockShape {
  /** D. A multiple of 4, as H is. */
  readonly width: number;
  readonly layers: number;
  /** H of one expert. */
  readonly hidden: number;
  /** E. 1: no router, a dense block. */
  readonly experts: number;
  readonly k: number;
}

export interface Tensor {
  readonly kind:
    | ('in' | 'norm' | 'router' | 'up' | 'down' | 'out')
    | ('embedding' | 'position' | 'attention norm' | 'qkv' | 'mix');
  /** The final norm has the number after the last layer's. */
  readonly layer: number;
  /** First float among the parameters. */
  readonly offset: number;
  readonly experts: number;
  /** Row-major [experts, rows, columns]; columns and rows are padded to multiples of 4 (a norm has one row). */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns that are in use. */
  readonly used: readonly [rows: number, columns: number];
  /** Standard deviation at the start; null: all ones. */
  readonly deviation: number | null;
}

export interface Layout {
  readonly tensors: readonly Tensor[];
  /** Floats, padding included. */
  readonly size: number;
  /** Weight decay shrinks what lies from this float on. */
  readonly decaysFrom: number;
  /** E, padded. */
  readonly gates: number;
  /** Columns of what the router reads, padded. */
  readonly routed: number;
}

/** Offsets of tensors are multiples of it: 256 bytes, as WebGPU demands of bindings. */
const ALIGNMENT = 64;

export const pad4 = (count: number): number => Math.ceil(count / 4) * 4;
export const align = (floats: number): number => Math.ceil(floats / ALIGNMENT) * ALIGNMENT;

/** One tensor after the other. */
export class TensorList {
  readonly tensors: Tensor[] = [];
  size = 0;

  add(
    kind: Tensor['kind'],
    layer: number,
    experts: number,
    used: readonly [number, number],
    deviation: number | null,
  ): void {
    const [rows, columns] = [used[0] === 1 ? 1 : pad4(used[0]), pad4(used[1])];
    this.tensors.push({ kind, layer, offset: this.size, experts, rows, columns, used, deviation });
    this.size = align(this.size + experts * rows * columns);
  }
}

/** @throws RangeError */
export function checkBlock({ width, hidden, experts, k }: BlockShape): void {
  if (width % 4 || hidden % 4 || k < 1 || k > experts)
    throw new RangeError(`D ${width}, H ${hidden}, k ${k} of ${experts} experts is no shape.`);
}

export const tensorOf = ({ tensors }: Layout, kind: Tensor['kind'], layer = 0): Tensor | undefined =>
  tensors.find((tensor) => tensor.kind === kind && tensor.layer === layer);

/** Parameters in use: all of them, and those that one row passes through. */
export function parametersOf({ tensors }: Layout, k: number): { total: number; active: number } {
  const of = (experts: (tensor: Tensor) => number) =>
    tensors.reduce((sum, tensor) => sum + experts(tensor) * tensor.used[0] * tensor.used[1], 0);
  return { total: of(({ experts }) => experts), active: of(({ experts }) => Math.min(experts, k)) };
}

/** Weights of the matrices that one row is multiplied with. */
export function multipliedWeights({ tensors }: Layout, k: number): number {
  const looked = ['norm', 'attention norm', 'embedding', 'position'];
  const products = tensors.filter(({ kind }) => !looked.includes(kind));
  return products.reduce((sum, { experts, used }) => sum + Math.min(experts, k) * used[0] * used[1], 0);
}
