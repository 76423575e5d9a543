import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { MOTLEY, tokensOf, type VocabularyOptions, withVocabulary } from './vocabularies.ts';

const tokenizerOf = (options: VocabularyOptions) => loadModel(withVocabulary(options)).tokenizer;
const BOS = tokensOf({}).length;
const NONE = { u32: 0xffffffff };

describe('tokens by their types', () => {
  const tokenizer = tokenizerOf(MOTLEY);
  const id = (text: string) => tokensOf(MOTLEY).indexOf(text);

  it('writes added tokens as they stand, and merged ones by their byte characters', () => {
    expect(tokenizer.decode(tokenizer.encode('café, 25°C é'))).toBe('café, 25°C é');
    expect(tokenizer.encode('café')).toEqual([id('café')]);
    expect(tokenizer.decode([id('Ã©')])).toBe('é');
  });

  it('keeps a byte order mark that is part of a token', () => {
    expect(tokenizer.encode('\ufeffmark')).toEqual([id('\ufeffmark')]);
    expect(tokenizer.label(id('\ufeffmark'))).toBe('\ufeffmark');
  });

  it('writes nothing for control, unknown and unused tokens, and shows their names', () => {
    for (const text of ['<tool>', '<unk>', '<unused>', '<|im_end|>']) {
      expect(tokenizer.bytes(id(text)).length).toBe(0);
      expect(tokenizer.label(id(text))).toBe(text);
    }
    expect(tokenizer.decode([id('<0x41>')])).toBe('A');
  });

  it('cuts out the longer of two added tokens that overlap, wherever it stands', () => {
    expect(tokenizer.encode('xabcd')).toEqual([...tokenizer.encode('x'), id('abcd')]);
    expect(tokenizer.encode('xab')).toEqual([id('xab')]);
  });
});

describe('marks', () => {
  const names = (options: VocabularyOptions) =>
    [...tokenizerOf(options).ends].map((end) => tokensOf(options)[end]).sort();

  it('ends at every token that ends a text by id or by name', () => {
    expect(names(MOTLEY)).toEqual(
      ['</s>', '<|end|>', '<|endoftext|>', '<|file_sep|>', '<|fim_pad|>', '<|im_end|>'].sort(),
    );
    expect(names({ metadata: { 'tokenizer.ggml.eot_token_id': { u32: 3 } } })).toEqual(
      ['<|end|>', tokensOf({})[3]].sort(),
    );
  });

  it('takes ids that are no token for none', () => {
    const metadata = { 'tokenizer.ggml.eos_token_id': NONE, 'tokenizer.ggml.bos_token_id': NONE };
    expect(names({ metadata })).toEqual(['<|end|>']);
    expect(tokenizerOf({ metadata: { ...metadata, 'tokenizer.ggml.add_bos_token': true } }).prompt('')).toEqual([]);
  });

  it.each([
    [
      'both asked for',
      { 'tokenizer.ggml.add_bos_token': true, 'tokenizer.ggml.add_eos_token': true },
      [BOS],
      [BOS - 1],
    ],
    ['none asked for', {}, [], []],
    ['unsaid', { 'tokenizer.ggml.add_bos_token': undefined }, [], []],
    ['by the pre-tokenizer', { 'tokenizer.ggml.add_bos_token': undefined, 'tokenizer.ggml.pre': 'llama3' }, [BOS], []],
  ])('frames what a model reads: %s', (_, metadata, front, back) => {
    const { encode, prompt } = tokenizerOf({
      added: [['<s>', 3]],
      metadata: { 'tokenizer.ggml.bos_token_id': { u32: BOS }, ...metadata },
    });
    expect(prompt('hello')).toEqual([...front, ...encode('hello'), ...back]);
    // A text that has its marks gets no others.
    const marked = `${front.length ? '<s>' : ''}hello${back.length ? '<|end|>' : ''}`;
    expect(prompt(marked, { special: true })).toEqual(prompt('hello'));
  });
});

describe('splitting', () => {
  const words = (name: string | undefined, text: string) => {
    const { encode, decode } = tokenizerOf({
      merges: ['1 2', '2 3'],
      added: [
        ['12', 1],
        ['23', 1],
      ],
      metadata: { 'tokenizer.ggml.pre': name },
    });
    return encode(text).map((id) => decode([id]));
  };
  it('goes by the name of the pre-tokenizer', () => {
    expect(words('gpt-2', '123')).toEqual(['12', '3']);
    expect(words('refact', '123')).toEqual(['1', '2', '3']);
    expect(words('llama-bpe', '1234')).toEqual(['12', '3', '4']);
  });
  it('takes a file that names none for "default"', () => {
    expect(words(undefined, '1234')).toEqual(words('default', '1234'));
    expect(words('', '1234')).toEqual(words('default', '1234'));
  });
});
