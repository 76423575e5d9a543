/** The dispatches of a block, forward and backward, in order. */
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import type { Binding } from '../../kernels/kernel.ts';
import { plan } from '../../kernels/plan.ts';
import { EPSILON } from '../../reference/block/forward.ts';
import { type BlockShape, type Layout, type Tensor, tensorOf } from '../../reference/block/layout.ts';
import type { Recipe } from '../../reference/block/optimise.ts';
import type { Planner } from '../kernels.ts';
import { MOST_STEPS } from '../types.ts';
import { type Activations, type Gradients, type Parameters, part, routersOf, tensorIn } from './memory.ts';

/** @param weights those in training, or their average. @param off experts that are not to be chosen. */
export interface Source {
  readonly weights: GPUBuffer;
  readonly off: GPUBuffer;
}

/** Finds the binding of a tensor among the weights. */
export const tensorsIn =
  (layout: Layout, weights: GPUBuffer) =>
  (kind: Tensor['kind'], layer = 0): Binding =>
    tensorIn(weights, tensorOf(layout, kind, layer)!);

/** x → to. @param read what the router reads; null: what the experts read. */
export function planBlock(
  gpu: Gpu,
  planner: Planner,
  memory: Parameters & Activations,
  { width, hidden, experts, k }: BlockShape,
  layer: number,
  { weights, off }: Source,
  { x, read, to }: { x: Binding; read: Binding | null; to: Binding },
): Promise<Dispatch>[] {
  const { layout, stride } = memory;
  const bound = tensorsIn(layout, weights);
  const group = memory.groups[layer];
  const [h, factor] = [memory.h[layer], memory.factor[layer]];
  const dispatches = [planner.norm({ width, epsilon: EPSILON }, { x, weight: bound('norm', layer), h, factor })];
  if (experts > 1) {
    const scores = memory.scores[layer];
    dispatches.push(
      planner.product(
        memory.whole,
        { inner: layout.routed, columns: layout.gates },
        { x: read ?? h, weights: bound('router', layer), y: scores },
      ),
      planner.gate(
        { experts, gates: layout.gates, k },
        {
          bias: part(memory.bias, layer * stride, stride),
          off: part(off, layer * stride, stride),
          scores,
          slots: group.slots,
        },
      ),
      plan(gpu, group, { ...group, pass: memory.pass }),
    );
  }
  const [gateUp, active, y] = [memory.gateUp[layer], memory.active[layer], memory.y[layer]];
  dispatches.push(
    planner.swigluUp(group, { width, hidden }, { h, weights: bound('up', layer), gateUp, active }),
    planner.product(group, { inner: hidden, columns: width }, { x: active, weights: bound('down', layer), y }),
    planner.addUp({ width, k }, { x, y, slots: group.slots, sum: to }),
  );
  return dispatches;
}

/** The last norm and the matrix after it. */
export function planHead(
  planner: Planner,
  memory: Parameters & Activations,
  { width, layers }: BlockShape,
  { weights }: Source,
  { columns, y }: { columns: number; y: Binding },
): Promise<Dispatch>[] {
  const bound = tensorsIn(memory.layout, weights);
  const [x, h, factor] = [memory.x[layers], memory.h[layers], memory.factor[layers]];
  return [
    planner.norm({ width, epsilon: EPSILON }, { x, weight: bound('norm', layers), h, factor }),
    planner.product(memory.whole, { inner: width, columns }, { x: h, weights: bound('out'), y }),
  ];
}

type Memory = Parameters & Activations & Gradients;

