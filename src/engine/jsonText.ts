/**
 * JSON read where it stands in a text, value by value. Nothing is made of what nobody asks for, so a hostile file costs no
 * more memory than its text; what takes long is a generator, so that whoever reads may pause and stop.
 */
const [QUOTE, COMMA, COLON, BACKSLASH] = [34, 44, 58, 92];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [91, 93, 123, 125];
/** Characters between two pauses. */
const SLICE = 1 << 20;

/** What stands there is no JSON. */
export class NotJson extends Error {}

const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;
const isDigit = (code: number) => code >= 48 && code <= 57;
/** Digits, signs, point, exponent. */
const ofNumber = (code: number) =>
  isDigit(code) || code === 45 || code === 43 || code === 46 || code === 101 || code === 69;

export class JsonText {
  at = 0;

  constructor(readonly text: string) {}

  /** The code of the next character that is no white space, which is not passed; NaN at the end. */
  peek(): number {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
    return this.text.charCodeAt(this.at);
  }

  /** Goes into a list; false where there is none. */
  intoList(): boolean {
    return this.into(LIST);
  }

  intoObject(): boolean {
    return this.into(OBJECT);
  }

  /** Whether the list or the object has an entry number `index`; passes the comma before it, or the closing bracket. */
  more(index: number): boolean {
    const code = this.peek();
    if (code === LIST_END || code === OBJECT_END) {
      this.at++;
      return false;
    }
    if (index === 0) return true;
    if (code !== COMMA) throw new NotJson();
    this.at++;
    return true;
  }

  /** The key before a value. */
  key(): string {
    if (this.peek() !== QUOTE) throw new NotJson();
    const key = this.value();
    if (this.peek() !== COLON) throw new NotJson();
    this.at++;
    return String(key);
  }

  /** The number that stands here; undefined, and nothing is passed, where something else does. */
  number(): number | undefined {
    const first = this.peek();
    if (!isDigit(first) && first !== 45) return undefined;
    const from = this.at;
    while (ofNumber(this.text.charCodeAt(this.at))) this.at++;
    const value = Number(this.text.slice(from, this.at));
    if (Number.isNaN(value)) throw new NotJson();
    return value;
  }

  /** Passes `null`, if it stands here. */
  nothing(): boolean {
    if (this.peek() !== 110 || !this.text.startsWith('null', this.at)) return false;
    this.at += 4;
    return true;
  }

  /** The value that stands here; undefined where it has more than `most` characters. */
  value(most = SLICE): unknown {
    this.peek();
    const from = this.at;
    for (const _ of this.pass()) if (this.at - from > most) return undefined;
    if (this.at - from > most) return undefined;
    try {
      return JSON.parse(this.text.slice(from, this.at));
    } catch {
      throw new NotJson();
    }
  }

  /** Passes one value, whatever it is. */
  *pass(): Generator<void, void> {
    const { text } = this;
    let depth = 0;
    let quoted = false;
    this.peek();
    for (const from = this.at; ; ) {
      const stop = Math.min(text.length, this.at + SLICE);
      while (this.at < stop) {
        const code = text.charCodeAt(this.at);
        if (quoted) {
          if (code === BACKSLASH) this.at++;
          else if (code === QUOTE) quoted = false;
        } else if (code === QUOTE) quoted = true;
        else if (code === LIST || code === OBJECT) depth++;
        else if (depth === 0 && (code === LIST_END || code === OBJECT_END || code === COMMA || isSpace(code))) {
          if (this.at === from) throw new NotJson();
          return;
        } else if (code === LIST_END || code === OBJECT_END) depth--;
        this.at++;
        if (depth === 0 && !quoted && (code === QUOTE || code === LIST_END || code === OBJECT_END)) return;
      }
      if (this.at >= text.length) {
        if (depth > 0 || quoted || this.at === from) throw new NotJson();
        return;
      }
      yield;
    }
  }

  private into(bracket: number): boolean {
    if (this.peek() !== bracket) return false;
    this.at++;
    return true;
  }
}
