// Byte-level BPE: pre-tokenizer, trainer and encoder. No dependencies.
// Ids: 0-255 the bytes, then one id per merge, last the end-of-document token.

// llama.cpp's `qwen2` pre-tokenizer: single digits, letters with one leading non-letter.
export const PRE = /(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;
export const END = '<|end|>';

/** GPT-2's printable stand-in for each of the 256 bytes. */
export const byteChars = (() => {
  const printable = (b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(printable(b) ? b : next++));
})();

const utf8 = new TextEncoder();

/** Counts of the pre-tokenised words of a text, added to `counts`. */
export function countWords(text, counts = new Map()) {
  for (const word of text.match(PRE) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Learns `merges` merges: the most frequent pair each time, ties to the lower pair of ids. */
export function trainBpe(counts, merges) {
  const words = [...counts.keys()].map((w) => Array.from(utf8.encode(w)));
  const freq = Float64Array.from(counts.values());
  const key = (a, b) => a * 65536 + b;
  const pairs = new Map(); // key -> {count, words}
  const add = (k, n, w) => {
    let p = pairs.get(k);
    if (!p) pairs.set(k, (p = { count: 0, words: new Set() }));
    p.count += n;
    if (n > 0) p.words.add(w);
  };
  words.forEach((ids, w) => { for (let i = 1; i < ids.length; i++) add(key(ids[i - 1], ids[i]), freq[w], w); });
  const learned = [];
  while (learned.length < merges) {
    let best = -1, most = 0;
    for (const [k, p] of pairs) if (p.count > most || (p.count === most && k < best)) { best = k; most = p.count; }
    if (best < 0) break;
    const a = Math.floor(best / 65536), b = best % 65536, id = 256 + learned.length;
    learned.push([a, b]);
    for (const w of pairs.get(best).words) {
      const ids = words[w], n = freq[w];
      const merged = mergePair(ids, a, b, id);
      if (merged.length === ids.length) continue;
      for (let i = 1; i < ids.length; i++) add(key(ids[i - 1], ids[i]), -n, w);
      for (let i = 1; i < merged.length; i++) add(key(merged[i - 1], merged[i]), n, w);
      words[w] = merged;
    }
    pairs.delete(best);
    if (learned.length % 256 === 0) for (const [k, p] of pairs) if (p.count <= 0) pairs.delete(k);
  }
  return learned;
}

function mergePair(ids, a, b, id) {
  const out = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === a && ids[i + 1] === b) { out.push(id); i++; } else out.push(ids[i]);
  }
  return out;
}

/** Encoder with a word cache; words are merged in the order the merges were learned. */
export class Encoder {
  constructor({ merges }) {
    this.rank = new Map(merges.map(([a, b], i) => [a * 65536 + b, 256 + i]));
    this.end = 256 + merges.length;
    this.cache = new Map();
  }
  word(text) {
    let ids = this.cache.get(text);
    if (ids) return ids;
    ids = Array.from(utf8.encode(text));
    for (;;) {
      let best = Infinity;
      for (let i = 1; i < ids.length; i++) best = Math.min(best, this.rank.get(ids[i - 1] * 65536 + ids[i]) ?? Infinity);
      if (best === Infinity) break;
      const merged = [];
      for (let i = 0; i < ids.length; i++) {
        if (this.rank.get(ids[i] * 65536 + ids[i + 1]) === best) { merged.push(best); i++; } else merged.push(ids[i]);
      }
      ids = merged;
    }
    this.cache.set(text, ids);
    return ids;
  }
  /** Appends the ids of `text` to `out` (an array or anything with push). */
  encode(text, out = []) {
    for (const word of text.match(PRE) ?? []) for (const id of this.word(word)) out.push(id);
    return out;
  }
}

/** The tokens as GGUF writes them: printable strings by GPT-2's byte mapping. */
export function tokenStrings(merges) {
  const tokens = [...byteChars];
  for (const [a, b] of merges) tokens.push(tokens[a] + tokens[b]);
  tokens.push(END);
  return tokens;
}
