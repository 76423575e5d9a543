/**
 * Co-activation N[i, j]/N[i]: of the tokens that chose expert i, the share that chose j too. Asymmetric. All pairs of a
 * token's k experts count, as in OLMoE (2409.02060) eq. 6, not only neighbours in rank.
 */
import type { TraceStore } from '../text/trace-store.ts';

/** (k − 1)/(E − 1): the co-activation of any pair when a token takes its other experts blindly. */
export function coactivationByChance(experts: number, k: number): number {
  return experts > 1 ? (k - 1) / (experts - 1) : 0;
}

/** The partners of one expert, counted as the text grows: O(k) a token. */
export class Partners {
  /** N[i]. */
  tokens = 0;
  /** N[i, j], [E]; 0 at i itself. */
  readonly together: Uint32Array;
  /** Σ (k_t − 1)/(E − 1) over the N[i] tokens, for a k that somebody changed on the way. */
  private chances = 0;

  constructor(
    private readonly experts: number,
    private readonly layer: number,
    private readonly expert: number,
  ) {
    this.together = new Uint32Array(experts);
  }

  add(trace: TraceStore, at: number): void {
    const chosen = trace.chosen(at, this.layer);
    if (trace.rankOf(at, this.layer, this.expert) < 0) return;
    this.tokens++;
    this.chances += coactivationByChance(this.experts, chosen);
    for (let rank = 0; rank < chosen; rank++) {
      const other = trace.expert(at, this.layer, rank);
      if (other !== this.expert) this.together[other]++;
    }
  }

  share(other: number): number {
    return this.tokens ? this.together[other] / this.tokens : 0;
  }

  get chance(): number {
    return this.tokens ? this.chances / this.tokens : 0;
  }
}

/** N[i, j]/N[i] for all pairs of one layer, counted as the text grows: O(k²) a token. */
export class Coactivation {
  /** Tokens that are counted. */
  count = 0;
  /** N[i, j], with N[i] on the diagonal. [E, E] */
  private readonly together: Uint32Array;
  private chances = 0;
  private chosen = 0;

  constructor(
    private readonly trace: TraceStore,
    readonly layer: number,
  ) {
    const { experts } = trace.shape;
    this.together = new Uint32Array(experts * experts);
  }

  catchUp(): void {
    const { trace, layer } = this;
    const { experts } = trace.shape;
    for (; this.count < trace.count; this.count++) {
      const k = trace.chosen(this.count, layer);
      const row = Array.from({ length: k }, (_, rank) => trace.expert(this.count, layer, rank));
      for (const i of row) for (const j of row) this.together[i * experts + j]++;
      this.chosen += k;
      this.chances += k * coactivationByChance(experts, k);
    }
  }

  /** N[i], 0 … count. */
  tokens(i: number): number {
    return this.together[i * this.trace.shape.experts + i];
  }

  share(i: number, j: number): number {
    const tokens = this.tokens(i);
    return tokens ? this.together[i * this.trace.shape.experts + j] / tokens : 0;
  }

  /** Over all pairs: (k − 1)/(E − 1) for an equal k. */
  get chance(): number {
    return this.chosen ? this.chances / this.chosen : 0;
  }
}
