/** What one may do to the routers while the model runs, as plain data, and which wishes make no sense. */
import type { TraceShape } from './batch.ts';

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
  if ('expert' in each && !isWhole(each.expert, 0, experts - 1)) {
    return `There is no expert ${each.expert} in layer ${each.layer}: its experts are 0 to ${experts - 1}.`;
  }
  switch (each.kind) {
    case 'bias':
      if (Math.abs(each.amount) <= MAX_BIAS) return null;
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
