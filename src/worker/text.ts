/** The text so far, as the worker keeps it: what a lost device, a measurement or a pause must never cost. */
import { joinRouted, type Routed } from '../engine/batch.ts';
import { END_OF_TEXT, type TraceBatch } from '../engine/types.ts';
import { TextStream } from '../model/textStream.ts';
import type { Tokenizer } from '../model/types.ts';

/** A token that may come next, by itself. */
export const candidateWord = (tokenizer: Tokenizer, id: number): string =>
  tokenizer.ends.has(id) ? END_OF_TEXT : tokenizer.decode([id]);

/** A control token writes nothing; who reads a prompt sees it by its name, unless every text of the model is given it. */
const nameOf = (tokenizer: Tokenizer, id: number, given: readonly number[]): string =>
  tokenizer.bytes(id).length === 0 && !given.includes(id) ? tokenizer.label(id) : '';

export class RunningText {
  /** Tokens whose routing the page has. */
  readonly routed: number[] = [];
  /** Which interventions each of them was run under. */
  readonly revisions: number[] = [];
  /** Prompt tokens, and at the end the one drawn last, that no pass has run yet. */
  waiting: number[];
  /** What the waiting tokens add to the text, in order. */
  private texts: string[];
  private readonly stream: TextStream;
  private readonly pieces: Routed[] = [];

  constructor(
    readonly tokenizer: Tokenizer,
    prompt: readonly number[],
    readonly promptTokens = prompt.length,
  ) {
    this.stream = new TextStream(tokenizer);
    this.waiting = [...prompt];
    const given = tokenizer.prompt('');
    this.texts = this.waiting.map((id) => this.stream.push(id) || nameOf(tokenizer, id, given));
  }

  /** A text that was written elsewhere: all but its last token count as run. */
  static of(
    tokenizer: Tokenizer,
    ids: readonly number[],
    promptTokens: number,
    revisions: readonly number[],
    { slots, expertIds, gateWeights }: Routed,
  ): RunningText {
    const text = new RunningText(tokenizer, ids, promptTokens);
    const run = ids.length - 1;
    const entries = (expertIds.length / ids.length) * run;
    text.take(Uint32Array.from(ids.slice(0, run)));
    text.revisions.push(...revisions.slice(0, run));
    text.pieces.push({ slots, expertIds: expertIds.slice(0, entries), gateWeights: gateWeights.slice(0, entries) });
    return text;
  }

  /** Ids a pass has to run when the cache holds `length` positions. */
  toRun(length: number): number[] {
    return [...this.routed.slice(length), ...this.waiting];
  }

  /** These tokens, the first of the waiting ones, have been run; returns what each adds to the text. */
  take(tokens: Uint32Array): string[] {
    const texts = Array.from(tokens, (id) => this.texts.shift() ?? this.stream.push(id));
    this.routed.push(...tokens);
    this.waiting = this.waiting.slice(tokens.length);
    return texts;
  }

  /** How the tokens just taken were routed. The batch is the page's: what is kept of it is copied. */
  note(batch: TraceBatch): void {
    this.revisions.push(...batch.revisions);
    const { slots, expertIds, gateWeights } = batch;
    this.pieces.push({ slots, expertIds: expertIds.slice(), gateWeights: gateWeights.slice() });
  }

  /** The routing from the first position on; null before there is any. */
  get routing(): Routed | null {
    return this.pieces.length > 0 ? joinRouted(this.pieces) : null;
  }

  /** A token was drawn. Returns what it adds; the end of the text adds nothing. */
  draw(id: number): string {
    this.waiting = [id];
    this.texts = [this.tokenizer.ends.has(id) ? '' : this.stream.push(id)];
    return this.texts[0];
  }

  get ended(): boolean {
    return this.waiting.length === 1 && this.tokenizer.ends.has(this.waiting[0]) && this.routed.length > 0;
  }
}
