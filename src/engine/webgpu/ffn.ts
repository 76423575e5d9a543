/**
 * The FFN of one layer as dispatches: routed, dense, and the expert that every token has. `few` and `many` as in
 * forwardPass.ts.
 */
import type { Dispatch } from '../../gpu/types.ts';
import { combine } from '../../kernels/combine.ts';
import { expertBias } from '../../kernels/expertBias.ts';
import { expertDown } from '../../kernels/expertDown.ts';
import { expertUp } from '../../kernels/expertUp.ts';
import { groupedDown } from '../../kernels/groupedDown.ts';
import { denseUp, groupedUp } from '../../kernels/groupedUp.ts';
import { matmul } from '../../kernels/matmul.ts';
import { plan } from '../../kernels/plan.ts';
import { rmsNorm } from '../../kernels/rmsNorm.ts';
import { route } from '../../kernels/route.ts';
import { sharedWeight } from '../../kernels/sharedWeight.ts';
import type { Site } from './activations.ts';
import { added, intoX, part, type Target } from './products.ts';
import type { GpuLayer } from './weights.ts';

/** A norm with a bias comes before the router, which reads what it gives as it is. */
function normedBefore(site: Site, layer: GpuLayer): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  if (!a.early || !layer.ffnNormBias) return [];
  const { width, normEpsilon: epsilon } = config;
  return [
    rmsNorm(gpu, { width, epsilon }, { x: a.x, weight: layer.ffnNorm, y: a.early.x, pass: a.pass }),
    ...added(site, width, layer.ffnNormBias, a.early.x),
  ];
}

/** Where the router has read something else, h is still to be made. */
function normed({ gpu, config, a }: Site, layer: GpuLayer): Promise<Dispatch>[] {
  if (!config.routesEarly && !layer.routerNorm) return [];
  const { width, normEpsilon: epsilon } = config;
  return [rmsNorm(gpu, { width, epsilon }, { x: a.x, weight: layer.ffnNorm, y: a.h, pass: a.pass })];
}

/** x → normed h and the slots: which experts, with which weight. Everything stays on the GPU. */
function chooseExperts({ gpu, config, a }: Site, layer: GpuLayer, router: GPUBuffer, index: number): Promise<Dispatch> {
  const { width, experts, normEpsilon, normaliseGates, rule } = config;
  const epsilon = a.early ? null : normEpsilon;
  const size = a.ringSlots * a.traceWords * 4;
  return route(
    gpu,
    {
      ...{ width, experts, slots: a.slotsPerToken, normaliseGates, epsilon, ...(rule && { rule }) },
      cached: layer.arriving || layer.gateUp.experts < experts,
    },
    {
      x: a.early?.x ?? a.x,
      normWeight: a.early?.ones ?? layer.routerNorm ?? layer.ffnNorm,
      router,
      control: a.controls[index],
      h: a.h,
      slots: a.slots,
      trace: { buffer: a.trace, offset: index * size, size },
      pass: a.pass,
    },
  );
}

/** The FFN of a decode step: route, gate+up, down+combine. A dense layer needs no route, and folds its norm into gate+up. */
export function ffnFew(site: Site, layer: GpuLayer, index: number): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  const { normEpsilon: epsilon, activation } = config;
  const { activated, x, pass } = a;
  if (!layer.router) {
    const { gateUp, down } = layer;
    return [
      expertUp(
        gpu,
        { gateUp, k: 1, norm: { epsilon }, activation },
        { h: x, slots: a.one, normWeight: layer.ffnNorm, activated, pass },
      ),
      ...intoX(site, layer.postFfnNorm, ({ y, accumulate, scale }) => [
        expertDown(gpu, { down, k: 1, scale, accumulate }, { activated, slots: a.one, x: y, pass }),
      ]),
    ];
  }
  const k = a.slotsPerToken;
  return [
    ...normedBefore(site, layer),
    chooseExperts(site, layer, layer.router, index),
    ...normed(site, layer),
    expertUp(
      gpu,
      { gateUp: layer.gateUp, k, activation },
      { h: a.h, slots: a.slots, biases: layer.biases?.gateUp.buffer, activated, pass },
    ),
    ...intoFfn(site, layer, sharedFew, ({ y, accumulate, scale }) => [
      expertDown(gpu, { down: layer.down, k, scale, accumulate }, { activated, slots: a.slots, x: y, pass }),
      ...downBias(site, layer, y, scale, false),
    ]),
  ];
}

/** x += what the experts give, and what the one gives that every token has. */
function intoFfn(
  site: Site,
  layer: GpuLayer,
  runShared: (site: Site, shared: Shared, target: Target) => Promise<Dispatch>[],
  routed: (target: Target) => Promise<Dispatch>[],
): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  const { width, normEpsilon: epsilon } = config;
  const { shared, postFfnNorm, scalesOutput } = layer;
  const both = (target: Target) => [
    ...part(site, layer.postExpertsNorm, target, routed),
    ...(shared?.norm ? [rmsNorm(gpu, { width, epsilon }, { x: a.x, weight: shared.norm, y: a.h, pass: a.pass })] : []),
    ...(shared
      ? part(site, shared.postNorm, { ...target, accumulate: true }, (to) => runShared(site, shared, to))
      : []),
  ];
  return intoX(site, postFfnNorm, both, scalesOutput);
}

