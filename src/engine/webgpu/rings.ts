/**
 * What layers that see little keep of a text: keys and values of the last positions alone, in a ring. So a text can be taken back
 * by a few hundred positions, and where it is to go back further it has to be read again.
 */

/** Positions kept behind what the next token sees, at least. */
const BACK = 512;

/**
 * Rows of the cache of a layer that sees so many positions; position p's is number p % rows. A pass writes all its rows before any
 * of them is read: beside what its first token sees there is room for the whole pass.
 */
export const ringOf = (sight: number, contextLength: number, maxTokens: number): number =>
  Math.min(contextLength, sight - 1 + Math.max(BACK, maxTokens));

interface Ring {
  /** Positions that its layer sees. */
  readonly sight: number;
  readonly rows: number;
}

/** How far back a text can be taken. */
export class Reach {
  /** Positions that were written since the text's beginning: those forgotten since took others' rows, too. */
  private end = 0;

  /** @param rings of all layers */
  constructor(private readonly rings: readonly Ring[]) {}

  get written(): number {
    return this.end;
  }

  /** Positions before `end` may have been written. */
  note(end: number): void {
    this.end = Math.max(this.end, end);
  }

  /** Rows are as if those before `end` alone had been written: they were put back, or none is read any more. */
  reset(end: number): void {
    this.end = end;
  }

  /** Whether all that a token at this position sees is there. */
  holds(position: number): boolean {
    return (
      position === 0 || this.rings.every(({ sight, rows }) => Math.max(0, position + 1 - sight) >= this.end - rows)
    );
  }
}
