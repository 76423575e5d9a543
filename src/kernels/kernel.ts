/** What every kernel module is made with: WGSL snippets joined, buffers bound in order, a Dispatch at the end. */

import passSource from '../../shaders/lib/pass.wgsl?raw';
import reduceAlone from '../../shaders/lib/reduce_alone.wgsl?raw';
import reduceLanes from '../../shaders/lib/reduce_lanes.wgsl?raw';
import reduceSubgroup from '../../shaders/lib/reduce_subgroup.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';

/** A whole buffer, or a part of one (offset a multiple of 256). */
export type Binding = GPUBuffer | GPUBufferBinding;

/** Invocations in a workgroup of every kernel that does not say otherwise. */
export const WORKGROUP = 64;

export interface KernelPlan {
  readonly name: string;
  /** Snippets from shaders/lib, then the kernel's own source. */
  readonly sources: readonly string[];
  /** What the sources need and WGSL wants in front of everything else, such as `enable subgroups;`. */
  readonly directives?: readonly string[];
  readonly constants?: Record<string, number>;
  /** In the order of the shader's bindings; the pass state comes after them, as a uniform. */
  readonly buffers: readonly (readonly [GPUBufferBindingType, Binding])[];
  readonly pass: Binding;
  /** Only the sampler writes the pass state, and a router that may stop the pass. */
  readonly passType?: GPUBufferBindingType;
  readonly grid: Dispatch['grid'];
}

export async function planKernel(gpu: Gpu, plan: KernelPlan): Promise<Dispatch> {
  const bound = [...plan.buffers, [plan.passType ?? 'uniform', plan.pass] as const];
  const pipeline = await gpu.pipeline({
    name: plan.name,
    code: [...(plan.directives ?? []), passSource, ...plan.sources].join('\n'),
    constants: plan.constants,
    bindings: bound.map(([type]) => type),
  });
  const bindGroup = gpu.device.createBindGroup({
    label: plan.name,
    layout: pipeline.getBindGroupLayout(0),
    entries: bound.map(([, resource], binding) => ({
      binding,
      resource: 'buffer' in resource ? resource : { buffer: resource },
    })),
  });
  return { name: plan.name, pipeline, bindGroup, grid: plan.grid };
}

export const read = (binding: Binding) => ['read-only-storage', binding] as const;
export const write = (binding: Binding) => ['storage', binding] as const;
export const uniform = (binding: Binding) => ['uniform', binding] as const;

/**
 * In front of kernels whose quads read together. All of a quad go the same way through them, which the analysis cannot see:
 * it takes a loop that starts at `local % LANES` for one that may differ, and so what subgroupAny() returns.
 */
export const QUADS = ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'];

/** How neighbouring invocations add up what they have found: sum_lanes() and what it needs. */
export interface Reduction {
  readonly lanes: number;
  readonly directives: readonly string[];
  readonly source: string;
  readonly constants: Record<string, number>;
}

/** WGSL knows no smaller subgroups. */
const LEAST_SUBGROUP = 4;

/** @param lanes invocations to a row; where they share a subgroup, no more than the adapter's smallest has. */
export function reduction({ device, tuning }: Gpu, lanes = tuning.lanes): Reduction {
  if (![1, 2, 4, 8, 16, 32, 64].includes(lanes))
    throw new RangeError(`lanes must be a power of 2 up to 64, not ${lanes}.`);
  if (lanes === 1) return { lanes, directives: [], source: reduceAlone, constants: {} };
  if (tuning.share === 'memory') return { lanes, directives: [], source: reduceLanes, constants: { LANES: lanes } };
  const most = Math.min(lanes, device.adapterInfo?.subgroupMinSize ?? LEAST_SUBGROUP);
  return { lanes: most, directives: ['enable subgroups;'], source: reduceSubgroup, constants: { LANES: most } };
}

export const ceilDiv = (count: number, size: number): number => Math.ceil(count / size);
