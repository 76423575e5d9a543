/** The router's sum for one token in one layer, ready to be set: numbers as they came, nothing filled in. */
import type { PositionInspection } from '../../worker/protocol.ts';
import type { TraceStore } from '../text/trace-store.ts';

export interface Step {
  readonly expert: number;
  /** What the router computed, and what an intervention added to it; unknown where the engine was not asked. */
  readonly logit: number | null;
  readonly bias: number;
  readonly probability: number | null;
  /** Of the chosen ones. */
  readonly weight: number | null;
  readonly norm: number | null;
}

/** How the weights come from the probabilities; the numbers themselves tell. */
export type WeightRule = 'renormalised' | 'as they are' | 'set from outside';

export interface RouterSteps {
  /** In the order of the trace. */
  readonly chosen: readonly Step[];
  /** The first that were left out, most probable first. */
  readonly next: readonly Step[];
  /** How many more there are, and their probability together. */
  readonly others: { readonly count: number; readonly probability: number } | null;
  /** p(k) − p(k + 1); null where probabilities are missing. */
  readonly margin: number | null;
  /** The chosen ones are the most probable: no intervention changed the choice. */
  readonly isTopK: boolean;
  readonly rule: WeightRule | null;
  readonly sum: { readonly norm: number; readonly residual: number } | null;
}

/** Four digits are what a recorded probability has. */
const NEAR = 2e-3;

function ruleOf(chosen: readonly Step[]): WeightRule | null {
  if (chosen.some(({ probability }) => probability === null)) return null;
  const whole = chosen.reduce((sum, { probability }) => sum + probability!, 0);
  const follows = (weight: (p: number) => number) =>
    chosen.every((step) => Math.abs(step.weight! - weight(step.probability!)) < NEAR);
  if (follows((p) => p)) return 'as they are';
  return follows((p) => p / whole) ? 'renormalised' : 'set from outside';
}

/** @param shown experts to show of those left out */
export function routerSteps(
  trace: TraceStore,
  at: number,
  layer: number,
  inspection: PositionInspection | null,
  shown: number,
): RouterSteps {
  const { experts } = trace.shape;
  const router = trace.router(at, layer);
  const step = (expert: number, rank: number | null): Step => ({
    expert,
    logit: inspection ? inspection.logits[layer * experts + expert] : null,
    bias: inspection?.biases[layer * experts + expert] ?? 0,
    probability: inspection ? inspection.probabilities[layer * experts + expert] : (router?.[expert] ?? null),
    weight: rank === null ? null : trace.gate(at, layer, rank),
    norm: inspection && rank !== null ? inspection.outputNorms[layer * inspection.slots + rank] : null,
  });
  const chosen = Array.from({ length: trace.chosen(at, layer) }, (_, rank) =>
    step(trace.expert(at, layer, rank), rank),
  );
  const taken = new Set(chosen.map(({ expert }) => expert));
  const left = Array.from({ length: experts }, (_, expert) => expert)
    .filter((expert) => !taken.has(expert))
    .map((expert) => step(expert, null))
    .sort((a, b) => (b.probability ?? 0) - (a.probability ?? 0));
  const known = router !== null || inspection !== null;
  const rest = left.slice(shown);
  return {
    chosen,
    next: known ? left.slice(0, shown) : [],
    others:
      known && rest.length
        ? { count: rest.length, probability: rest.reduce((sum, { probability }) => sum + probability!, 0) }
        : null,
    margin: trace.margin(at, layer),
    isTopK: !known || left.every((out) => chosen.every((taken) => taken.probability! >= out.probability! - NEAR)),
    rule: ruleOf(chosen),
    sum: inspection ? { norm: inspection.sumNorms[layer], residual: inspection.residualNorms[layer] } : null,
  };
}
