/** What a step's settings come to. */
import { type Rates, ratesOf } from '../reference/painter/optimise.ts';
import type { RunOptions, Settings } from './types.ts';

/** Below this share of the rate it does not fall. */
const LEAST = 0.02;
/** u32 words of shaders/train/state.wgsl. */
export const STATE_WORDS = 16;

export interface StepRates extends Rates {
  readonly aux: number;
  readonly biasSpeed: number;
}

export function stepRates(step: number, settings: Settings): StepRates {
  const { decay, balance, aux, biasSpeed } = settings;
  const falling = decay && step >= decay.from ? (decay.to - step) / Math.max(1, decay.to - decay.from) : 1;
  const rates = ratesOf(step, settings);
  return {
    ...rates,
    rate: rates.rate * Math.max(LEAST, falling),
    aux: balance === 'aux' ? aux : 0,
    biasSpeed: balance === 'bias' ? biasSpeed : 0,
  };
}

/** The state as the kernels read it. @param first the first pixel of a painting's part; null: pixels are drawn by lot. */
export function stateWords(
  { seed, picture }: RunOptions,
  step: number,
  rates: StepRates,
  first: number | null = null,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(STATE_WORDS);
  words.set([seed, step, Number(first === null), first ?? 0, picture.width, picture.width * picture.height]);
  const { rate, clip, correction1, correction2, keep, aux, biasSpeed } = rates;
  new Float32Array(words.buffer).set([rate, clip, correction1, correction2, keep, aux, biasSpeed], 6);
  return words;
}
