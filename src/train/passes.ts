/** The dispatches of a step, forward and backward, in order. */
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { plan } from '../kernels/plan.ts';
import { EPSILON } from '../reference/painter/forward.ts';
import { BETA1, BETA2 } from '../reference/painter/optimise.ts';
import { axisWidth, placeWidth, type Tensor, tensorOf } from '../reference/painter/shape.ts';
import type { Planner } from './kernels.ts';
import type { Memory } from './memory.ts';
import { MOST_STEPS, type RunOptions } from './types.ts';

/** @param weights those in training, or their average. @param off experts that are not to be chosen. */
export function planForward(
  gpu: Gpu,
  planner: Planner,
  memory: Memory,
  { shape }: RunOptions,
  { weights, off }: { weights: GPUBuffer; off: GPUBuffer },
): Promise<Dispatch[]> {
  const { width, hidden, experts, k, octaves, routerReads } = shape;
  const { layout, part, tensorIn, stride } = memory;
  const bound = (kind: Tensor['kind'], layer = 0) => tensorIn(weights, tensorOf(layout, kind, layer)!);
  const dispatches: Promise<Dispatch>[] = [
    planner.batch(
      { axis: axisWidth(octaves), low: placeWidth(shape), features: layout.features, place: layout.place },
      { axisX: memory.axes[0], axisY: memory.axes[1], picture: memory.picture, state: memory.state },
      memory,
    ),
    planner.product(
      memory.whole,
      { inner: layout.features, columns: width },
      { x: memory.features, weights: bound('in'), y: memory.x[0] },
    ),
  ];
  for (let layer = 0; layer < shape.layers; layer++) {
    const group = memory.groups[layer];
    const [x, h, factor] = [memory.x[layer], memory.h[layer], memory.factor[layer]];
    dispatches.push(planner.norm({ width, epsilon: EPSILON }, { x, weight: bound('norm', layer), h, factor }));
    if (experts > 1) {
      const scores = memory.scores[layer];
      const read = routerReads === 'place' ? memory.place : h;
      dispatches.push(
        planner.product(
          memory.whole,
          { inner: layout.routed, columns: layout.gates },
          { x: read, weights: bound('router', layer), y: scores },
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
      planner.addUp({ width, k }, { x, y, slots: group.slots, sum: memory.x[layer + 1] }),
    );
  }
  const last = shape.layers;
  const [x, h, factor] = [memory.x[last], memory.h[last], memory.factor[last]];
  dispatches.push(
    planner.norm({ width, epsilon: EPSILON }, { x, weight: bound('norm', last), h, factor }),
    planner.product(memory.whole, { inner: width, columns: 4 }, { x: h, weights: bound('out'), y: memory.colours }),
  );
  return Promise.all(dispatches);
}

/** From the loss to the moved weights. */
export function planBackward(planner: Planner, memory: Memory, { shape }: RunOptions): Promise<Dispatch[]> {
  const { width, layers, experts } = shape;
  const { layout, tensorIn, partsOf, whole, weights } = memory;
  const tensor = (kind: Tensor['kind'], layer = 0) => tensorOf(layout, kind, layer)!;
  const bound = (tensor: Tensor) => tensorIn(weights, tensor);
  const out = tensor('out');
  const finalNorm = tensor('norm', layers);
  let [dOut, dIn] = memory.dx;
  const dispatches: Promise<Dispatch>[] = [
    planner.loss(memory),
    planner.gradient(
      whole,
      { inner: width, outer: 4 },
      { x: memory.h[layers], dy: memory.dColours, parts: partsOf(out) },
    ),
    planner.product(
      whole,
      { inner: 4, columns: width, transposed: true },
      { x: memory.dColours, weights: bound(out), y: memory.dh },
    ),
    planner.normBack(
      { width, k: 1 },
      {
        ...{ dy: memory.dh, routed: null, residual: null },
        ...{ x: memory.x[layers], factor: memory.factor[layers], weight: bound(finalNorm) },
      },
      { dx: dOut, parts: partsOf(finalNorm) },
    ),
  ];
  for (let layer = layers - 1; layer >= 0; layer--) {
    dispatches.push(...planLayerBack(planner, memory, shape, layer, dOut, dIn));
    [dOut, dIn] = [dIn, dOut];
  }
  const quads = layout.size / 4;
  dispatches.push(
    planner.gradient(
      whole,
      { inner: layout.features, outer: width },
      { x: memory.features, dy: dOut, parts: partsOf(tensor('in')) },
    ),
    planner.reduce({ tensors: layout.tensors.length, quads }, memory),
    planner.finish(
      { quads, routers: memory.routers, experts, stride: memory.stride, ring: MOST_STEPS },
      memory,
      memory,
    ),
    planner.adamw({ quads, beta1: BETA1, beta2: BETA2 }, memory, memory),
  );
  return Promise.all(dispatches);
}

function planLayerBack(
  planner: Planner,
  memory: Memory,
  shape: RunOptions['shape'],
  layer: number,
  dOut: GPUBuffer,
  dIn: GPUBuffer,
): Promise<Dispatch>[] {
  const { width, hidden, experts, k, routerReads } = shape;
  const { layout, tensorIn, partsOf, whole, weights, dGateUp, dLogits } = memory;
  const group = memory.groups[layer];
  const tensor = (kind: Tensor['kind']) => tensorOf(layout, kind, layer)!;
  const bound = (tensor: Tensor) => tensorIn(weights, tensor);
  const h = memory.h[layer];
  const byFeatures = experts > 1 && routerReads === 'features';
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
        dLogits,
      ),
      planner.gradient(
        whole,
        { inner: layout.routed, outer: layout.gates },
        { x: byFeatures ? h : memory.place, dy: dLogits, parts: partsOf(router) },
      ),
    );
    if (byFeatures)
      dispatches.push(
        planner.product(
          whole,
          { inner: layout.gates, columns: width, transposed: true },
          { x: dLogits, weights: bound(router), y: memory.dRouted },
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
      { x: dGateUp, weights: bound(up), y: memory.dh },
    ),
    planner.gradient(
      group,
      { inner: width, outer: 2 * hidden, xOfPixels: true },
      { x: h, dy: dGateUp, parts: partsOf(up) },
    ),
    planner.normBack(
      { width, k },
      {
        ...{ dy: memory.dh, routed: byFeatures ? memory.dRouted : null, residual: dOut },
        ...{ x: memory.x[layer], factor: memory.factor[layer], weight: bound(norm) },
      },
      { dx: dIn, parts: partsOf(norm) },
    ),
  );
  return dispatches;
}
