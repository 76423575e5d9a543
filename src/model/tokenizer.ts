/**
 * Byte-level BPE as GGUF carries it (tokenizer.ggml.model = "gpt2"): split the text by the pre-tokenizer's regex, write
 * each word's UTF-8 bytes as tokens, merge. Equal to llama.cpp's tokenizer, special tokens included (tests/oracle).
 */
import { type Merge, type MergeTable, mergeWord } from './bpe.ts';
import { UserError } from './errors.ts';
import { quote } from './gguf.ts';
import type { Metadata } from './metadata.ts';
import type { EncodeOptions, Tokenizer } from './types.ts';

// \s in llama.cpp is Unicode White_Space; JavaScript's \s lacks U+0085 and has U+FEFF.
const S = '\\p{White_Space}';
const NEITHER = `[^${S}\\p{L}\\p{N}]`;
const TAIL = `${S}+(?!\\P{White_Space})|${S}+`;
const GPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?${NEITHER}+|${TAIL}`;
const QWEN2 = `'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?${NEITHER}+[\\r\\n]*|${S}*[\\r\\n]+|${TAIL}`;

/** Regex of each pre-tokenizer (llama-vocab.cpp, llm_tokenizer_bpe). */
const PRE_TOKENIZERS: Readonly<Record<string, string>> = { 'gpt-2': GPT2, olmo: GPT2, qwen2: QWEN2 };

/** ggml's token types that matter: control tokens have no text, user-defined ones are always found whole. */
const CONTROL = 3;
const USER_DEFINED = 4;

const CACHED_WORDS = 50_000;
const utf8 = new TextEncoder();

/** GPT-2's printable stand-in for each of the 256 bytes. */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(printable(b) ? b : next++));
})();
const BYTE_OF = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

/** Bytes of a vocabulary entry: by the byte characters, or its own UTF-8 where it is not written in them. */
function entryBytes(text: string): Uint8Array {
  const bytes = Array.from(text, (character) => BYTE_OF.get(character));
  return bytes.includes(undefined) ? utf8.encode(text) : Uint8Array.from(bytes as number[]);
}

/** Merge rules "left right" by ids. A rule whose parts or result are no tokens can never leave one: the file is damaged. */
function readMerges(rules: readonly string[], idOf: ReadonlyMap<string, number>, vocabulary: number): MergeTable {
  const merges = new Map<number, Merge>();
  rules.forEach((rule, rank) => {
    const space = rule.indexOf(' ', 1);
    const left = idOf.get(rule.slice(0, space));
    const right = idOf.get(rule.slice(space + 1));
    const id = idOf.get(rule.slice(0, space) + rule.slice(space + 1));
    if (left === undefined || right === undefined || id === undefined) {
      throw new UserError('bad-file', `The tokenizer's merge ${quote(rule)} does not fit its vocabulary.`);
    }
    const key = left * vocabulary + right;
    if (!merges.has(key)) merges.set(key, { rank, id });
  });
  return { vocabulary, merges };
}

function readPre(metadata: Metadata): RegExp {
  const model = metadata.string('tokenizer.ggml.model');
  if (model !== 'gpt2') {
    throw new UserError(
      'unsupported-model',
      `The tokenizer ${quote(model)} is not supported; only byte-level BPE ("gpt2") is.`,
    );
  }
  const pre = metadata.string('tokenizer.ggml.pre', 'gpt-2');
  if (!Object.hasOwn(PRE_TOKENIZERS, pre)) {
    const known = Object.keys(PRE_TOKENIZERS).join(', ');
    throw new UserError(
      'unsupported-model',
      `The pre-tokenizer ${quote(pre)} is not supported.`,
      `Supported are ${known}.`,
    );
  }
  return new RegExp(PRE_TOKENIZERS[pre], 'gu');
}

/** An optional token id of the metadata. */
function readTokenId(metadata: Metadata, key: string, vocabulary: number): number | null {
  if (!metadata.entries.has(key)) return null;
  const id = metadata.whole(key, undefined, 0);
  if (id >= vocabulary)
    throw new UserError('bad-file', `The metadata "${key}" names token ${id} of only ${vocabulary}.`);
  return id;
}

/** Texts that stand for one token wherever they occur, longest first. */
function specialPattern(entries: readonly string[]): RegExp | null {
  if (entries.length === 0) return null;
  const escaped = [...entries]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(${escaped.join('|')})`, 'u');
}

/** Reads the tokenizer. Throws UserError('unsupported-model' | 'bad-file'). */
export function readTokenizer(metadata: Metadata): Tokenizer {
  const pre = readPre(metadata);
  const entries = metadata.strings('tokenizer.ggml.tokens');
  const types = metadata.numbers('tokenizer.ggml.token_type', []);
  const size = entries.length;
  if (size === 0) throw new UserError('bad-file', 'The vocabulary of the file is empty.');
  const idOf = new Map(entries.map((text, id) => [text, id]));
  const byteIds = BYTE_CHARACTERS.map((character) => {
    const id = idOf.get(character);
    if (id === undefined)
      throw new UserError(
        'unsupported-model',
        'The vocabulary lacks tokens for some bytes, so it cannot write every text.',
      );
    return id;
  });
  const table = readMerges(metadata.strings('tokenizer.ggml.merges'), idOf, size);
  const eos = readTokenId(metadata, 'tokenizer.ggml.eos_token_id', size);
  const bos = metadata.boolean('tokenizer.ggml.add_bos_token', false)
    ? readTokenId(metadata, 'tokenizer.ggml.bos_token_id', size)
    : null;

  const isControl = (id: number) => types[id] === CONTROL;
  const bytesOf = entries.map((text, id) => (isControl(id) ? new Uint8Array(0) : entryBytes(text)));
  const userDefined = entries.filter((_, id) => types[id] === USER_DEFINED);
  const always = specialPattern(userDefined.filter(Boolean));
  const onRequest = specialPattern(entries.filter((text, id) => text && (isControl(id) || types[id] === USER_DEFINED)));

  const cache = new Map<string, readonly number[]>();
  function encodeWord(word: string): readonly number[] {
    const known = cache.get(word);
    if (known) return known;
    const ids = mergeWord(
      Array.from(utf8.encode(word), (byte) => byteIds[byte]),
      table,
    );
    if (cache.size >= CACHED_WORDS) cache.clear();
    if (word.length < 100) cache.set(word, ids);
    return ids;
  }

  function encode(text: string, options: EncodeOptions = {}): number[] {
    const pattern = options.special ? onRequest : always;
    const ids: number[] = [];
    // A split by a pattern with one group gives plain text and special tokens in turn.
    (pattern ? text.split(pattern) : [text]).forEach((part, i) => {
      if (i % 2 === 1) ids.push(idOf.get(part)!);
      else for (const word of part.match(pre) ?? []) for (const id of encodeWord(word)) ids.push(id);
    });
    return ids;
  }

  function bytes(id: number): Uint8Array {
    if (!(id in bytesOf)) throw new RangeError(`no token ${id} in a vocabulary of ${size}`);
    return bytesOf[id];
  }

  function decode(ids: Iterable<number>): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let text = '';
    for (const id of ids) text += decoder.decode(bytes(id), { stream: true });
    return text + decoder.decode();
  }

  const label = (id: number) => (isControl(id) ? entries[id] : decode([id]));
  return { size, eos, bos, encode, bytes, decode, label };
}
