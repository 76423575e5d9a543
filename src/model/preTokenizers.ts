/**
 * How each pre-tokenizer cuts a text into words before any merging, as llama.cpp has it (llama-vocab.cpp, llm_tokenizer_bpe).
 * Names that share their expressions share an entry. Several expressions are applied one after another, to the pieces.
 */

// \s in llama.cpp is Unicode White_Space; JavaScript's \s lacks U+0085 and has U+FEFF.
const S = '\\p{White_Space}';
const NEITHER = `[^${S}\\p{L}\\p{N}]`;
const TAIL = `${S}+(?!\\P{White_Space})|${S}+`;
const GPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?${NEITHER}+|${TAIL}`;
/** Words of letters, contractions in any case, and digits as `digits` says. */
const words = (digits: string, letter = '\\p{L}', neither = NEITHER) =>
  `'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\\r\\n\\p{L}\\p{N}]?${letter}+|${digits}| ?${neither}+[\\r\\n]*|${S}*[\\r\\n]+|${TAIL}`;

export interface PreTokenizer {
  readonly expressions: readonly string[];
  /** A word that is a token is taken whole, whatever the merges say. */
  readonly ignoreMerges?: boolean;
  /** The mark of a beginning stands in front of a text unless the file says otherwise. */
  readonly addBos?: boolean;
}

const FAMILIES: readonly (PreTokenizer & { readonly names: string })[] = [
  { names: 'default', expressions: ['[\\p{P}$+<=>^~|]+', GPT2, '\\p{N}+', '[0-9][0-9][0-9]'] },
  {
    names:
      'gpt-2 olmo phi-2 mpt jais jina-es jina-de jina-v2-es jina-v2-de gigachat a.x-4.0 mellum modern-bert exaone4 trillion granite-docling',
    expressions: [GPT2],
  },
  {
    names: 'refact starcoder command-r smollm codeshell exaone minerva-7b mellum2',
    expressions: ['\\p{N}', GPT2],
  },
  { names: 'qwen2 deepseek-r1-qwen kormo f2llmv2 megrez stablelm2 hunyuan solar-open', expressions: [words('\\p{N}')] },
  { names: 'qwen35', expressions: [words('\\p{N}', '[\\p{L}\\p{M}]', `[^${S}\\p{L}\\p{M}\\p{N}]`)] },
  { names: 'dbrx smaug-bpe glm4 chatglm-bpe', expressions: [words('\\p{N}{1,3}')] },
  {
    names: 'llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano',
    expressions: [words('\\p{N}{1,3}')],
    ignoreMerges: true,
    addBos: true,
  },
];

/** By the name that a file gives (tokenizer.ggml.pre). A file that gives none means "default". */
export const PRE_TOKENIZERS: ReadonlyMap<string, PreTokenizer> = new Map(
  FAMILIES.flatMap((family) => family.names.split(' ').map((name) => [name, family] as const)),
);

/** Cuts a text: what an expression finds is a piece, and so is what lies between two finds. Nothing is lost. */
export function splitter({ expressions }: PreTokenizer): (text: string) => string[] {
  const steps = expressions.map((source) => new RegExp(source, 'gu'));
  return (text) => steps.reduce((pieces, step) => pieces.flatMap((piece) => isolate(piece, step)), [text]);
}

function isolate(text: string, expression: RegExp): string[] {
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(expression)) {
    if (index > end) pieces.push(text.slice(end, index));
    pieces.push(found);
    end = index + found.length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}
