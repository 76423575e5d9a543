/** What a step's settings come to. */
import { type Rates, type Recipe, ratesOf } from '../reference/block/optimise.ts';
import type { Settings } from './types.ts';

/** Below this share of the rate it does not fall. */
const LEAST = 0.02;
/** u32 words of shaders/train/state.wgsl. */
export const STATE_WORDS = 16;

export interface StepRates extends Rates {
  readonly aux: number;
  readonly biasSpeed: number;
}

export function stepRates(step: number, settings: Settings, recipe: Recipe): StepRates {
  const { decay, balance, aux, biasSpeed } = settings;
  const falling = decay && step >= decay.from ? (decay.to - step) / Math.max(1, decay.to - decay.from) : 1;
  const rates = ratesOf(step, settings, recipe);
  return {
    ...rates,
    rate: rates.rate * Math.max(LEAST, falling),
    aux: balance === 'aux' ? aux : 0,
    biasSpeed: balance === 'bias' ? biasSpeed : 0,
  };
}

/** What a pass is about; the rest of a step is in its rates. */
export interface PassState {
  readonly seed: number;
  readonly step: number;
  /** The first pixel of a painting's part, or of the characters given; null: they are drawn by lot. */
  readonly first: number | null;
  readonly width?: number;
  readonly pixels?: number;
  readonly temperature?: number;
}

/** The state as the kernels read it. */
export function stateWords(
  { seed, step, first, width = 0, pixels = 0, temperature = 0 }: PassState,
  { rate, clip, correction1, correction2, keep, aux, biasSpeed }: StepRates,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(STATE_WORDS);
  words.set([seed, step, Number(first === null), first ?? 0, width, pixels]);
  new Float32Array(words.buffer).set([rate, clip, correction1, correction2, keep, aux, biasSpeed, temperature], 6);
  return words;
}
