/** Two texts, word by word: what both have in the same order, and what only one has. */

export interface Piece {
  readonly text: string;
  /** The other text has this word here, too. */
  readonly same: boolean;
}

export interface Diff {
  readonly a: readonly Piece[];
  readonly b: readonly Piece[];
  /** Words both have in the same order: a longest common subsequence. */
  readonly common: number;
  readonly words: readonly [number, number];
}

/** Words with the white space before them. */
const wordsOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** Neighbours that share a fate, as one piece. */
function pieces(words: readonly string[], same: readonly boolean[]): Piece[] {
  const joined: { text: string; same: boolean }[] = [];
  for (const [i, text] of words.entries()) {
    const last = joined.at(-1);
    if (last && last.same === same[i]) last.text += text;
    else joined.push({ text, same: same[i] });
  }
  return joined;
}

/** Words are the same where they are to the letter, the white space before them left out. Time grows with the product of both. */
export function diffWords(a: string, b: string): Diff {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  const equal = (i: number, j: number) => left[i].trim() === right[j].trim();
  // longest[i][j]: common words from left[i] and right[j] on.
  const longest = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const skipped = Math.max(longest[i + 1][j], longest[i][j + 1]);
      longest[i][j] = equal(i, j) ? Math.max(skipped, longest[i + 1][j + 1] + 1) : skipped;
    }
  }
  const [inBoth, inBothToo] = [left.map(() => false), right.map(() => false)];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (equal(i, j) && longest[i][j] === longest[i + 1][j + 1] + 1) {
      inBoth[i++] = true;
      inBothToo[j++] = true;
    } else if (longest[i + 1][j] >= longest[i][j + 1]) i++;
    else j++;
  }
  return {
    a: pieces(left, inBoth),
    b: pieces(right, inBothToo),
    common: longest[0][0],
    words: [left.length, right.length],
  };
}
