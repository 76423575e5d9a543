/** The tokens of a file: their texts and types, what each writes, and which are cut out of a text before it is split. */
import { findMarks } from './endOfText.ts';
import type { Metadata } from './metadata.ts';

/** ggml's token types. What a token writes goes by its type: an added "é" is UTF-8, the "é" of a merge is one byte. */
enum TokenType {
  Undefined,
  Normal,
  Unknown,
  Control,
  UserDefined,
  Unused,
  Byte,
}

/** Types that write nothing and are shown by their names. */
const SILENT = new Set<number>([TokenType.Undefined, TokenType.Unknown, TokenType.Control, TokenType.Unused]);

const utf8 = new TextEncoder();

/** GPT-2's printable stand-in for each of the 256 bytes. */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(printable(b) ? b : next++));
})();
const BYTE_OF = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

/** A token that is found in a text as it stands. */
interface AddedToken {
  readonly id: number;
  readonly text: string;
  /** Found only when special tokens are asked for. */
  readonly onRequest: boolean;
}

export interface Vocabulary {
  readonly entries: readonly string[];
  /** By text; of two tokens with the same text, the later. */
  readonly idOf: ReadonlyMap<string, number>;
  readonly ends: ReadonlySet<number>;
  /** In the order in which they are looked for. */
  readonly added: readonly AddedToken[];
  isSilent(id: number): boolean;
  bytes(id: number): Uint8Array;
}

/** The ids of the bytes' own tokens ("<0x0A>"), in a vocabulary of texts. */
export const byteTokens = (idOf: ReadonlyMap<string, number>): readonly (number | undefined)[] =>
  Array.from({ length: 256 }, (_, byte) => idOf.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`));

/** Bytes of UTF-8 that no token stands for; ASCII may have tokens of its own. */
export const missingBytes = (
  tokens: readonly (number | undefined)[],
  idOf: ReadonlyMap<string, number> = new Map(),
): number =>
  // 0xc0, 0xc1 and what follows 0xf4 occur in no text.
  tokens.filter(
    (id, byte) =>
      id === undefined &&
      byte !== 0xc0 &&
      byte !== 0xc1 &&
      byte <= 0xf4 &&
      !(byte < 128 && idOf.has(String.fromCharCode(byte))),
  ).length;

/** An optional token id. Files write 0xffffffff, or any id that is no token's, for "none"; llama.cpp passes over those, too. */
export function namedToken(metadata: Metadata, key: string, size: number): number | null {
  const id = metadata.entries.get(`tokenizer.ggml.${key}_token_id`);
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < size ? id : null;
}

/** @param sentencePiece tokens are texts with ▁ for a blank, not GPT-2's characters for bytes. */
export function readVocabulary(metadata: Metadata, sentencePiece = false): Vocabulary {
  const entries = metadata.strings('tokenizer.ggml.tokens').map((text, id) => text || `[EMPTY_${id}]`);
  const idOf = new Map(entries.map((text, id) => [text, id]));
  const marks = findMarks(idOf, (key) => namedToken(metadata, key, entries.length));
  const types = readTypes(metadata, entries.length);
  // In llama.cpp's order: what the lists of texts say about a token counts more than its type in the file.
  for (const id of marks.control) types[id] = TokenType.Control;
  for (const id of marks.userDefined) types[id] = TokenType.UserDefined;
  for (const id of marks.normal) types[id] = TokenType.Normal;
  const pool = writePool(entries, types, sentencePiece);
  return {
    entries,
    idOf,
    ends: marks.ends,
    added: addedTokens(entries, types),
    isSilent: (id) => SILENT.has(types[id]),
    bytes: (id) => pool.bytes.subarray(pool.starts[id], pool.starts[id + 1]),
  };
}

function readTypes(metadata: Metadata, size: number): Uint8Array {
  const types = new Uint8Array(size).fill(TokenType.Normal);
  const given = metadata.numbers('tokenizer.ggml.token_type', []);
  for (let id = 0; id < Math.min(size, given.length); id++) {
    types[id] = given[id] in TokenType ? given[id] : TokenType.Undefined;
  }
  return types;
}

/**
 * The longest in bytes first, as in llama.cpp: where two overlap, the longer is cut out first, wherever it stands. Of
 * equally long ones llama.cpp's order is that of its sort; here the lower id comes first.
 */
function addedTokens(entries: readonly string[], types: Uint8Array): AddedToken[] {
  const added: (AddedToken & { readonly length: number })[] = [];
  for (const [id, text] of entries.entries()) {
    const onRequest = types[id] === TokenType.Control || types[id] === TokenType.Unknown;
    if (onRequest || types[id] === TokenType.UserDefined)
      added.push({ id, text, onRequest, length: utf8.encode(text).length });
  }
  return added.sort((a, b) => b.length - a.length);
}

/** What all tokens write, one behind the other: an array for each would take many times the file's size. */
function writePool(entries: readonly string[], types: Uint8Array, sentencePiece: boolean) {
  const starts = new Uint32Array(entries.length + 1);
  const room = entries.reduce((sum, text) => sum + 3 * text.length, 0);
  const pool = new Uint8Array(room);
  let end = 0;
  const write = (text: string) => {
    end += utf8.encodeInto(text, pool.subarray(end)).written;
  };
  for (const [id, text] of entries.entries()) {
    const byte = types[id] === TokenType.Byte ? /^<0x([0-9A-Fa-f]{2})>$/.exec(text) : null;
    if (byte) pool[end++] = Number.parseInt(byte[1], 16);
    else if (sentencePiece && !SILENT.has(types[id])) write(text.replaceAll('▁', ' '));
    else if (types[id] === TokenType.Normal) {
      for (const character of text) {
        const value = BYTE_OF.get(character);
        // A character that stands for no byte is itself; llama.cpp writes "[UNK_BYTE_0x…]" there.
        if (value === undefined) write(character);
        else pool[end++] = value;
      }
    } else if (!SILENT.has(types[id])) write(text);
    starts[id + 1] = end;
  }
  return { starts, bytes: pool.slice(0, end) };
}
