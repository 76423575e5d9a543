import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeWord } from '../../src/model/bpe.ts';
import { loadModel } from '../../src/model/load.ts';
import { Metadata } from '../../src/model/metadata.ts';
import { PRE_TOKENIZERS, splitter } from '../../src/model/preTokenizers.ts';
import { TextStream } from '../../src/model/textStream.ts';
import { readTokenizer } from '../../src/model/tokenizer.ts';
import { randomModel, TOKENS } from './randomModel.ts';

const { tokenizer } = loadModel(randomModel('qwen3moe', { layers: 1 }));
const pieces = (text: string) => tokenizer.encode(text).map((id) => TOKENS[id]);
const END = TOKENS.length - 1;

describe('tokenizer', () => {
  it('merges by rank', () => {
    expect(pieces('hello world')).toEqual(['hello', 'Ġworld']);
    expect(pieces('hell')).toEqual(['hell']);
    expect(pieces('é')).toEqual(['Ã©']);
    expect(tokenizer.encode('')).toEqual([]);
  });

  it('keeps control tokens as text unless asked', () => {
    expect([...tokenizer.ends]).toEqual([END]);
    expect(tokenizer.encode('hello<|end|>world', { special: true })).toEqual([
      ...tokenizer.encode('hello'),
      END,
      ...tokenizer.encode('world'),
    ]);
    expect(tokenizer.encode('<|end|>')).not.toContain(END);
    expect(tokenizer.decode([END])).toBe('');
    expect(tokenizer.label(END)).toBe('<|end|>');
  });

  it('gives back every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        // A lone surrogate has no UTF-8; TextEncoder writes U+FFFD for it.
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(Buffer.from(text).toString());
      }),
      { numRuns: 1000 },
    );
  });

  it('encodes a megabyte without a space in reasonable time', () => {
    const ids = tokenizer.encode('hello'.repeat(200_000));
    expect(ids.length).toBe(200_000);
  });

  it('refuses ids outside the vocabulary', () => {
    expect(() => tokenizer.bytes(TOKENS.length)).toThrow(RangeError);
    expect(() => tokenizer.decode([-1])).toThrow(RangeError);
  });
});

describe('Gemma’s tokenizer', () => {
  const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`);
  const tokens = ['<pad>', '<eos>', '<bos>', ...bytes, '\n', '\n\n', '▁', 'a', 'b', 'é', '▁a', '▁ab'];
  const metadata = new Map<string, string | readonly string[] | number | Int32Array | boolean>([
    ['tokenizer.ggml.model', 'gemma4'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', Int32Array.from(tokens, (_, id) => (id < 3 ? 3 : id < 259 ? 6 : 1))],
    ['tokenizer.ggml.merges', ['▁ a', '▁a b', '\n \n', 'x y']],
    ['tokenizer.ggml.bos_token_id', 2],
    ['tokenizer.ggml.eos_token_id', 1],
    ['tokenizer.ggml.add_bos_token', false],
  ]);
  const gemma = readTokenizer(new Metadata(metadata));
  const pieces = (text: string) => gemma.encode(text).map((id) => tokens[id]);

  it('merges characters, over blanks, and lines apart', () => {
    expect(pieces(' ab b')).toEqual(['▁ab', '▁', 'b']);
    expect(pieces('a\n\nb')).toEqual(['a', '\n\n', 'b']);
    // Three are no token, so they are merged as far as the rules go.
    expect(pieces('\n\n\n')).toEqual(['\n\n', '\n']);
    expect(gemma.missingBytes).toBe(0);
  });

  it('writes what it does not know as bytes, also what merges would make of it', () => {
    expect(pieces('é€')).toEqual(['é', '<0xE2>', '<0x82>', '<0xAC>']);
    expect(pieces('xy')).toEqual(['<0x78>', '<0x79>']);
    for (const text of [' ab é€\n\n\nxy', 'x y z \0']) expect(gemma.decode(gemma.encode(text))).toBe(text);
  });

  it('begins every text with its mark, whatever the file says', () => {
    expect(gemma.prompt('a')).toEqual([2, tokens.indexOf('a')]);
  });
});

it('Trinity’s numbers are cut in threes from their ends', () => {
  const split = splitter(PRE_TOKENIZERS.get('afmoe')!);
  expect(split('a1234567 12 345')).toEqual(['a', '1', '234', '567', ' ', '12', ' ', '345']);
  expect(split('1'.repeat(1_000_000))).toHaveLength(333_334);
});

describe('mergeWord', () => {
  it('is the same as merging the lowest rank, leftmost first, by search', () => {
    const rule = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 20 }), fc.array(fc.nat(9), { maxLength: 30 }), (rules, symbols) => {
        // Ids here may come back as their own parts, so bound the merges by the shrinking word alone.
        const ranks = new Map<number, number>();
        const results = rules.map(([, , id]) => id);
        rules.forEach(([left, right], rank) => {
          if (!ranks.has(left * 10 + right)) ranks.set(left * 10 + right, rank);
        });
        const slow = symbols.slice();
        for (;;) {
          let best = -1;
          for (let i = 0; i + 1 < slow.length; i++) {
            const rank = ranks.get(slow[i] * 10 + slow[i + 1]) ?? Infinity;
            if (rank < (best < 0 ? Infinity : ranks.get(slow[best] * 10 + slow[best + 1])!)) best = i;
          }
          if (best < 0) break;
          slow.splice(best, 2, results[ranks.get(slow[best] * 10 + slow[best + 1])!]);
        }
        expect(mergeWord(symbols, { symbols: 10, ranks, results })).toEqual(slow);
      }),
      { numRuns: 500 },
    );
  });
});

describe('TextStream', () => {
  it('adds a split character at the token that completes it', () => {
    const stream = new TextStream(tokenizer);
    const bytes = [...new TextEncoder().encode('a€b')];
    const byteId = (byte: number) =>
      Array.from({ length: 256 }, (_, id) => id).find((id) => tokenizer.bytes(id)[0] === byte)!;
    expect(bytes.map((byte) => stream.push(byteId(byte)))).toEqual(['a', '', '', '€', 'b']);
    expect(stream.flush()).toBe('');
    expect([stream.push(byteId(0xe2)), stream.push(byteId(0x61)), stream.flush()]).toEqual(['', '\ufffda', '']);
    expect([stream.push(byteId(0xe2)), stream.flush()]).toEqual(['', '\ufffd']);
  });

  it('adds up to what decode gives, for any tokens', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(TOKENS.length - 1), { maxLength: 40 }), (ids) => {
        const stream = new TextStream(tokenizer);
        const text = ids.map((id) => stream.push(id)).join('') + stream.flush();
        expect(text).toBe(tokenizer.decode(ids));
      }),
    );
  });
});
