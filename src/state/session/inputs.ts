/** What a visitor typed, read strictly: a value that makes no sense gives a sentence, never a guess. */

import { fits, RANGES, readDecimal, wanted } from '../../engine/ranges.ts';
import type { Sampling } from '../../engine/types.ts';

export interface SamplingText {
  readonly temperature: string;
  readonly topK: string;
  readonly topP: string;
  readonly seed: string;
  readonly length: string;
}

export const DEFAULT_SAMPLING: SamplingText = {
  temperature: String(RANGES.temperature.usual),
  topK: String(RANGES.topK.usual),
  topP: String(RANGES.topP.usual),
  seed: String(RANGES.seed.usual),
  length: String(RANGES.length.usual),
};

export interface FieldProblem {
  readonly field: keyof SamplingText | 'prompt';
  readonly message: string;
}

export interface WriteRequest {
  readonly sampling: Sampling;
  readonly length: number;
}

/** One field as a number in its range, or what is wrong with it. */
export function readNumber(field: keyof SamplingText, text: string): number | FieldProblem {
  const range = RANGES[field];
  const value = readDecimal(text);
  if (fits(range, value)) return value;
  const found = text.trim() === '' ? 'The field is empty.' : `“${text.trim().slice(0, 24)}” is not.`;
  return { field, message: `${range.name} must be ${wanted(range)}. ${found}` };
}

/** Reads all fields; the first that makes no sense is the answer instead. */
export function readSampling(text: SamplingText): WriteRequest | FieldProblem {
  const values = {} as Record<keyof SamplingText, number>;
  for (const field of Object.keys(DEFAULT_SAMPLING) as (keyof SamplingText)[]) {
    const value = readNumber(field, text[field]);
    if (typeof value !== 'number') return value;
    values[field] = value;
  }
  const { temperature, topK, topP, seed, length } = values;
  return { sampling: { temperature, topK, topP, seed }, length };
}

export function readPrompt(text: string): FieldProblem | null {
  if (text.trim() !== '') return null;
  return { field: 'prompt', message: 'The prompt is empty: write a few words for the model to go on from.' };
}

export function isProblem(value: WriteRequest | FieldProblem): value is FieldProblem {
  return 'message' in value;
}
