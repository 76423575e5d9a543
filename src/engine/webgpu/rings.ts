/**
 * What layers that see little keep of a text: keys and values of the last positions alone, in a ring. So a text can be taken back
 * by a few hundred positions, and where it is to go back further it has to be read again.
 */
import { sightOf } from '../../model/layerKinds.ts';
import type { ModelConfig } from '../../model/types.ts';

/** Positions kept behind what the next token sees, at least. */
const BACK = 512;

/**
 * Rows of the cache of a layer that sees so many positions; position p's is number p % rows. A pass writes all its rows before any
 * of them is read: beside what its first token sees there is room for the whole pass.
 */
export const ringOf = (sight: number, contextLength: number, maxTokens: number): number =>
  Math.min(contextLength, sight - 1 + Math.max(BACK, maxTokens));

interface Ring {
  readonly sight: number;
  readonly rows: number;
}

/** How far back a text can be taken. */
export class Reach {
  readonly #rings: readonly Ring[];
  /** Positions that were written since the text's beginning: those forgotten since took others' rows, too. */
  #written = 0;

  constructor(config: ModelConfig, rings: readonly number[]) {
    this.#rings = rings.map((rows, layer) => ({ rows, sight: sightOf(config, layer) }));
  }

  get written(): number {
    return this.#written;
  }

  /** Positions before `end` may have been written. */
  note(end: number): void {
    this.#written = Math.max(this.#written, end);
  }

  /** Rows are as if those before `end` alone had been written: they were put back, or none is read any more. */
  reset(end: number): void {
    this.#written = end;
  }

  /** Whether all that a token at this position sees is there. */
  holds(position: number): boolean {
    return (
      position === 0 ||
      this.#rings.every(({ sight, rows }) => Math.max(0, position + 1 - sight) >= this.#written - rows)
    );
  }
}
