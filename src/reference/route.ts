/** The router in f64: RMSNorm, logits, softmax over all experts, top-k; and what may be done to it. */
import { type GateRule, withinGroups } from './gate.ts';
import { hash } from './hash.ts';
import { matmul, rmsNorm } from './linear.ts';

/** Fills the slots that a token did not use. */
export const NO_EXPERT = 0xffff;

export interface RouteParameters {
  readonly width: number;
  readonly experts: number;
  /** S: places for experts per token, at least k. */
  readonly slots: number;
  readonly normaliseGates: boolean;
  /** Where the model has a rule of its own; it says, too, what is normalised. */
  readonly rule?: GateRule;
  /** Added to the scores for choosing alone, by a rule that has it. [E] */
  readonly selection?: ArrayLike<number>;
  /** null: no RMSNorm, h = x · normWeight. */
  readonly epsilon: number | null;
}

/** What is asked of one layer's router. */
export interface RouterControl {
  /** Experts a token gets: 1 … E, no more than are on. */
  readonly k: number;
  /**
   * What experts are ranked by. logits: what the router says. uniform: their distance from position·k + layer, so that
   * they take turns; random: a hash of (seed, layer, position, expert). Both give every chosen expert the weight 1/k.
   */
  readonly rule: 'logits' | 'uniform' | 'random';
  readonly seed: number;
  readonly layer: number;
  /** Added to the logits; −Infinity switches the expert off: never chosen, probability exactly 0. [E] */
  readonly bias: ArrayLike<number>;
  /** Always among the k; at most k of them, none switched off. */
  readonly forced: ReadonlySet<number>;
  /** The (k + 1)th takes the place of the kth; forced experts are not counted. */
  readonly runnerUp: boolean;
  /** Slots of the positions from 0 on that do not follow the router. */
  readonly frozen: FrozenSlots | null;
}

/** Slots given beforehand. A position whose first id is NO_EXPERT is left to the router. */
export interface FrozenSlots {
  readonly slots: number;
  readonly ids: ArrayLike<number>; // [positions, slots]
  readonly weights: ArrayLike<number>; // [positions, slots]
}

/** A router that is left alone. */
export const freeRouter = (experts: number, k: number, layer = 0): RouterControl => ({
  k,
  layer,
  rule: 'logits',
  seed: 0,
  bias: new Float64Array(experts),
  forced: new Set(),
  runnerUp: false,
  frozen: null,
});

export interface Routing {
  readonly h: Float64Array; // [T, D]
  readonly ids: Uint32Array; // [T, S], most probable first, then NO_EXPERT
  readonly weights: Float64Array; // [T, S]
  readonly probabilities: Float64Array; // [T, E]
}

/** @param position of the first token, which control rules and frozen slots go by */
export function route(
  { width, experts, slots, normaliseGates, rule, selection, epsilon }: RouteParameters,
  control: RouterControl,
  x: Float64Array,
  normWeight: Float64Array,
  router: Float64Array,
  position = 0,
): Routing {
  const tokens = x.length / width;
  const h = epsilon === null ? x.map((value, i) => value * normWeight[i % width]) : rmsNorm(x, normWeight, epsilon);
  const scores = matmul(h, router, width);
  const ids = new Uint32Array(tokens * slots).fill(NO_EXPERT);
  const weights = new Float64Array(tokens * slots);
  const probabilities = new Float64Array(tokens * experts);
  for (let t = 0; t < tokens; t++) {
    const logits = Array.from(control.bias, (bias, e) =>
      bias === -Infinity ? -Infinity : notNaN(scores[t * experts + e] + bias),
    );
    const p = rule?.gate === 'sigmoid' ? logits.map((logit) => 1 / (1 + Math.exp(-logit))) : softmax(logits);
    probabilities.set(p, t * experts);

    const frozen = frozenAt(control.frozen, position + t);
    if (frozen) {
      ids.set(frozen.ids, t * slots);
      weights.set(frozen.weights, t * slots);
      continue;
    }
    const chosen = choose(logits, rule ? keysOf(rule, logits, p, selection) : logits, control, position + t);
    ids.set(chosen, t * slots);
    const follows = control.rule === 'logits';
    const mass = chosen.map((e) => (follows ? p[e] : 1));
    const sum =
      (rule ? rule.normalise || rule.gate === 'chosen' : normaliseGates) || !follows
        ? Math.max(
            mass.reduce((a, b) => a + b, 0),
            2 ** -14,
          )
        : 1;
    weights.set(
      mass.map((value) => (value / sum) * (rule?.scale ?? 1)),
      t * slots,
    );
  }
  return { h, ids, weights, probabilities };
}

function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits, -1e30);
  const numerators = logits.map((logit) => Math.exp(logit - highest));
  const total = numerators.reduce((a, b) => a + b) || 1;
  return numerators.map((numerator) => numerator / total);
}

/** What experts are ranked by: −Infinity for one that is off, or outside the groups that are kept. */
function keysOf(
  { selectionBias, groups }: GateRule,
  logits: readonly number[],
  p: readonly number[],
  selection: ArrayLike<number> | undefined,
): readonly number[] {
  if (!selectionBias && !groups) return logits;
  const keys = p.map((value, e) => (logits[e] === -Infinity ? -1e30 : value + (selectionBias ? selection![e] : 0)));
  const kept = groups ? withinGroups(keys, groups) : keys;
  return kept.map((key, e) => (logits[e] === -Infinity ? -Infinity : key));
}

/** The k experts of one token, best first; ties go to the lower index. */
function choose(
  logits: readonly number[],
  keys: readonly number[],
  control: RouterControl,
  position: number,
): number[] {
  const score = control.rule === 'logits' ? keys : scoresOf(logits, control, position);
  const ranked = logits
    .map((_, expert) => expert)
    .filter((expert) => score[expert] !== -Infinity && logits[expert] !== -Infinity)
    .sort((a, b) => score[b] - score[a] || a - b);
  const free = ranked.filter((expert) => !control.forced.has(expert));
  const places = control.k - control.forced.size;
  const taken = new Set([...control.forced, ...free.slice(0, places)]);
  if (control.runnerUp && places > 0 && free.length > places) {
    taken.delete(free[places - 1]);
    taken.add(free[places]);
  }
  return ranked.filter((expert) => taken.has(expert));
}

function scoresOf(logits: readonly number[], { rule, seed, layer, k }: RouterControl, position: number) {
  if (rule === 'logits') return logits;
  const { length } = logits;
  if (rule === 'uniform') return logits.map((_, e) => -((e + length - ((position * k + layer) % length)) % length));
  const drawn = hash(hash(seed ^ Math.imul(position, 0x9e3779b9)) ^ layer);
  return logits.map((_, e) => hash(drawn ^ e) >>> 8);
}

function frozenAt(frozen: FrozenSlots | null, position: number) {
  if (!frozen || frozen.ids[position * frozen.slots] === undefined) return null;
  const row = Array.from({ length: frozen.slots }, (_, j) => position * frozen.slots + j);
  const used = row.filter((at) => frozen.ids[at] !== NO_EXPERT);
  if (used.length === 0) return null;
  return { ids: used.map((at) => frozen.ids[at]), weights: used.map((at) => frozen.weights[at]) };
}

/** A logit that is not a number counts as 0, and none is infinite, so that all that follows is finite. */
const notNaN = (logit: number) => (Number.isNaN(logit) ? 0 : Math.max(-1e30, Math.min(1e30, logit)));
