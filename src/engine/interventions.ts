/** What one may do to the routers while the model runs, as plain data, and which wishes make no sense. */
import { insteadOf } from '../model/errors.ts';
import { type FrozenSlots, NO_EXPERT, type RouterControl } from '../reference/route.ts';
import type { Routed, TraceShape } from './batch.ts';
import { RANGES, rangeProblem } from './ranges.ts';
import { type RoutingPlan, UserError } from './types.ts';

/** Layers and experts count from 0; layer null is every layer. */
export type Intervention =
  /** Never chosen, never computed, probability 0; the rest renormalise. */
  | { readonly kind: 'off'; readonly layer: number; readonly expert: number }
  /** Always among the k, with the gate weight that its own probability gives it. */
  | { readonly kind: 'force'; readonly layer: number; readonly expert: number }
  /** Added to the router's logit before softmax and top-k; an amount in RANGES.bias. */
  | { readonly kind: 'bias'; readonly layer: number; readonly expert: number; readonly amount: number }
  /** Experts per token, 1 … E. */
  | { readonly kind: 'k'; readonly layer: number | null; readonly k: number }
  /**
   * A control experiment: experts that ignore the text, each with weight 1/k. uniform: (position·k + j + layer) mod E in
   * turn; random: k different ones by a hash of (seed, layer, position). Experts that are off are passed over.
   */
  | {
      readonly kind: 'route';
      readonly layer: number | null;
      readonly rule: 'uniform' | 'random';
      readonly seed: number;
    }
  /** Positions of the previous run keep that run's experts and weights; positions beyond it are routed as usual. */
  | { readonly kind: 'frozen' };

/**
 * Why this list cannot be: one sentence, or null when it can. Of two entries that settle the same thing for the same
 * layer or expert the later holds.
 */
export function interventionProblem(shape: TraceShape, list: readonly Intervention[]): string | null {
  for (const each of list) {
    const problem = problemOf(shape, each);
    if (problem) return problem;
  }
  for (const entries of byLayer(shape, list)) {
    const problem = layerProblem(shape, entries);
    if (problem) return problem;
  }
  return null;
}

const isWhole = (value: unknown, least: number, most: number) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** Nothing of an entry is taken for granted: it may come from a file. */
function problemOf({ layers, experts }: TraceShape, each: Intervention): string | null {
  if (experts === 1) return 'This model is dense: it has no router to intervene in.';
  const { kind } = each;
  if (kind === 'frozen') return null;
  const ofExpert = kind === 'off' || kind === 'force' || kind === 'bias';
  if (!ofExpert && kind !== 'k' && kind !== 'route') return 'There is no such intervention.';
  if ((ofExpert || each.layer !== null) && !isWhole(each.layer, 0, layers - 1)) {
    if (typeof each.layer === 'number')
      return `There is no layer ${each.layer}: the model’s layers are 0 to ${layers - 1}.`;
    return `A layer must be a whole number from 0 to ${layers - 1}${insteadOf(each.layer)}.`;
  }
  if (ofExpert && !isWhole(each.expert, 0, experts - 1)) {
    if (typeof each.expert !== 'number')
      return `An expert must be a whole number from 0 to ${experts - 1}${insteadOf(each.expert)}.`;
    return `There is no expert ${each.expert} in layer ${each.layer}: its experts are 0 to ${experts - 1}.`;
  }
  switch (kind) {
    case 'bias':
      return rangeProblem(RANGES.bias, each.amount);
    case 'k':
      return isWhole(each.k, 1, experts) ? null : `k must be a whole number from 1 to ${experts}${insteadOf(each.k)}.`;
    case 'route':
      if (each.rule === 'uniform' || each.rule === 'random') return rangeProblem(RANGES.seed, each.seed);
      if (typeof each.rule === 'string') return `There is no routing rule “${(each.rule as string).slice(0, 24)}”.`;
      return `A routing rule must be “uniform” or “random”${insteadOf(each.rule)}.`;
    default:
      return null;
  }
}

interface Entries {
  readonly layer: number;
  readonly off: Set<number>;
  readonly forced: Set<number>;
  k: number;
}

/** The layers of which an expert is named, in one walk along the list: a file may bring long ones for many layers. */
function byLayer(shape: TraceShape, list: readonly Intervention[]): Entries[] {
  const layers = new Map<number, Entries>();
  const ks = new Map<number, number>();
  let every = shape.expertsPerToken;
  for (const each of list) {
    if (each.kind === 'k' && each.layer === null) {
      every = each.k;
      ks.clear();
    } else if (each.kind === 'k') ks.set(each.layer!, each.k);
    if (each.kind !== 'off' && each.kind !== 'force') continue;
    const entries = layers.get(each.layer) ?? { layer: each.layer, off: new Set(), forced: new Set(), k: 0 };
    layers.set(each.layer, entries);
    (each.kind === 'off' ? entries.off : entries.forced).add(each.expert);
  }
  for (const entries of layers.values()) entries.k = ks.get(entries.layer) ?? every;
  return [...layers.values()].sort((a, b) => a.layer - b.layer);
}

