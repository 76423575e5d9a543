/** SentencePiece vocabularies, read by llama.cpp and by us: random pieces with random scores, every kind of text. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { randomModel, randomSource } from '../model/randomModel.ts';
import type { Value } from '../model/writeGguf.ts';
import { temporaryFolder } from './files.ts';
import { type Oracle, openOracle, whyNot } from './llama.ts';
import { anyText } from './texts.ts';

const WORDS =
  'the he th t h e ▁ ▁the ▁t ▁he an and ▁and ▁▁ ▁▁▁▁ a n d é éa 東 東京 1 12 123 \n \n\n ab abc bc b c ▁a aa aaa'.split(
    ' ',
  );

function vocabulary(seed: number): { tokens: string[]; metadata: Record<string, Value | undefined> } {
  const next = randomSource(seed);
  const byte = (b: number) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`;
  const tokens = [
    '<unk>',
    '<s>',
    '</s>',
    ...Array.from({ length: 256 }, (_, b) => byte(b)),
    ...WORDS,
    '[INST]',
    'added',
  ];
  const types = tokens.map((text, id) =>
    id === 0 ? 2 : id < 3 || text === '[INST]' ? 3 : id < 259 ? 6 : text === 'added' ? 4 : 1,
  );
  // Few different scores, so that some are equal.
  const scores = Float32Array.from(tokens, (_, id) => (id < 259 ? 0 : -Math.floor(8 * next())));
  return {
    tokens,
    metadata: {
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.pre': 'default',
      'tokenizer.ggml.tokens': { strings: tokens },
      'tokenizer.ggml.token_type': { i32s: types },
      'tokenizer.ggml.scores': { type: 6, count: tokens.length, bytes: new Uint8Array(scores.buffer) },
      'tokenizer.ggml.merges': undefined,
      'tokenizer.ggml.bos_token_id': { u32: 1 },
      'tokenizer.ggml.eos_token_id': { u32: 2 },
      'tokenizer.ggml.unknown_token_id': { u32: 0 },
      'tokenizer.ggml.add_bos_token': undefined,
    },
  };
}

describe.skipIf(whyNot())('SentencePiece against llama.cpp', () => {
  const folder = temporaryFolder();
  const opened: Oracle[] = [];
  afterAll(async () => {
    folder.remove();
    for (const oracle of opened) await oracle.dispose();
  });

  it.each([
    [1, undefined],
    [2, false],
    [3, true],
  ])('scores %i, blank in front: %s', async (seed, prefix) => {
    const { tokens, metadata } = vocabulary(seed);
    const bytes = randomModel('qwen3moe', {
      layers: 1,
      vocabulary: tokens.length,
      metadata: { ...metadata, 'tokenizer.ggml.add_space_prefix': prefix },
    });
    const oracle = await openOracle(folder.write(`${seed}.gguf`, bytes), 64);
    opened.push(oracle);
    const { tokenizer } = loadModel(bytes);
    const same = (text: string, special: boolean) =>
      expect(tokenizer.encode(text, { special }), JSON.stringify(text)).toEqual(oracle.tokenize(text, special));
    for (const text of ['', ' ', 'the', ' the', '[INST] the [INST]', 'addedadded', '</s><s>a', 'ï¿½ 🇫🇷'])
      for (const special of [false, true]) same(text, special);
    const made = fc.array(
      fc.constantFrom(...WORDS.map((word) => word.replaceAll('▁', ' ')), 'x', '</s>', 'added', '[INST]'),
      {
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          made.map((parts) => parts.join('')),
          anyText,
        ),
        fc.boolean(),
        (text, special) => void same(text, special),
      ),
      { numRuns: 400, seed: 22 },
    );
    expect(tokenizer.missingBytes).toBe(0);
    expect(tokenizer.prompt('the')[0]).toBe(1);
    const ids = tokenizer.encode('the 東京\u0000 and é');
    expect(tokenizer.decode(ids).trimStart()).toBe('the 東京\u0000 and é');
  });

  it('takes a long text in good time', () => {
    const { tokens, metadata } = vocabulary(4);
    const { tokenizer } = loadModel(randomModel('qwen3moe', { layers: 1, vocabulary: tokens.length, metadata }));
    expect(tokenizer.decode(tokenizer.encode('the and abc '.repeat(20_000))).length).toBe(240_001);
  });
});
