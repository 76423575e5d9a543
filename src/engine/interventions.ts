/** What one may do to the routers while the model runs, as plain data, and which wishes make no sense. */
import { type FrozenSlots, NO_EXPERT, type RouterControl } from '../reference/route.ts';
import type { Routed, TraceShape } from './batch.ts';
import { UserError } from './types.ts';

/** Layers and experts count from 0; layer null is every layer. */
export type Intervention =
  /** Never chosen, never computed, probability 0; the rest renormalise. */
  | { readonly kind: 'off'; readonly layer: number; readonly expert: number }
  /** Always among the k, with the gate weight that its own probability gives it. */
  | { readonly kind: 'force'; readonly layer: number; readonly expert: number }
  /** Added to the router's logit before softmax and top-k; |amount| ≤ MAX_BIAS. */
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

/** Far beyond any difference between logits that decides something, and far from what f32 cannot tell apart. */
export const MAX_BIAS = 20;

/**
 * Why this list cannot be: one sentence, or null when it can. Of two entries that settle the same thing for the same
 * layer or expert the later holds.
 */
export function interventionProblem(shape: TraceShape, list: readonly Intervention[]): string | null {
  for (const each of list) {
    const problem = problemOf(shape, each);
    if (problem) return problem;
  }
  for (let layer = 0; layer < shape.layers; layer++) {
    const problem = layerProblem(shape, list, layer);
    if (problem) return problem;
  }
  return null;
}

const isWhole = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most;

function problemOf({ layers, experts }: TraceShape, each: Intervention): string | null {
  if (experts === 1) return 'This model is dense: it has no router to intervene in.';
  if (each.kind === 'frozen') return null;
  if (each.layer === null ? each.kind !== 'k' && each.kind !== 'route' : !isWhole(each.layer, 0, layers - 1)) {
    return `There is no layer ${each.layer}: the model’s layers are 0 to ${layers - 1}.`;
  }
  const ofExpert = each.kind === 'off' || each.kind === 'force' || each.kind === 'bias';
  if (ofExpert && !isWhole(each.expert, 0, experts - 1)) {
    return `There is no expert ${each.expert} in layer ${each.layer}: its experts are 0 to ${experts - 1}.`;
  }
  switch (each.kind) {
    case 'bias':
      if (typeof each.amount === 'number' && Math.abs(each.amount) <= MAX_BIAS) return null;
      return `A bias must be a number from −${MAX_BIAS} to ${MAX_BIAS}, not ${each.amount}.`;
    case 'k':
      return isWhole(each.k, 1, experts) ? null : `k must be a whole number from 1 to ${experts}, not ${each.k}.`;
    case 'route':
      if (each.rule !== 'uniform' && each.rule !== 'random') return `There is no routing rule “${each.rule}”.`;
      if (isWhole(each.seed, 0, 0xffffffff)) return null;
      return `The seed must be a whole number from 0 to 4294967295, not ${each.seed}.`;
    case 'off':
    case 'force':
      return null;
    default:
      return 'There is no such intervention.';
  }
}

/** What the entries for one layer cannot be together. */
function layerProblem(shape: TraceShape, list: readonly Intervention[], layer: number): string | null {
  const named = (kind: 'off' | 'force') =>
    new Set(list.flatMap((each) => (each.kind === kind && each.layer === layer ? [each.expert] : [])));
  const [off, forced] = [named('off'), named('force')];
  const k = chosenPerToken(shape, list, layer);
  const both = [...forced].find((expert) => off.has(expert));
  if (both !== undefined) return `Expert ${both} of layer ${layer} is off: an expert that is off cannot be forced.`;
  const left = shape.experts - off.size;
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

/** What every layer's router is asked for, and how many slots that takes. */
export interface RoutingPlan {
  readonly controls: readonly RouterControl[];
  readonly slots: number;
  /** What whoever made the plan calls it: it comes back with every position that it ruled. */
  readonly revision: number;
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
