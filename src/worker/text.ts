/** The text so far, as the worker keeps it: what a lost device, a measurement or a pause must never cost. */
import { TextStream } from '../model/textStream.ts';
import type { Tokenizer } from '../model/types.ts';

export class RunningText {
  /** Tokens whose routing the page has. */
  readonly routed: number[] = [];
  /** Prompt tokens, and at the end the one drawn last, that no pass has run yet. */
  waiting: number[];
  /** What the waiting tokens add to the text, in order. */
  #texts: string[];
  readonly #stream: TextStream;

  constructor(
    readonly tokenizer: Tokenizer,
    prompt: readonly number[],
  ) {
    this.#stream = new TextStream(tokenizer);
    this.waiting = [...prompt];
    this.#texts = this.waiting.map((id) => this.#stream.push(id));
  }

  /** Ids a pass has to run when the cache holds `length` positions. */
  toRun(length: number): number[] {
    return [...this.routed.slice(length), ...this.waiting];
  }

  /** These tokens, the first of the waiting ones, have been run; returns what each adds to the text. */
  take(tokens: Uint32Array): string[] {
    const texts = Array.from(tokens, (id) => this.#texts.shift() ?? this.#stream.push(id));
    this.routed.push(...tokens);
    this.waiting = this.waiting.slice(tokens.length);
    return texts;
  }

  /** A token was drawn. Returns what it adds; the end of the text adds nothing. */
  draw(id: number): string {
    this.waiting = [id];
    this.#texts = [id === this.tokenizer.eos ? '' : this.#stream.push(id)];
    return this.#texts[0];
  }

  get ended(): boolean {
    return this.waiting.length === 1 && this.waiting[0] === this.tokenizer.eos && this.routed.length > 0;
  }
}
