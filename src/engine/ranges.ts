/**
 * Every number that decides what is written: its limits, and how it is read from text. Form, link, element, command line,
 * trace file and both engines ask here, so that what one takes none of the others refuses or reads otherwise.
 */
import { insteadOf } from '../model/errors.ts';

export interface Range {
  /** As a sentence begins with it. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  /** Taken where nobody says anything. */
  readonly usual: number;
}

const U32 = 0xffffffff;

export const RANGES = {
  /** 0 is greedy. */
  temperature: { name: 'The temperature', min: 0, max: 100, whole: false, usual: 0.9 },
  /** Keep the k likeliest; 0 keeps all. */
  topK: { name: 'Top-k', min: 0, max: U32, whole: true, usual: 40 },
  /** Keep the smallest set whose probabilities reach p, and at least one; 1 keeps all. */
  topP: { name: 'Top-p', min: 0, max: 1, whole: false, usual: 0.95 },
  seed: { name: 'The seed', min: 0, max: U32, whole: true, usual: 1 },
  /** Tokens to write at most; the context may end the text before. */
  length: { name: 'The number of tokens', min: 1, max: U32, whole: true, usual: 240 },
  /** Added to a router's logit: far beyond what decides anything, far from what f32 cannot tell apart. */
  bias: { name: 'A bias', min: -20, max: 20, whole: false, usual: 0 },
} as const satisfies Readonly<Record<string, Range>>;

export type RangeName = keyof typeof RANGES;

export function fits({ min, max, whole }: Range, value: unknown): value is number {
  return typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
}

/** Why a value does not fit: one sentence, or null when it does. */
export const rangeProblem = (range: Range, value: unknown): string | null =>
  fits(range, value) ? null : `${range.name} must be ${wanted(range)}${insteadOf(value)}.`;

const signed = (value: number) => String(value).replace('-', '−');

/** What a value must be, as words. */
export const wanted = ({ min, max, whole }: Range): string =>
  `${whole ? 'a whole number' : 'a number'} from ${signed(min)} to ${signed(max)}`;

/** The nearest value that fits. */
export const brought = ({ min, max, whole }: Range, value: number): number =>
  Math.min(max, Math.max(min, whole ? Math.round(value) : value)) + 0;

/** A number in decimal notation, with a point or a comma, a hyphen or a minus; NaN for any other text. */
export function readDecimal(text: string): number {
  const typed = text.trim().replace(',', '.').replace('−', '-');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed) ? Number(typed) : Number.NaN;
}
