/** Which experts of a layer are in its cache, and in which entries. The least recently used gives way. */
import { MISSING } from '../../kernels/route.ts';

export class ExpertEntries {
  /** Expert → entry, or MISSING. [E] */
  readonly table: Uint16Array;
  /** Entry → expert, as far as there is one. */
  readonly #held: number[] = [];
  /** When an expert was used last. [E] */
  readonly #last: Float64Array;
  #now = 0;

  constructor(
    experts: number,
    readonly entries: number,
  ) {
    this.table = new Uint16Array(experts).fill(MISSING);
    this.#last = new Float64Array(experts);
  }

  /** Experts that are there, in ascending order. */
  get held(): readonly number[] {
    return [...this.#held].sort((a, b) => a - b);
  }

  has(expert: number): boolean {
    return this.table[expert] !== MISSING;
  }

  /** Who was used together, later than all so far. */
  use(experts: Iterable<number>): void {
    this.#now++;
    for (const expert of experts) this.#last[expert] = this.#now;
  }

  /**
   * Room for an expert that is not there: an empty entry, or that of one that is not among `wanted`, which leaves. The expert is
   * there only once `fill` says so.
   */
  free(wanted: ReadonlySet<number>): number {
    if (this.#held.length < this.entries) return this.#held.length;
    let least = -1;
    for (const expert of this.held)
      if (!wanted.has(expert) && (least < 0 || this.#last[expert] < this.#last[least])) least = expert;
    if (least < 0) throw new RangeError(`${wanted.size} experts are wanted together, and ${this.entries} have room.`);
    return this.table[least];
  }

  /** From now on the entry has this expert. */
  fill(entry: number, expert: number): void {
    if (entry < this.#held.length) this.table[this.#held[entry]] = MISSING;
    this.#held[entry] = expert;
    this.table[expert] = entry;
  }
}
