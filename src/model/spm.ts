/**
 * SentencePiece as GGUF carries it (tokenizer.ggml.model = "llama"): a whole text's characters, always the neighbours merged
 * whose token has the highest score, the leftmost of equals; what is no token in the end becomes tokens of its bytes.
 * Equal to llama.cpp's llm_tokenizer_spm (tests/oracle).
 */
import { byteTokens, missingBytes, type Vocabulary } from './vocabulary.ts';

const BLANK = '▁';
const utf8 = new TextEncoder();

/** Neighbours that would make a token, in a heap: the best score first, then the leftmost. */
class Candidates {
  private readonly scores: number[] = [];
  private readonly lefts: number[] = [];
  /** Bytes of the text that the merge would make: a candidate whose parts have changed since is told by it. */
  private readonly sizes: number[] = [];

  get length(): number {
    return this.lefts.length;
  }

  private before(i: number, j: number): boolean {
    const scores = this.scores;
    return scores[i] > scores[j] || (scores[i] === scores[j] && this.lefts[i] < this.lefts[j]);
  }

  private swap(i: number, j: number): void {
    for (const list of [this.scores, this.lefts, this.sizes]) [list[i], list[j]] = [list[j], list[i]];
  }

  push(score: number, left: number, size: number): void {
    this.scores.push(score);
    this.sizes.push(size);
    for (let i = this.lefts.push(left) - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.before(i, parent)) return;
      this.swap(i, parent);
      i = parent;
    }
  }

  pop(): { left: number; size: number } {
    this.swap(0, this.length - 1);
    this.scores.pop();
    const found = { left: this.lefts.pop()!, size: this.sizes.pop()! };
    for (let i = 0; ; ) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < this.length && this.before(child, first)) first = child;
      if (first === i) return found;
      this.swap(i, first);
      i = first;
    }
  }
}

export interface PieceEncoder {
  /** @param first nothing, or a mark, stands in front of the text. */
  encode(text: string, first: boolean): readonly number[];
  /** Bytes of UTF-8 that no token stands for. */
  readonly missingBytes: number;
}

/** @param prefix whether a text gets a blank in front. */
export function sentencePieces({ idOf }: Vocabulary, scores: ArrayLike<number>, prefix: boolean): PieceEncoder {
  const bytes = byteTokens(idOf);
  const score = (id: number) => scores[id] ?? 0;

  function merge(characters: readonly string[]): string[] {
    const parts: string[] = [...characters];
    // Who follows and who precedes; a part that was merged into its left neighbour is empty.
    const next = Int32Array.from(parts, (_, i) => (i + 1 < parts.length ? i + 1 : -1));
    const previous = Int32Array.from(parts, (_, i) => i - 1);
    const candidates = new Candidates();
    const consider = (left: number) => {
      if (left < 0 || next[left] < 0) return;
      const text = parts[left] + parts[next[left]];
      const id = idOf.get(text);
      if (id !== undefined) candidates.push(score(id), left, text.length);
    };
    for (let i = 0; i + 1 < parts.length; i++) consider(i);
    while (candidates.length > 0) {
      const { left, size } = candidates.pop();
      const right = next[left];
      if (parts[left] === '' || right < 0 || parts[left].length + parts[right].length !== size) continue;
      parts[left] += parts[right];
      parts[right] = '';
      next[left] = next[right];
      if (next[left] >= 0) previous[next[left]] = left;
      consider(previous[left]);
      consider(left);
    }
    return parts.filter((part) => part !== '');
  }

  return {
    missingBytes: missingBytes(bytes, idOf),
    encode(text, first) {
      const written = (prefix && first ? ` ${text}` : text).replaceAll(' ', BLANK);
      return merge(Array.from(written)).flatMap((part) => {
        const id = idOf.get(part);
        if (id !== undefined) return [id];
        return Array.from(utf8.encode(part), (byte) => bytes[byte]).filter((token) => token !== undefined);
      });
    },
  };
}
