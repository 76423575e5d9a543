/**
 * Tokenizers as GGUF carries them: cut out the added tokens, then either byte-level BPE (tokenizer.ggml.model = "gpt2": split
 * the rest by the pre-tokenizer's expressions, write each word's UTF-8 bytes as symbols, merge), SentencePiece (spm.ts), or Gemma's.
 * Equal to llama.cpp's (tests/oracle).
 */
import { type MergeTable, mergeWord } from './bpe.ts';
import { UserError } from './errors.ts';
import { quote } from './gguf.ts';
import type { Metadata } from './metadata.ts';
import { PRE_TOKENIZERS, type PreTokenizer, splitter } from './preTokenizers.ts';
import { type PieceEncoder, sentencePieces } from './spm.ts';
import type { EncodeOptions, Tokenizer } from './types.ts';
import {
  BYTE_CHARACTERS,
  byteTokens,
  missingBytes as missing,
  namedToken,
  readVocabulary,
  type Vocabulary,
} from './vocabulary.ts';

const CACHED_WORDS = 50_000;
const utf8 = new TextEncoder();

/**
 * Parts of words by number: tokens by their ids, then what is no token but may become part of one. llama.cpp merges
 * texts, so a merge may pass over a text that has no token.
 */
class Symbols {
  private readonly idOf: ReadonlyMap<string, number>;
  private readonly size: number;
  private readonly others = new Map<string, number>();
  private readonly texts: string[] = [];

  constructor({ idOf, entries }: Vocabulary) {
    this.idOf = idOf;
    this.size = entries.length;
  }

  get count(): number {
    return this.size + this.texts.length;
  }

  /** The number of a text that is one. */
  find(text: string): number | undefined {
    return this.idOf.get(text) ?? this.others.get(text);
  }

  /** The text of a symbol that is no token. */
  text(symbol: number): string {
    return this.texts[symbol - this.size];
  }

  of(text: string): number {
    const known = this.find(text);
    if (known !== undefined) return known;
    this.others.set(text, this.count);
    return this.size + this.texts.push(text) - 1;
  }

  /** The tokens of a symbol: itself, or of what is none the tokens of its ASCII characters, the others left out. */
  tokens(symbol: number): readonly number[] {
    if (symbol < this.size) return [symbol];
    return Array.from(this.text(symbol), (c) => (c < '\x80' ? this.idOf.get(c) : undefined)).filter(
      (id) => id !== undefined,
    );
  }
}

/** Merge rules "left right"; of a pair that is listed twice the first counts. */
function readMerges(rules: readonly string[], symbols: Symbols): MergeTable {
  const ranks = new Map<number, number>();
  const results = new Uint32Array(rules.length);
  const pairs = rules.map((rule, rank) => {
    const space = rule.indexOf(' ', 1);
    if (space < 0) return null;
    results[rank] = symbols.of(rule.slice(0, space) + rule.slice(space + 1));
    return [symbols.of(rule.slice(0, space)), symbols.of(rule.slice(space + 1))];
  });
  pairs.forEach((pair, rank) => {
    const key = pair ? pair[0] * symbols.count + pair[1] : -1;
    if (pair && !ranks.has(key)) ranks.set(key, rank);
  });
  return { symbols: symbols.count, ranks, results };
}

function readPre(metadata: Metadata): PreTokenizer {
  const name = metadata.string('tokenizer.ggml.pre', 'default') || 'default';
  const pre = PRE_TOKENIZERS.get(name);
  if (pre) return pre;
  const known = [...PRE_TOKENIZERS.keys()].join(', ');
  throw new UserError(
    'unsupported-model',
    `The pre-tokenizer ${quote(name)} is not supported.`,
    `Supported are ${known}.`,
  );
}

/** The marks that the file wants in front of and behind every text it reads, as llama.cpp decides it. */
function readFrame(metadata: Metadata, pre: PreTokenizer, size: number) {
  const mark = (key: string, unsaid: boolean) =>
    metadata.boolean(`tokenizer.ggml.add_${key}_token`, unsaid) ? namedToken(metadata, key, size) : null;
  // llama.cpp takes no other word for it from Gemma's files.
  const begins = metadata.string('tokenizer.ggml.model') === 'gemma4';
  return {
    bos: begins ? namedToken(metadata, 'bos', size) : mark('bos', pre.addBos ?? false),
    eos: mark('eos', false),
  };
}

/**
 * BPE of characters, as Gemma has it: lines, their characters merged with ▁ for a blank; what is no token in the end becomes
 * tokens of its bytes. Line feeds that make a token are not merged.
 */
function mergedLines(metadata: Metadata, vocabulary: Vocabulary): PieceEncoder {
  const { entries, idOf } = vocabulary;
  const symbols = new Symbols(vocabulary);
  const table = readMerges(metadata.strings('tokenizer.ggml.merges'), symbols);
  const bytes = byteTokens(idOf);
  const bytesOf = (text: string) =>
    Array.from(utf8.encode(text), (byte) => bytes[byte]).filter((id) => id !== undefined);
  const encodeLine = (line: string): readonly number[] => {
    const whole = line.startsWith('\n') ? idOf.get(line) : undefined;
    if (whole !== undefined) return [whole];
    const ids: number[] = [];
    let run: number[] = [];
    const flush = () => {
      for (const symbol of mergeWord(run, table))
        ids.push(...(symbol < entries.length ? [symbol] : bytesOf(symbols.text(symbol))));
      run = [];
    };
    for (const character of line) {
      const symbol = symbols.find(character);
      if (symbol !== undefined) {
        run.push(symbol);
        continue;
      }
      // No merge has it.
      flush();
      for (const id of bytesOf(character)) ids.push(id);
    }
    flush();
    return ids;
  };
  return {
    missingBytes: missing(bytes, idOf),
    encode: (text) => (text.replaceAll(' ', '▁').match(/[^\n]+|\n+/g) ?? []).flatMap(encodeLine),
  };
}

