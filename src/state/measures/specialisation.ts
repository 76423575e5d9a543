/** How much an expert keeps to a domain or to a word of the vocabulary. OLMoE (2409.02060), eq. 7 and 8. */

/**
 * Domain specialisation N(k)[E_i, D]/N[D]: the share of the tokens of domain D that have expert i among their k. Chance is
 * k/E. `assignments` is the share of the domain's (token, expert) pairs, which is 1/k of it.
 */
export function domainSpecialisation(assignments: number, k: number): number {
  return assignments * k;
}

/**
 * Vocabulary specialisation N(k)[x, E_i]/N[x] in one layer, x a token id (what went in, or what was predicted). N[x] counts
 * all routings of x, so chance is 1/E and no share exceeds 1/k. Counts grow with the text: O(k) a token.
 */
export class Vocabulary {
  /** Where the counts of x stand. */
  private readonly rows = new Map<number | string, number>();
  /** N(k)[x, e], [x, E]. */
  private counts: Uint32Array;
  /** N[x] and max over e of N(k)[x, e]; [x] */
  private readonly routings: number[] = [];
  private readonly most: number[] = [];
  private readonly seen: number[] = [];
  private sum = 0;
  /** Ids that were seen at least `atLeast` times. */
  frequent = 0;

  constructor(
    private readonly experts: number,
    /** Rare ids inflate the mean: one occurrence of x gives its expert all there is. */
    private readonly atLeast: number,
  ) {
    this.counts = new Uint32Array(64 * experts);
  }

  add(x: number | string, chosen: readonly number[]): void {
    const row = this.rowOf(x);
    const before = this.seen[row] >= this.atLeast;
    if (before) this.sum -= this.most[row] / this.routings[row];
    for (const expert of chosen) {
      const count = ++this.counts[row * this.experts + expert];
      if (count > this.most[row]) this.most[row] = count;
    }
    this.routings[row] += chosen.length;
    this.seen[row]++;
    if (this.seen[row] < this.atLeast) return;
    if (!before) this.frequent++;
    this.sum += this.most[row] / this.routings[row];
  }

  share(x: number | string, expert: number): number {
    const row = this.rows.get(x);
    return row === undefined ? 0 : this.counts[row * this.experts + expert] / this.routings[row];
  }

  /** Mean over the frequent ids of the largest share that one expert has of them; 0 before there is one. */
  get mean(): number {
    return this.frequent ? this.sum / this.frequent : 0;
  }

  private rowOf(x: number | string): number {
    const known = this.rows.get(x);
    if (known !== undefined) return known;
    const row = this.rows.size;
    this.rows.set(x, row);
    if ((row + 1) * this.experts > this.counts.length) {
      const counts = new Uint32Array(2 * this.counts.length);
      counts.set(this.counts);
      this.counts = counts;
    }
    this.routings.push(0);
    this.most.push(0);
    this.seen.push(0);
    return row;
  }
}
