/** What one expert did in a text: which words it took, how often, with whom, and when. Kept up as the text grows. */
import type { TraceStore } from '../text/trace-store.ts';
import { Partners } from './coactivation.ts';

export interface WordCount {
  readonly word: string;
  /** Of all occurrences, those that the expert took. */
  readonly taken: number;
  readonly occurrences: number;
}

class Words {
  private readonly occurrences = new Map<string, number>();
  private readonly taken = new Map<string, number>();

  add(word: string, took: boolean): void {
    this.occurrences.set(word, (this.occurrences.get(word) ?? 0) + 1);
    if (took) this.taken.set(word, (this.taken.get(word) ?? 0) + 1);
  }

  /** Those that it took most often, then those of which it took most. */
  most(count: number): WordCount[] {
    const all = [...this.taken].map(([word, taken]) => ({ word, taken, occurrences: this.occurrences.get(word)! }));
    return all
      .sort((a, b) => b.taken - a.taken || a.occurrences - b.occurrences || (a.word < b.word ? -1 : 1))
      .slice(0, count);
  }
}

export class ExpertReading {
  /** Tokens that are counted. */
  count = 0;
  /** By the token that went in, and by the one expected next. */
  readonly inputs = new Words();
  readonly predictions = new Words();
  readonly partners: Partners;
  /** Among the first t tokens it took so many; [count + 1]. */
  private readonly upTo: number[] = [0];

  constructor(
    private readonly trace: TraceStore,
    readonly layer: number,
    readonly expert: number,
  ) {
    this.partners = new Partners(trace.shape.experts, layer, expert);
  }

  /** Tokens it took. */
  get taken(): number {
    return this.upTo[this.count];
  }

  /** Counts what the trace holds more, for at most so many milliseconds; false when some is left. */
  catchUp(milliseconds: number): boolean {
    const { trace, layer, expert } = this;
    const end = performance.now() + milliseconds;
    while (this.count < trace.count) {
      const at = this.count++;
      const took = trace.rankOf(at, layer, expert) >= 0;
      this.upTo.push(this.upTo[at] + (took ? 1 : 0));
      // Bytes of an unfinished character are no word.
      if (trace.texts[at]) this.inputs.add(trace.texts[at], took);
      // The likeliest next token, whether it was drawn or not.
      const predicted = trace.candidates[at]?.[0]?.text;
      if (predicted !== undefined) this.predictions.add(predicted, took);
      this.partners.add(trace, at);
      if (performance.now() > end) break;
    }
    return this.count >= trace.count;
  }

  /** Its share of the tokens in each of at most `bins` equal stretches of the text, and how many tokens a stretch has. */
  overTime(bins: number): { readonly shares: readonly number[]; readonly tokens: number } {
    const tokens = Math.max(1, Math.ceil(this.count / bins));
    const shares: number[] = [];
    for (let from = 0; from < this.count; from += tokens) {
      const to = Math.min(this.count, from + tokens);
      shares.push((this.upTo[to] - this.upTo[from]) / (to - from));
    }
    return { shares, tokens };
  }
}
