/**
 * From one token's logits to its experts and their weights, in f64, as the papers write it: softmax and top-k (Shazeer 2017,
 * arXiv:1701.06538), softmax over the chosen (Mixtral, arXiv:2401.04088; gpt-oss, arXiv:2508.10925), group-limited choice
 * (DeepSeek-V2, arXiv:2405.04434), sigmoid scores with a bias that only chooses (DeepSeek-V3, arXiv:2412.19437).
 */

/** How a published model's router scores, chooses and weighs. */
export interface GateRule {
  /** chosen: softmax over the logits of the chosen alone. */
  readonly gate: 'softmax' | 'sigmoid' | 'chosen';
  /** Added to the scores for choosing, never for weighing (DeepSeek-V3's auxiliary-loss-free balancing). */
  readonly selectionBias: boolean;
  /** Experts are chosen from the `kept` best of `count` groups alone, by the group's best score or its best two's sum. */
  readonly groups: { readonly count: number; readonly kept: number; readonly by: 'max' | 'top2' } | null;
  /** Weights are divided by their sum. */
  readonly normalise: boolean;
  /** Then multiplied by this. */
  readonly scale: number;
}

export interface Gated {
  /** [K], best first; ties go to the lower index. */
  readonly ids: number[];
  readonly weights: number[];
}

/** The engine's bound for a sum that weights are divided by: llama.cpp's, 2⁻¹⁴. */
const LEAST_SUM = 2 ** -14;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const numerators = logits.map((logit) => Math.exp(logit - highest));
  const total = sum(numerators);
  return numerators.map((numerator) => numerator / total);
}

/** Indices of the n highest, best first; ties go to the lower index. */
const best = (values: readonly number[], n: number): number[] =>
  values
    .map((_, i) => i)
    .sort((a, b) => values[b] - values[a] || a - b)
    .slice(0, n);

/** @param selection biases that only choose. [E] */
export function gate(rule: GateRule, logits: readonly number[], selection: ArrayLike<number>, k: number): Gated {
  const scores =
    rule.gate === 'softmax'
      ? softmax(logits)
      : rule.gate === 'sigmoid'
        ? logits.map((logit) => 1 / (1 + Math.exp(-logit)))
        : [...logits];
  const ranked = rule.selectionBias ? scores.map((score, expert) => score + selection[expert]) : scores;
  const ids = best(rule.groups ? withinGroups(ranked, rule.groups) : ranked, k);
  const chosen = ids.map((expert) => scores[expert]);
  const weights = rule.gate === 'chosen' ? softmax(chosen) : chosen;
  const divisor = rule.normalise ? Math.max(sum(weights), LEAST_SUM) : 1;
  return { ids, weights: weights.map((weight) => (weight / divisor) * rule.scale) };
}

/** −∞ for every expert of a group that is not kept. */
export function withinGroups(
  ranked: readonly number[],
  { count, kept, by }: NonNullable<GateRule['groups']>,
): number[] {
  const size = ranked.length / count;
  const groups = Array.from({ length: count }, (_, group) => ranked.slice(group * size, (group + 1) * size));
  const scoreOf = (group: readonly number[]) => sum(best(group, by === 'max' ? 1 : 2).map((member) => group[member]));
  const keep = new Set(best(groups.map(scoreOf), kept));
  return ranked.map((score, expert) => (keep.has(Math.floor(expert / size)) ? score : Number.NEGATIVE_INFINITY));
}
