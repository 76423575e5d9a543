/** What a visitor typed, read strictly: a value that makes no sense gives a sentence, never a guess. */
import type { Sampling } from '../engine/types.ts';

export interface SamplingText {
  readonly temperature: string;
  readonly topK: string;
  readonly topP: string;
  readonly seed: string;
  readonly length: string;
}

export const DEFAULT_SAMPLING: SamplingText = {
  temperature: '0.8',
  topK: '40',
  topP: '0.95',
  seed: '1',
  length: '240',
};

export interface FieldProblem {
  readonly field: keyof SamplingText | 'prompt';
  readonly message: string;
}

export interface WriteRequest {
  readonly sampling: Sampling;
  readonly length: number;
}

interface Rule {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
}

export const RULES: Record<keyof SamplingText, Rule> = {
  temperature: { name: 'Temperature', low: 0, high: 5, whole: false },
  topK: { name: 'Top-k', low: 0, high: 100_000, whole: true },
  topP: { name: 'Top-p', low: 0, high: 1, whole: false },
  seed: { name: 'The seed', low: 0, high: 0xffffffff, whole: true },
  length: { name: 'The number of tokens', low: 1, high: 100_000, whole: true },
};

/** One field as a number in its range, or what is wrong with it. */
export function readNumber(field: keyof SamplingText, text: string): number | FieldProblem {
  const { name, low, high, whole } = RULES[field];
  const typed = text.trim().replace(',', '.');
  const value = Number(typed);
  const fits = typed !== '' && Number.isFinite(value) && value >= low && value <= high;
  if (fits && (!whole || Number.isInteger(value))) return value;
  const wanted = `${whole ? 'a whole number' : 'a number'} from ${low} to ${high}`;
  const found = typed === '' ? 'The field is empty.' : `“${text.trim()}” is not.`;
  return { field, message: `${name} must be ${wanted}. ${found}` };
}

/** Reads all fields; the first that makes no sense is the answer instead. */
export function readSampling(text: SamplingText): WriteRequest | FieldProblem {
  const values = {} as Record<keyof SamplingText, number>;
  for (const field of Object.keys(RULES) as (keyof SamplingText)[]) {
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
