/**
 * One FFN block as a list of dispatches with the engine's own kernels: routed, or dense. A dense one is a plain GEMV or
 * GEMM with SwiGLU fused in and its sum added where it belongs: it has nothing to route, to plan or to combine. A shared
 * expert is a dense FFN beside either.
 */
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { combine } from '../kernels/combine.ts';
import { expertDown } from '../kernels/expertDown.ts';
import { expertUp } from '../kernels/expertUp.ts';
import { groupedDown } from '../kernels/groupedDown.ts';
import { denseUp, groupedUp } from '../kernels/groupedUp.ts';
import { matmul } from '../kernels/matmul.ts';
import { plan } from '../kernels/plan.ts';
import { rmsNorm } from '../kernels/rmsNorm.ts';
import { route } from '../kernels/route.ts';
import type { WeightMatrix } from '../kernels/weights.ts';
import type { GateRule } from '../reference/gate.ts';
import type { BlockBuffers, BlockSize, FfnBuffers } from './blockBuffers.ts';
import type { SegmentName } from './contract.ts';

export interface FfnWeights {
  readonly gateUp: WeightMatrix; // [E, 2H, D]
  readonly down: WeightMatrix; // [E, D, H]
}

export interface BlockWeights extends FfnWeights {
  readonly norm: GPUBuffer; // [D]
  readonly router: GPUBuffer | null; // [E, D]; null for a dense block
  /** gate: [D], whose sigmoid weighs it; null: weight 1. */
  readonly shared: (FfnWeights & { readonly gate: GPUBuffer | null }) | null;
}

export interface Step {
  readonly segment: SegmentName;
  readonly dispatch: Dispatch;
}

/** Which kernels: decode's (GEMV, expert ids read in the kernel) or prefill's (grouped GEMM over the tiles of a plan). */
export type Path = 'few' | 'many';

interface Site {
  readonly gpu: Gpu;
  readonly size: BlockSize;
  readonly norm: GPUBuffer;
  readonly b: BlockBuffers;
  readonly x: GPUBuffer;
}

type Steps = Promise<Step>[];

/** A gated shared expert is routed to by a router of one. */
const SHARED_GATE: GateRule = { gate: 'sigmoid', selectionBias: false, groups: null, normalise: false, scale: 1 };

const step = async (segment: SegmentName, dispatch: Promise<Dispatch>): Promise<Step> => ({
  segment,
  dispatch: await dispatch,
});

/** The dispatches of one block over x [T, D], which it adds to. What reads x comes before what writes it. */
export function planBlock(
  gpu: Gpu,
  size: BlockSize,
  weights: BlockWeights,
  b: BlockBuffers,
  x: GPUBuffer,
  path: Path,
): Promise<Step[]> {
  const { norm, router, shared } = weights;
  const site: Site = { gpu, size, norm, b, x };
  const { read, write } = router ? routed[path](site, weights, router) : dense[path](site, weights, b);
  if (!shared || !b.shared) return Promise.all([...read, ...write]);
  const beside = { ...site, size: { ...size, hidden: size.sharedHidden, slabs: 1 } };
  const second = router ? sharedOf[path](beside, shared, b.shared, shared.gate) : dense[path](beside, shared, b.shared);
  const all = [...read, ...second.read.map(asShared), ...write, ...second.write.map(asShared)];
  return Promise.all(all);
}

const asShared = async (planned: Promise<Step>): Promise<Step> => ({ ...(await planned), segment: 'shared' });

interface Plan {
  readonly read: Steps;
  readonly write: Steps;
}

function choose({ gpu, size, norm, b, x }: Site, router: GPUBuffer, rule: GateRule, to: FfnBuffers): Promise<Step> {
  const { width, epsilon } = size;
  const shape = { width, experts: to.experts, slots: to.k, normaliseGates: false, rule, epsilon };
  return step('route', route(gpu, shape, { ...to, h: b.h, x, normWeight: norm, router, pass: b.pass }));
}