/** What the entries for one layer cannot be together. */
function layerProblem({ experts }: TraceShape, { layer, off, forced, k }: Entries): string | null {
  const both = [...forced].find((expert) => off.has(expert));
  if (both !== undefined) return `Expert ${both} of layer ${layer} is off: an expert that is off cannot be forced.`;
  const left = experts - off.size;
  if (left < k) return `Layer ${layer} needs at least ${k} experts, one for each of its k; only ${left} would be left.`;
  if (forced.size > k)
    return `Layer ${layer} takes ${k} experts per token: ${forced.size} cannot be forced. Raise its k first.`;
  return null;
}

/** k of one layer under these interventions. */
export function chosenPerToken(shape: TraceShape, list: readonly Intervention[], layer: number): number {
  const set = list.findLast((each) => each.kind === 'k' && (each.layer === null || each.layer === layer));
  return set?.kind === 'k' ? set.k : shape.expertsPerToken;
}

/**
 * @param previous what `frozen` keeps; without it nothing is frozen
 * @throws UserError bad-input
 */
export function planRouting(
  shape: TraceShape,
  list: readonly Intervention[],
  { previous = null, revision = 0 }: { previous?: Routed | null; revision?: number } = {},
): RoutingPlan {
  const problem = interventionProblem(shape, list);
  if (problem) throw new UserError('bad-input', problem);
  const keep = list.some(({ kind }) => kind === 'frozen') ? previous : null;
  const controls = Array.from({ length: shape.layers }, (_, layer) => controlOf(shape, list, layer, keep));
  const needed = controls.map(({ k, frozen }) => Math.max(k, frozen ? frozen.slots : 0));
  return { controls, slots: Math.max(shape.expertsPerToken, ...needed), revision };
}

function controlOf(
  shape: TraceShape,
  list: readonly Intervention[],
  layer: number,
  previous: Routed | null,
): RouterControl {
  const bias = new Float64Array(shape.experts);
  const forced = new Set<number>();
  const rule = list.findLast((each) => each.kind === 'route' && (each.layer === null || each.layer === layer));
  for (const each of list) if (each.kind === 'bias' && each.layer === layer) bias[each.expert] = each.amount;
  for (const each of list) {
    if (each.kind === 'off' && each.layer === layer) bias[each.expert] = Number.NEGATIVE_INFINITY;
    if (each.kind === 'force' && each.layer === layer) forced.add(each.expert);
  }
  return {
    k: chosenPerToken(shape, list, layer),
    layer,
    rule: rule?.kind === 'route' ? rule.rule : 'logits',
    seed: rule?.kind === 'route' ? rule.seed : 0,
    bias,
    forced,
    runnerUp: false,
    frozen: previous && frozenSlots(shape, previous, layer, bias),
  };
}

/**
 * One layer's slots of the previous run. An expert that is off leaves its weight to the others of its token, which keep
 * their proportions; a token that had no other goes by the router.
 */
function frozenSlots({ layers }: TraceShape, previous: Routed, layer: number, bias: Float64Array): FrozenSlots {
  const { slots } = previous;
  const positions = previous.expertIds.length / (layers * slots);
  const ids = new Uint16Array(positions * slots).fill(NO_EXPERT);
  const weights = new Float32Array(positions * slots);
  for (let position = 0; position < positions; position++) {
    const from = (position * layers + layer) * slots;
    const used = Array.from({ length: slots }, (_, j) => from + j).filter((at) => previous.expertIds[at] !== NO_EXPERT);
    const on = used.filter((at) => bias[previous.expertIds[at]] !== Number.NEGATIVE_INFINITY);
    const mass = (places: readonly number[]) => places.reduce((sum, at) => sum + previous.gateWeights[at], 0);
    const scale = on.length === used.length ? 1 : mass(used) / (mass(on) || 1);
    on.forEach((at, j) => {
      ids[position * slots + j] = previous.expertIds[at];
      weights[position * slots + j] = previous.gateWeights[at] * scale;
    });
  }
  return { slots, ids, weights };
}

/** The same plan with ranks k and k + 1 swapped in one layer, or (null) in all. @throws UserError bad-input */
export function withRunnerUp(plan: RoutingPlan, layer: number | null): RoutingPlan {
  const controls = plan.controls.map((control, index) => {
    if (layer !== null && layer !== index) return control;
    const on = Array.from(control.bias).filter((bias) => bias !== Number.NEGATIVE_INFINITY).length;
    if (on <= control.k || control.forced.size >= control.k) {
      throw new UserError('bad-input', `Layer ${index} has no runner-up: no expert is left to take a place.`);
    }
    return { ...control, runnerUp: true };
  });
  return { ...plan, controls };
}
