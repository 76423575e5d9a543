/** Text to learn from: kinds of it, as numbers of its own characters, and what is held out. */

export interface Kind {
  readonly name: string;
  readonly train: Uint8Array;
  readonly heldOut: Uint8Array;
}

export interface Corpus {
  /** Character 0 stands for all that are none of the others. */
  readonly characters: readonly string[];
  readonly kinds: readonly Kind[];
}

/** Beside the unknown one. */
const MOST_CHARACTERS = 111;
const UNKNOWN = '\ufffd';
/** Of each kind, from its end, and no more characters than that. */
const HELD_OUT_SHARE = 0.1;
const MOST_HELD_OUT = 40_000;
/** A line that begins another kind within one file. */
const MARK = /^=== (.+) ===$/gm;

/** The kinds of one file: each begins with a line `=== NAME ===`; without one the file is one kind, called `name`. */
export function kindsOfText(name: string, text: string): { name: string; text: string }[] {
  const marks = [...text.matchAll(MARK)];
  if (marks.length === 0) return [{ name, text }];
  const before = text.slice(0, marks[0].index).trim();
  return [
    ...(before ? [{ name, text: before }] : []),
    ...marks.map((mark, i) => ({
      name: mark[1],
      text: text.slice(mark.index + mark[0].length + 1, marks[i + 1]?.index),
    })),
  ];
}

/** What of a text is learned: NUL separates documents in some collections, and a carriage return says nothing. */
const cleaned = (text: string): string[] => [...text.normalize('NFC').replace(/[\0\r]/g, '')];

const heldOutOf = (characters: number): number => Math.min(MOST_HELD_OUT, Math.ceil(HELD_OUT_SHARE * characters));

/** Why a text with so many characters cannot be learned, or null. */
const shortness = (name: string, characters: number, context: number): string | null =>
  heldOutOf(characters) > context
    ? null
    : `The text “${name}” has ${characters} characters; ${Math.ceil((context + 1) / HELD_OUT_SHARE)} are needed.`;

/** The same for some texts, without reading long ones: what they hold is looked at by `corpusOf`. */
export function tooShort(texts: readonly { name: string; text: string }[], context: number): string | null {
  const few = texts.filter(({ text }) => text.length < 100 * context);
  return (
    few.map(({ name, text }) => shortness(name, cleaned(text).length, context)).find((why) => why !== null) ?? null
  );
}

/**
 * The commonest characters of all kinds get numbers, by how common they are.
 * @param context a kind must be long enough for a text of that length, in both its parts.
 * @throws RangeError with a sentence that names the kind
 */
export function corpusOf(texts: readonly { name: string; text: string }[], context: number): Corpus {
  const cut = texts.map(({ name, text }) => {
    const characters = cleaned(text);
    const why = shortness(name, characters.length, context);
    if (why !== null) throw new RangeError(why);
    const held = heldOutOf(characters.length);
    return { name, train: characters.slice(0, -held), heldOut: characters.slice(-held) };
  });
  const counts = new Map<string, number>();
  for (const { train } of cut) for (const character of train) counts.set(character, (counts.get(character) ?? 0) + 1);
  const common = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MOST_CHARACTERS)
    .map(([character]) => character);
  const numbers = new Map(common.map((character, i) => [character, i + 1]));
  const encode = (characters: readonly string[]) =>
    Uint8Array.from(characters, (character) => numbers.get(character) ?? 0);
  return {
    characters: [UNKNOWN, ...common],
    kinds: cut.map(({ name, train, heldOut }) => ({ name, train: encode(train), heldOut: encode(heldOut) })),
  };
}

/** Rows of characters, each with what follows it and the kind it is of. */
export interface Rows {
  readonly ids: Uint8Array;
  readonly targets: Uint8Array;
  readonly kinds: Uint8Array;
}

/** As many texts of each kind, evenly spread over what is held out of it. */
export function heldOutRows({ kinds }: Corpus, context: number, textsOfKind: number): Rows {
  const count = kinds.length * textsOfKind * context;
  const rows = { ids: new Uint8Array(count), targets: new Uint8Array(count), kinds: new Uint8Array(count) };
  for (const [kind, { heldOut }] of kinds.entries()) {
    for (let i = 0; i < textsOfKind; i++) {
      const start = Math.floor((i * (heldOut.length - context - 1)) / Math.max(1, textsOfKind - 1));
      const at = (kind * textsOfKind + i) * context;
      rows.ids.set(heldOut.subarray(start, start + context), at);
      rows.targets.set(heldOut.subarray(start + 1, start + context + 1), at);
      rows.kinds.fill(kind, at, at + context);
    }
  }
  return rows;
}

export const decode = ({ characters }: Corpus, ids: Iterable<number>): string =>
  Array.from(ids, (id) => characters[id]).join('');
