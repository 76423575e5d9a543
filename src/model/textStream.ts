/** Token ids in, what each adds to the text out. */
import type { Tokenizer } from './types.ts';

/**
 * Decodes a text token by token. A token that ends inside a character adds ''; the one that completes it adds it whole;
 * bytes that are no UTF-8 become U+FFFD. All that was added, flush() included, is tokenizer.decode() of all ids.
 */
export class TextStream {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly tokenizer: Tokenizer) {}

  /** What the token adds to the text. Throws RangeError for an id outside the vocabulary. */
  push(id: number): string {
    return this.decoder.decode(this.tokenizer.bytes(id), { stream: true });
  }

  /** What an unfinished character at the end becomes ('' or U+FFFD); the stream can start anew afterwards. */
  flush(): string {
    return this.decoder.decode();
  }
}