/** What experts add to their outputs, each to its own, or to their sum. */
function downBias(
  { gpu, config, a }: Site,
  { biases }: GpuLayer,
  y: GPUBuffer,
  scale: number,
  each: boolean,
): Promise<Dispatch>[] {
  if (!biases) return [];
  const shape = { width: config.width, k: a.slotsPerToken, scale, each };
  return [expertBias(gpu, shape, { biases: biases.down.buffer, slots: a.slots, y, pass: a.pass })];
}

/** What weighs the shared expert, and the dispatch that finds it where it is not 1. */
type Shared = NonNullable<GpuLayer['shared']>;

function sharedSlots({ gpu, config, a }: Site, shared: Shared): { slots: GPUBuffer; first: Promise<Dispatch>[] } {
  if (!shared.scale) return { slots: a.one, first: [] };
  const weighing = { h: a.h, weight: shared.scale, slots: a.sharedSlots, pass: a.pass };
  return { slots: a.sharedSlots, first: [sharedWeight(gpu, { width: config.width }, weighing)] };
}

function sharedFew(site: Site, shared: Shared, { y: x, accumulate, scale }: Target): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  const { slots, first } = sharedSlots(site, shared);
  const { activated, pass } = a;
  return [
    ...first,
    expertUp(gpu, { gateUp: shared.gateUp, k: 1, activation: config.activation }, { h: a.h, slots, activated, pass }),
    expertDown(gpu, { down: shared.down, k: 1, scale, accumulate }, { activated, slots, x, pass }),
  ];
}

function sharedMany(site: Site, shared: Shared, { y: x, accumulate, scale }: Target): Promise<Dispatch>[] {
  const { gpu, config, a } = site;
  const { slots, first } = sharedSlots(site, shared);
  const { activated, expertOut, pass } = a;
  const { width } = config;
  return [
    ...first,
    denseUp(gpu, { gateUp: shared.gateUp, activation: config.activation }, { h: a.h, activated, pass }),
    matmul(gpu, { weight: shared.down, accumulate: false, scale: 1 }, { x: activated, y: expertOut, pass }),
    combine(gpu, { width, k: 1, scale, accumulate }, { y: expertOut, slots, x, pass }),
  ];
}

/** A routed layer's prefill in three parts: the choice (and what comes before it), the experts' outputs, and what adds them to x. */
export function routedMany(site: Site, layer: GpuLayer, router: GPUBuffer, index: number) {
  const { gpu, config, a } = site;
  const { width, activation } = config;
  // Entries, where the layer has a cache of experts.
  const { experts } = layer.gateUp;
  const k = a.slotsPerToken;
  const planned = { offsets: a.offsets, order: a.order, tiles: a.tiles };
  return {
    choosing: [...normedBefore(site, layer), chooseExperts(site, layer, router, index)],
    computing: [
      ...normed(site, layer),
      plan(gpu, { experts, k }, { slots: a.slots, ...planned, pass: a.pass }),
      groupedUp(
        gpu,
        { gateUp: layer.gateUp, k, activation },
        { h: a.h, ...planned, biases: layer.biases?.gateUp.buffer, activated: a.activated, pass: a.pass },
      ),
      groupedDown(gpu, { down: layer.down, k }, { activated: a.activated, ...planned, y: a.expertOut, pass: a.pass }),
      ...downBias(site, layer, a.expertOut, 1, true),
    ],
    adding: intoFfn(site, layer, sharedMany, ({ y, accumulate, scale }) => [
      combine(gpu, { width, k, scale, accumulate }, { y: a.expertOut, slots: a.slots, x: y, pass: a.pass }),
    ]),
  };
}

/**
 * The FFN of a prefill pass: route, plan, grouped GEMMs over expert tiles, combine. A dense layer is a norm and two GEMMs, the
 * second of which adds to x.
 */
export function ffnMany(site: Site, layer: GpuLayer, index: number): Promise<Dispatch>[] {
  if (layer.router) {
    const { choosing, computing, adding } = routedMany(site, layer, layer.router, index);
    return [...choosing, ...computing, ...adding];
  }
  const { gpu, config, a } = site;
  const { width, normEpsilon: epsilon } = config;
  return [
    rmsNorm(gpu, { width, epsilon }, { x: a.x, weight: layer.ffnNorm, y: a.h, pass: a.pass }),
    denseUp(
      gpu,
      { gateUp: layer.gateUp, activation: config.activation },
      { h: a.h, activated: a.activated, pass: a.pass },
    ),
    ...intoX(site, layer.postFfnNorm, ({ y, accumulate, scale }) => [
      matmul(gpu, { weight: layer.down, accumulate, scale }, { x: a.activated, y, pass: a.pass }),
    ]),
  ];
}
