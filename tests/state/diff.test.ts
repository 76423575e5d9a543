import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffWords, type Piece } from '../../src/state/interventions/diff.ts';

const text = (pieces: readonly Piece[]) => pieces.map((piece) => piece.text).join('');
const different = (pieces: readonly Piece[]) => pieces.filter(({ same }) => !same).map((piece) => piece.text.trim());

describe('diffWords', () => {
  it('finds what was put in, taken out and replaced', () => {
    const { a, b, common } = diffWords('the old fox ran home', 'the fox ran slowly home again');
    expect(different(a)).toEqual(['old']);
    expect(different(b)).toEqual(['slowly', 'again']);
    expect(common).toBe(4);
  });

  it('of the same text is the text; of nothing, everything', () => {
    expect(diffWords('a b\nc', 'a b\nc').a).toEqual([{ text: 'a b\nc', same: true }]);
    expect(diffWords('', 'a b').b).toEqual([{ text: 'a b', same: false }]);
    expect(diffWords('', '')).toEqual({ a: [], b: [], common: 0, words: [0, 0] });
  });

  it('loses no letter, marks as many words as it says, and no common subsequence is longer', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 });
    fc.assert(
      fc.property(words, words, (left, right) => {
        const { a, b, common } = diffWords(left.join(' '), right.join(' '));
        expect([text(a), text(b)]).toEqual([left.join(' '), right.join(' ')]);
        const same = (pieces: readonly Piece[]) =>
          pieces.filter((piece) => piece.same).flatMap((piece) => piece.text.trim().split(/\s+/));
        expect(same(a)).toEqual(same(b));
        expect(same(a).length).toBe(common);
        expect(common).toBe(longest(left, right));
      }),
    );
  });
});

/** By trying every choice of words. */
function longest(a: readonly string[], b: readonly string[]): number {
  if (!a.length || !b.length) return 0;
  const [head, ...tail] = a;
  const at = b.indexOf(head);
  return Math.max(longest(tail, b), at < 0 ? 0 : 1 + longest(tail, b.slice(at + 1)));
}
