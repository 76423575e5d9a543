/** What every kernel of a trainer is made with. */
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { ceilDiv, planKernel, type read, WORKGROUP, type write } from '../kernels/kernel.ts';

type Bound = ReturnType<typeof read> | ReturnType<typeof write>;

/** Snippets and source, constants, buffers, and how many invocations it takes. */
export type KernelMaker = (
  name: string,
  sources: readonly string[],
  constants: Record<string, number>,
  buffers: readonly Bound[],
  invocations: number,
) => Promise<Dispatch>;

/** @param pass uniform with the rows of a pass. */
export const kernelMaker =
  (gpu: Gpu, pass: GPUBuffer): KernelMaker =>
  (name, sources, constants, buffers, invocations) => {
    const groups = ceilDiv(invocations, WORKGROUP);
    return planKernel(gpu, { name, sources, constants, buffers, pass, grid: () => [groups, 1, 1] });
  };
