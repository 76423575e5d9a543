/** AdamW, clipping by the whole gradient's norm, an average of the weights, and loss-free balancing. */
import type { Floats, Make } from './weights.ts';

const TINY = 1e-8;

/** What a task has settled for AdamW. */
export interface Recipe {
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
}

export const PAINTER_RECIPE: Recipe = { beta1: 0.9, beta2: 0.99, weightDecay: 0 };
export const TEXT_RECIPE: Recipe = { beta1: 0.9, beta2: 0.95, weightDecay: 0.1 };

export interface Optimiser {
  readonly weights: Floats;
  readonly first: Floats;
  readonly second: Floats;
  /** Exponential moving average of the weights: what is shown. */
  readonly average: Floats;
}

/** What holds of one step. */
export interface Rates {
  readonly rate: number;
  /** Largest norm of a gradient; 0: any. */
  readonly clip: number;
  /** 1 - β^t. */
  readonly correction1: number;
  readonly correction2: number;
  /** Share of the old average that stays. */
  readonly keep: number;
}

export function startOptimiser(weights: Floats, make: Make): Optimiser {
  const average = make(weights.length);
  average.set(weights);
  return { weights, first: make(weights.length), second: make(weights.length), average };
}

/** Rates of step i, from 0. */
export function ratesOf(
  step: number,
  { rate, warmup, clip, ema }: { rate: number; warmup: number; clip: number; ema: number },
  { beta1, beta2 }: Recipe,
): Rates {
  return {
    rate: step < warmup ? (rate * (step + 1)) / warmup : rate,
    clip,
    correction1: 1 - beta1 ** (step + 1),
    correction2: 1 - beta2 ** (step + 1),
    // An average that has just begun must not remember the start.
    keep: Math.min(ema, (1 + step) / (10 + step)),
  };
}

/** Returns the gradient's norm before clipping. @param decaysFrom the first weight that decays. */
export function optimise(
  { weights, first, second, average }: Optimiser,
  gradient: Floats,
  rates: Rates,
  { beta1, beta2, weightDecay }: Recipe,
  decaysFrom: number,
): number {
  let squares = 0;
  for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
  const norm = Math.sqrt(squares);
  const scale = rates.clip > 0 ? Math.min(1, rates.clip / (norm + 1e-6)) : 1;
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] * scale;
    first[i] = beta1 * first[i] + (1 - beta1) * g;
    second[i] = beta2 * second[i] + (1 - beta2) * g * g;
    if (i >= decaysFrom) weights[i] -= rates.rate * weightDecay * weights[i];
    weights[i] -= (rates.rate * (first[i] / rates.correction1)) / (Math.sqrt(second[i] / rates.correction2) + TINY);
    average[i] = rates.keep * average[i] + (1 - rates.keep) * weights[i];
  }
  return norm;
}

/** b_e += u · sign(1/E - f_e), layer by layer: who has less than a fair share is ranked higher. [L, E] */
export function balance(bias: Floats, loads: readonly Uint32Array[], speed: number): void {
  for (const [layer, load] of loads.entries()) {
    const slots = load.reduce((sum, each) => sum + each, 0);
    for (let e = 0; e < load.length; e++)
      bias[layer * load.length + e] += speed * Math.sign(slots - load[e] * load.length);
  }
}
