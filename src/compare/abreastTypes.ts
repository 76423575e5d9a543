/** Several models that write from one prompt in turns: what is asked, and how far each has come. */
import type { Sampling } from '../engine/types.ts';
import type { QualityPoint, QualityReading, QualityRequest } from './contract.ts';

export interface AbreastRequest extends Pick<QualityRequest, 'models' | 'heldoutUrl'> {
  readonly prompt: string;
  /** Each writes as many on its clock, and reads as many of every kind of held-out text. */
  readonly maxTokens: number;
  readonly sampling: Sampling;
}

/** One of several models that write in turns, as far as it has come. */
export interface AbreastLane extends Pick<QualityPoint, 'model' | 'tokensSeen' | 'time' | 'info'> {
  /** What follows the prompt: one text, and another after each that ended early. */
  readonly texts: readonly string[];
  /** Written on the clock: all but the first of each text, which the prompt's pass draws. */
  readonly tokens: number;
  /** Measured: of its own turns. `time` is per token, a sample for each turn. */
  readonly milliseconds: number;
  /** Computed: one for each weight that a token uses. */
  readonly multiplyAdds: number;
  /** The same text for all of them, off the clock; null before the first of it. */
  readonly heldout: QualityReading | null;
}

/** Fetching counts bytes, writing tokens, of all models together. */
export interface AbreastProgress {
  readonly step: 'fetching' | 'writing';
  readonly done: number;
  readonly total: number;
  readonly lanes: readonly AbreastLane[];
}