const routed: Readonly<Record<Path, (site: Site, weights: FfnWeights, router: GPUBuffer) => Plan>> = {
  few(site, { gateUp, down }, router) {
    const { gpu, size, b, x } = site;
    const { k, scale, activation } = size;
    return {
      read: [choose(site, router, size.rule, b), step('up', expertUp(gpu, { gateUp, k, activation }, b))],
      write: [step('down', expertDown(gpu, { down, k, scale }, { ...b, x }))],
    };
  },
  many(site, weights, router) {
    const { gpu, size, b } = site;
    const { read, write } = grouped(site, weights, b);
    return { read: [choose(site, router, size.rule, b), step('plan', plan(gpu, size, b)), ...read], write };
  },
};

/** Grouped GEMMs over what is planned already, and the weighted sum. */
function grouped({ gpu, size, b, x }: Site, { gateUp, down }: FfnWeights, to: FfnBuffers): Plan {
  const { width, scale, activation } = size;
  const [{ k }, ffn] = [to, { ...to, h: b.h, pass: b.pass }];
  return {
    read: [
      step('up', groupedUp(gpu, { gateUp, k, activation }, ffn)),
      step('down', groupedDown(gpu, { down, k }, { ...ffn, y: to.expertOut })),
    ],
    write: [step('combine', combine(gpu, { width, k, scale }, { ...ffn, y: to.expertOut, x }))],
  };
}

/** The shared expert of a routed block, which has normed x already. */
const sharedOf: Readonly<
  Record<Path, (site: Site, weights: FfnWeights, to: FfnBuffers, gate: GPUBuffer | null) => Plan>
> = {
  few(site, { gateUp, down }, to, gate) {
    const { gpu, size, b, x } = site;
    const { scale, activation } = size;
    const ffn = { ...to, h: b.h, pass: b.pass };
    return {
      read: [
        ...(gate ? [choose(site, gate, SHARED_GATE, to)] : []),
        step('up', expertUp(gpu, { gateUp, k: 1, activation }, ffn)),
      ],
      write: [step('down', expertDown(gpu, { down, k: 1, scale }, { ...ffn, x }))],
    };
  },
  many(site, weights, to, gate) {
    if (!gate) return plain(site, weights, to);
    const { read, write } = grouped(site, weights, to);
    return { read: [choose(site, gate, SHARED_GATE, to), ...read], write };
  },
};

/** GEMM with SwiGLU, and GEMM that adds: over h. */
function plain({ gpu, size, b, x }: Site, { gateUp, down }: FfnWeights, to: FfnBuffers): Plan {
  const { scale, activation } = size;
  const sum = { x: to.activated, y: x, pass: b.pass };
  return {
    read: [step('up', denseUp(gpu, { gateUp, activation }, { activated: to.activated, h: b.h, pass: b.pass }))],
    write: [step('down', matmul(gpu, { weight: down, accumulate: true, scale }, sum))],
  };
}

const dense: Readonly<Record<Path, (site: Site, weights: FfnWeights, to: FfnBuffers) => Plan>> = {
  few({ gpu, size, norm, b, x }, weights, to) {
    const { epsilon, scale, activation, slabs: k } = size;
    const [gateUp, down] = [slab(weights.gateUp, k, 'rows'), slab(weights.down, k, 'columns')];
    const ffn = { ...to, slots: to.slabSlots, pass: b.pass };
    return {
      read: [
        step('up', expertUp(gpu, { gateUp, k, norm: { epsilon }, activation }, { ...ffn, h: x, normWeight: norm })),
      ],
      write: [step('down', expertDown(gpu, { down, k, scale }, { ...ffn, x }))],
    };
  },
  many(site, weights, to) {
    const { gpu, size, norm, b, x } = site;
    const { width, epsilon } = size;
    const { read, write } = plain(site, weights, to);
    const normed = step('up', rmsNorm(gpu, { width, epsilon }, { x, weight: norm, y: b.h, pass: b.pass }));
    return { read: [normed, ...read], write };
  },
};

const slab = (matrix: WeightMatrix, slabs: number, axis: 'rows' | 'columns'): WeightMatrix => ({
  ...matrix,
  [axis]: matrix[axis] / slabs,
  experts: matrix.experts * slabs,
});
