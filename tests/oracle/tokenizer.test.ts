/** Our tokenizer against llama.cpp's, on the shipped vocabulary. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import type { Tokenizer } from '../../src/model/types.ts';
import { randomModel } from '../model/randomModel.ts';
import { temporaryFolder } from './files.ts';
import { type Oracle, openOracle, whyNot } from './llama.ts';
import { PROMPTS } from './prompts.ts';
import { anyText } from './texts.ts';

const MODELS = join(dirname(fileURLToPath(import.meta.url)), '../../public/models');
const heldout = JSON.parse(readFileSync(join(MODELS, 'heldout.json'), 'utf8')) as {
  domains: { name: string; ids: number[][] }[];
};
const skip = whyNot();

/** Texts that split words in unusual places: every kind of space, digits, apostrophes, scripts, marks, emoji. */
const NASTY = [
  "don't DON'T I'LL we'Re",
  '  two   spaces\n\n\n three\r\n\ttab ',
  'x\u00a0y\u0085z\u2003w\ufeffv\u3000',
  '12345 ٣٤ ⅷ ½',
  'naïve café Ελλάδα 東京 ไทย हिन्दी',
  '👩‍👩‍👧 🇫🇷 e\u0301',
  '<|end|> <|end|',
  '\u0000\u0001\u007f',
  '___ $$$ ... !!!\n"quoted"\r\r',
];

/** What is left to chance stays the same. */
const SEED = 20;

describe.skipIf(skip)('tokenizer against llama.cpp', () => {
  const folder = temporaryFolder();
  const opened: Oracle[] = [];
  afterAll(async () => {
    folder.remove();
    for (const oracle of opened) await oracle.dispose();
  });
  let ours: Tokenizer;
  let theirs: Oracle;
  beforeAll(async () => {
    ours = loadModel(new Uint8Array(readFileSync(join(MODELS, 'moe.gguf')))).tokenizer;
    theirs = await openOracle(join(MODELS, 'moe.gguf'));
    opened.push(theirs);
  });
  const same = (text: string, special = false): void => {
    expect(ours.encode(text, { special }), JSON.stringify(text)).toEqual(theirs.tokenize(text, special));
  };

  it.each(heldout.domains)('$name', ({ name, ids }) => {
    for (const sequence of ids) same(ours.decode(sequence));
    for (const prompt of PROMPTS[name]) same(prompt);
  });

  it('nasty texts', () => {
    for (const text of NASTY.map((line) => line.replaceAll('\0', ''))) {
      same(text);
      same(text, true);
    }
  });

  it('any text', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, special) => same(text, special)),
      { numRuns: 1500, seed: SEED },
    );
  });

  it('any text, split as gpt-2 does', async () => {
    const bytes = randomModel('qwen3moe', { layers: 1, metadata: { 'tokenizer.ggml.pre': 'gpt-2' } });
    const { tokenizer } = loadModel(bytes);
    const oracle = await openOracle(folder.write('gpt2.gguf', bytes), 64);
    opened.push(oracle);
    const check = (text: string): void => {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(oracle.tokenize(text, false));
    };
    fc.assert(fc.property(anyText, check), { numRuns: 800, seed: SEED });
  });
});
