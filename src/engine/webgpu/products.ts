/** Products of a pass's rows with a matrix, for the few tokens of decode by rows and for many by tiles; and what goes with them. */
import type { Dispatch } from '../../gpu/types.ts';
import { addBias } from '../../kernels/addBias.ts';
import { gemv } from '../../kernels/gemv.ts';
import { matmul, type Place } from '../../kernels/matmul.ts';
import { rmsNorm } from '../../kernels/rmsNorm.ts';
import type { WeightMatrix } from '../../kernels/weights.ts';
import type { Site } from './activations.ts';

export const FEW = false;
export const MANY = true;

/** What products read: rows that are normed on the way, or already. */
export interface Input {
  readonly x: GPUBuffer;
  readonly norm: { readonly epsilon: number } | null;
  readonly normWeight?: GPUBuffer;
}

/** x, normed: by the product itself where it can be, else by the dispatches that come first. */
export function inputOf(
  { gpu, config, a }: Site,
  many: boolean,
  normWeight: GPUBuffer,
  bias: GPUBuffer | null,
): Input & { readonly first: Promise<Dispatch>[] } {
  const { width, normEpsilon: epsilon } = config;
  if (!many && !bias) return { x: a.x, norm: { epsilon }, normWeight, first: [] };
  const normed = rmsNorm(gpu, { width, epsilon }, { x: a.x, weight: normWeight, y: a.h, pass: a.pass });
  return { x: a.h, norm: null, first: [normed, ...added({ gpu, a }, width, bias, a.h)] };
}

/** y = scale · W·x, or y += the same. */
export function product(
  { gpu, a: { pass } }: Site,
  many: boolean,
  { x, norm, normWeight }: Input,
  {
    weight,
    y,
    accumulate = false,
    scale = 1,
    place,
  }: { weight: WeightMatrix; y: GPUBuffer; accumulate?: boolean; scale?: number; place?: Place },
): Promise<Dispatch> {
  const what = { weight, accumulate, scale, ...(place && { place }) };
  return many ? matmul(gpu, what, { x, y, pass }) : gemv(gpu, { ...what, norm }, { x, normWeight, y, pass });
}

/** y += bias in every row, or in the only one, where there is one. */
export const added = (
  { gpu, a: { pass } }: Pick<Site, 'gpu' | 'a'>,
  width: number,
  bias: GPUBuffer | null,
  y: GPUBuffer,
  alone = false,
): Promise<Dispatch>[] => (bias ? [addBias(gpu, { width, alone }, { bias, y, pass })] : []);

/** Where a part of a branch goes, and whether it is added to what is there. */
export interface Target {
  readonly y: GPUBuffer;
  readonly accumulate: boolean;
  readonly scale: number;
}

/** Dispatches that make a branch, and what adds it to x: normed first, in a model that does so. */
export function intoX(
  { gpu, config, a }: Site,
  norm: GPUBuffer | null,
  branch: (target: Target) => Promise<Dispatch>[],
  scaled = false,
): Promise<Dispatch>[] {
  const { width, normEpsilon: epsilon, residualScale } = config;
  if (!norm || !a.branch) return branch({ y: a.x, accumulate: true, scale: residualScale });
  return [
    ...branch({ y: a.branch, accumulate: false, scale: 1 }),
    rmsNorm(
      gpu,
      { width, epsilon, accumulate: residualScale, scaled },
      { x: a.branch, weight: norm, y: a.x, pass: a.pass },
    ),
  ];
}

/** Dispatches that make a part of a branch, normed by itself in a model that does so. */
export function part(
  { gpu, config, a }: Site,
  norm: GPUBuffer | null,
  { y, accumulate, scale }: Target,
  make: (target: Target) => Promise<Dispatch>[],
): Promise<Dispatch>[] {
  if (!norm || !a.part) return make({ y, accumulate, scale });
  const { width, normEpsilon: epsilon } = config;
  return [
    ...make({ y: a.part, accumulate: false, scale: 1 }),
    rmsNorm(
      gpu,
      { width, epsilon, ...(accumulate && { accumulate: scale }) },
      { x: a.part, weight: norm, y, pass: a.pass },
    ),
  ];
}
