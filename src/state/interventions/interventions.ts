/** The list of interventions as the page keeps it: in words, without contradictions, each with its way back. */
import type { Intervention } from '../../engine/interventions.ts';

const inLayer = (layer: number | null) => (layer === null ? 'in every layer' : `in layer ${layer}`);

/** One plain sentence. */
export function describe(each: Intervention): string {
  switch (each.kind) {
    case 'off':
      return `Expert ${each.expert} in layer ${each.layer} is off: never chosen, never computed.`;
    case 'force':
      return `Expert ${each.expert} in layer ${each.layer} is always among the k.`;
    case 'bias': {
      const sign = each.amount < 0 ? '−' : '+';
      return `The router’s logit for expert ${each.expert} in layer ${each.layer} gets ${sign}${Math.abs(each.amount)}.`;
    }
    case 'k':
      return `${each.k === 1 ? '1 expert works' : `${each.k} experts work`} on each token ${inLayer(each.layer)}.`;
    case 'route':
      return each.rule === 'uniform'
        ? `Experts take turns ${inLayer(each.layer)}, whatever the text says.`
        : `Experts are drawn by lot (seed ${each.seed}) ${inLayer(each.layer)}, whatever the text says.`;
    case 'frozen':
      return 'Positions of the previous run keep that run’s experts and weights.';
  }
}

/** Whether both settle the same thing, so that the later would hold. */
function sameMatter(one: Intervention, other: Intervention): boolean {
  if (one.kind === 'frozen' || other.kind === 'frozen') return one.kind === other.kind;
  if ('expert' in one && 'expert' in other) {
    const sameExpert = one.layer === other.layer && one.expert === other.expert;
    const opposed = one.kind !== 'bias' && other.kind !== 'bias';
    return sameExpert && (one.kind === other.kind || opposed);
  }
  return one.kind === other.kind && (one.layer === null || one.layer === other.layer);
}

/** The list with one more at its end, which takes the place of what it overrules. */
export function add(list: readonly Intervention[], one: Intervention): readonly Intervention[] {
  return [...list.filter((each) => !sameMatter(one, each)), one];
}

export const remove = (list: readonly Intervention[], index: number): readonly Intervention[] =>
  list.filter((_, i) => i !== index);

export const isOff = (list: readonly Intervention[], layer: number, expert: number): boolean =>
  list.some((each) => each.kind === 'off' && each.layer === layer && each.expert === expert);