export function planHeadBack(
  planner: Planner,
  memory: Memory,
  { width, layers }: BlockShape,
  { columns, dy, dx }: { columns: number; dy: Binding; dx: Binding },
): Promise<Dispatch>[] {
  const { layout, whole, weights, partsOf, dh } = memory;
  const [out, norm] = [tensorOf(layout, 'out')!, tensorOf(layout, 'norm', layers)!];
  return [
    planner.gradient(whole, { inner: width, outer: columns }, { x: memory.h[layers], dy, parts: partsOf(out) }),
    planner.product(
      whole,
      { inner: columns, columns: width, transposed: true },
      { x: dy, weights: tensorIn(weights, out), y: dh },
    ),
    planner.normBack(
      { width, k: 1 },
      {
        ...{ dy: dh, routed: null, residual: null },
        ...{ x: memory.x[layers], factor: memory.factor[layers], weight: tensorIn(weights, norm) },
      },
      { dx, parts: partsOf(norm) },
    ),
  ];
}

/** From the gradient of what comes out to that of what went in. @param x, read as in the forward pass. */
export function planBlockBack(
  planner: Planner,
  memory: Memory,
  { width, hidden, experts, k }: BlockShape,
  layer: number,
  { x, read, dOut, dIn }: { x: Binding; read: Binding | null; dOut: Binding; dIn: Binding },
): Promise<Dispatch>[] {
  const { layout, partsOf, whole, weights, dGateUp, dScores, dh, dRouted } = memory;
  const group = memory.groups[layer];
  const tensor = (kind: Tensor['kind']) => tensorOf(layout, kind, layer)!;
  const bound = (tensor: Tensor) => tensorIn(weights, tensor);
  const h = memory.h[layer];
  const byFeatures = experts > 1 && read === null;
  const dispatches: Promise<Dispatch>[] = [];
  if (experts > 1) {
    const router = tensor('router');
    dispatches.push(
      planner.routeBack(
        { width, experts, gates: layout.gates, k },
        {
          ...{ dx: dOut, y: memory.y[layer], probabilities: memory.scores[layer] },
          ...{ slots: group.slots, offsets: group.offsets, state: memory.state },
        },
        dScores,
      ),
      planner.gradient(
        whole,
        { inner: layout.routed, outer: layout.gates },
        { x: read ?? h, dy: dScores, parts: partsOf(router) },
      ),
    );
    if (byFeatures)
      dispatches.push(
        planner.product(
          whole,
          { inner: layout.gates, columns: width, transposed: true },
          { x: dScores, weights: bound(router), y: dRouted },
        ),
      );
  }
  const [up, down, norm] = [tensor('up'), tensor('down'), tensor('norm')];
  dispatches.push(
    planner.swigluBack(
      group,
      { width, hidden },
      { dx: dOut, weights: bound(down), gateUp: memory.gateUp[layer], dGateUp },
    ),
    planner.gradient(
      group,
      { inner: hidden, outer: width, weighted: true },
      { x: memory.active[layer], dy: dOut, parts: partsOf(down) },
    ),
    planner.product(
      group,
      { inner: 2 * hidden, columns: width, transposed: true },
      { x: dGateUp, weights: bound(up), y: dh },
    ),
    planner.gradient(
      group,
      { inner: width, outer: 2 * hidden, xOfPixels: true },
      { x: h, dy: dGateUp, parts: partsOf(up) },
    ),
    planner.normBack(
      { width, k },
      {
        ...{ dy: dh, routed: byFeatures ? dRouted : null, residual: dOut },
        ...{ x, factor: memory.factor[layer], weight: bound(norm) },
      },
      { dx: dIn, parts: partsOf(norm) },
    ),
  );
  return dispatches;
}

/** From the parts of the gradient to the moved weights. */
export function planOptimiser(
  planner: Planner,
  memory: Memory,
  shape: BlockShape,
  recipe: Recipe,
): Promise<Dispatch>[] {
  const { tensors, size, decaysFrom } = memory.layout;
  const quads = size / 4;
  return [
    planner.reduce({ tensors: tensors.length, quads }, memory),
    planner.finish(
      { quads, routers: routersOf(shape), experts: shape.experts, stride: memory.stride, ring: MOST_STEPS },
      memory,
      memory,
    ),
    planner.adamw({ quads, decaysFrom }, recipe, memory, memory),
  ];
}
