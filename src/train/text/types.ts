/** What a trainer of the character model is told and what it tells. */
import type { TextShape } from '../../reference/text/shape.ts';
import { DEFAULT_SETTINGS, type Settings, type Trains } from '../types.ts';
import type { Corpus, Rows } from './corpus.ts';

/** Decided for a whole run. */
export interface TextOptions {
  readonly shape: TextShape;
  readonly corpus: Corpus;
  /** Of a step, each as long as the context. */
  readonly texts: number;
  /** Texts of each kind that are read of what is held out; HELD_OUT_TEXTS if not said. */
  readonly heldOut?: number;
  readonly seed: number;
}

/** Held-out text, read by the average of the weights. */
export interface TextReading {
  /** Mean cross-entropy in nats a character, and that of each kind. */
  readonly loss: number;
  readonly byKind: readonly number[];
  readonly rows: Rows;
  /** The experts of every row, best first, [rows · k]; a list for each layer with a router. */
  readonly choices: readonly Uint8Array[];
}

export interface Writing {
  /** 0: always the likeliest character. */
  readonly temperature: number;
  readonly seed: number;
}

export interface TextTrainer extends Trains {
  readonly options: TextOptions;
  /** @param off switched-off experts, as layer · E + expert; training knows nothing of them. */
  read(off?: ReadonlySet<number>): Promise<TextReading>;
  /** Goes on with beginnings of equal length; gives back all of each text. The same seed gives the same text. */
  write(beginnings: readonly (readonly number[])[], count: number, writing: Writing): Promise<number[][]>;
  destroy(): void;
}

/** Texts of each kind that are read of what is held out. */
export const HELD_OUT_TEXTS = 24;

export const TEXT_SETTINGS: Settings = { ...DEFAULT_SETTINGS, warmup: 30, biasSpeed: 0.003 };

export const TEXT_SHAPE: Omit<TextShape, 'characters'> = {
  width: 64,
  layers: 2,
  hidden: 64,
  experts: 16,
  k: 2,
  heads: 4,
  context: 64,
};
/** Of a step: 4096 characters. */
export const TEXTS = 64;

/** @param losses of every row. */
export function readingOf(rows: Rows, losses: ArrayLike<number>, choices: readonly Uint8Array[]): TextReading {
  const kinds = Math.max(...rows.kinds) + 1;
  const sums = new Array<number>(kinds).fill(0);
  for (let n = 0; n < rows.kinds.length; n++) sums[rows.kinds[n]] += losses[n];
  const byKind = sums.map((sum) => (sum * kinds) / rows.kinds.length);
  return { loss: byKind.reduce((a, b) => a + b) / kinds, byKind, rows, choices };
}
