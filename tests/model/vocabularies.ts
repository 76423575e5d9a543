/** Vocabularies with everything that files do to them, for the unit tests and for llama.cpp alike. */
import { type RandomModelOptions, randomModel, TOKENS } from './randomModel.ts';
import type { Value } from './writeGguf.ts';

/** A token's text and its type: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
export type Added = readonly [text: string, type: number];

export interface VocabularyOptions {
  readonly added?: readonly Added[];
  /** Texts of the common vocabulary that are replaced by something unused. */
  readonly without?: readonly string[];
  readonly merges?: readonly string[];
  /** undefined removes a key. */
  readonly metadata?: Readonly<Record<string, Value | undefined>>;
  readonly model?: RandomModelOptions;
}

/** The tokens of a file with these options. */
export const tokensOf = ({ added = [], without = [] }: VocabularyOptions): string[] => [
  ...TOKENS.map((text, id) => (without.includes(text) ? `(unused ${id})` : text)),
  ...added.map(([text]) => text),
];

/** A small model with such a vocabulary. */
export function withVocabulary(options: VocabularyOptions): Uint8Array {
  const tokens = tokensOf(options);
  const types = [
    ...TOKENS.map((_, id) => (id === TOKENS.length - 1 ? 3 : 1)),
    ...(options.added ?? []).map(([, t]) => t),
  ];
  return randomModel('qwen3moe', {
    layers: 1,
    ...options.model,
    vocabulary: tokens.length,
    metadata: {
      'tokenizer.ggml.tokens': { strings: tokens },
      'tokenizer.ggml.token_type': { i32s: types },
      ...(options.merges && { 'tokenizer.ggml.merges': { strings: options.merges } }),
      ...options.metadata,
    },
  });
}

/** Every type, texts whose letters are GPT-2's byte characters, marks of many families with types that are wrong. */
export const MOTLEY: VocabularyOptions = {
  added: [
    ['café', 4],
    ['25°C', 4],
    ['\ufeffmark', 4],
    ['<unk>', 2],
    ['<unused>', 5],
    ['<0x41>', 6],
    ['Ġblanks', 1],
    ['<|im_end|>', 1],
    ['<|endoftext|>', 4],
    ['</s>', 3],
    ['<|fim_pad|>', 4],
    ['<|file_sep|>', 1],
    ['<|fim_prefix|>', 4],
    ['<|channel|>', 3],
    ['<tool>', 3],
    ['abcd', 4],
    ['xab', 4],
    ['', 4],
  ],
};

/** Texts that meet those tokens, whole, in part and overlapping. */
export const MOTLEY_TEXTS = [
  'café 25°C at 25 °C, cafés',
  '\ufeffmark and mark\ufeff',
  'xabcd abcdxab xxab',
  '<unk><unused><0x41> blanks',
  'a<|im_end|>b<|endoftext|>c</s>d<|fim_pad|><|file_sep|><|fim_prefix|>e<|channel|>f<tool>',
  '[EMPTY_287] <|end|> <|im_end|',
];