/** Byte-level BPE: words by the pre-tokenizer's expressions, their bytes merged. */
function mergedWords(metadata: Metadata, pre: PreTokenizer, vocabulary: Vocabulary): PieceEncoder {
  const split = splitter(pre);
  const { entries, idOf } = vocabulary;
  const symbols = new Symbols(vocabulary);
  const byteSymbols = BYTE_CHARACTERS.map((character) => symbols.of(character));
  const missingBytes = missing(byteSymbols.map((symbol) => (symbol < entries.length ? symbol : undefined)));
  const table = readMerges(metadata.strings('tokenizer.ggml.merges'), symbols);
  const cache = new Map<string, readonly number[]>();
  function encodeWord(word: string): readonly number[] {
    const known = cache.get(word);
    if (known) return known;
    const bytes = utf8.encode(word);
    const whole = pre.ignoreMerges ? idOf.get(Array.from(bytes, (b) => BYTE_CHARACTERS[b]).join('')) : undefined;
    const merged = () =>
      mergeWord(
        Array.from(bytes, (byte) => byteSymbols[byte]),
        table,
      );
    const ids = whole === undefined ? merged().flatMap((symbol) => symbols.tokens(symbol)) : [whole];
    if (cache.size >= CACHED_WORDS) cache.clear();
    if (word.length < 100) cache.set(word, ids);
    return ids;
  }
  return { missingBytes, encode: (text) => split(text).flatMap(encodeWord) };
}

/** Reads the tokenizer. Throws UserError('unsupported-model' | 'bad-file'). */
export function readTokenizer(metadata: Metadata): Tokenizer {
  const model = metadata.string('tokenizer.ggml.model');
  if (model !== 'gpt2' && model !== 'llama' && model !== 'gemma4')
    throw new UserError(
      'unsupported-model',
      `The tokenizer ${quote(model)} is not supported; byte-level BPE ("gpt2"), SentencePiece ("llama") and Gemma’s ("gemma4") are.`,
    );
  const pre = model === 'gpt2' ? readPre(metadata) : { expressions: [], addBos: true };
  const vocabulary = readVocabulary(metadata, model !== 'gpt2');
  const { entries, ends, added } = vocabulary;
  const size = entries.length;
  if (size === 0) throw new UserError('bad-file', 'The vocabulary of the file is empty.');
  const blank = () => metadata.boolean('tokenizer.ggml.add_space_prefix', true);
  const pieces =
    model === 'gpt2'
      ? mergedWords(metadata, pre, vocabulary)
      : model === 'gemma4'
        ? mergedLines(metadata, vocabulary)
        : sentencePieces(vocabulary, metadata.numbers('tokenizer.ggml.scores'), blank());
  const { missingBytes } = pieces;
  const frame = readFrame(metadata, pre, size);

  /** Text and the ids of added tokens, in order. */
  function cut(text: string, special: boolean): readonly (string | number)[] {
    let parts: (string | number)[] = [text];
    const characters = new Set(text);
    for (const token of added) {
      if ((token.onRequest && !special) || !characters.has(String.fromCodePoint(token.text.codePointAt(0)!))) continue;
      if (!text.includes(token.text)) continue;
      parts = parts.flatMap((part) =>
        typeof part === 'number' ? part : part.split(token.text).flatMap((piece, i) => (i ? [token.id, piece] : piece)),
      );
    }
    return parts;
  }

  function encode(text: string, { special = false }: EncodeOptions = {}): number[] {
    const ids: number[] = [];
    let first = true;
    for (const part of cut(text, special)) {
      if (part === '') continue;
      if (typeof part === 'number') ids.push(part);
      else for (const id of pieces.encode(part, first)) ids.push(id);
      first = typeof part === 'number';
    }
    return ids;
  }

  function prompt(text: string, options?: EncodeOptions): number[] {
    const ids = encode(text, options);
    // A text that was written with its marks does not get them twice.
    if (frame.bos !== null && ids[0] !== frame.bos) ids.unshift(frame.bos);
    if (frame.eos !== null && ids.at(-1) !== frame.eos) ids.push(frame.eos);
    return ids;
  }

  function bytes(id: number): Uint8Array {
    if (!(Number.isInteger(id) && id >= 0 && id < size))
      throw new RangeError(`no token ${id} in a vocabulary of ${size}`);
    return vocabulary.bytes(id);
  }

  function decode(ids: Iterable<number>): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let text = '';
    for (const id of ids) text += decoder.decode(bytes(id), { stream: true });
    return text + decoder.decode();
  }

  const label = (id: number) => (vocabulary.isSilent(id) ? entries[id] : decode([id]));
  return { size, missingBytes, ends, encode, prompt, bytes, decode, label };
}
