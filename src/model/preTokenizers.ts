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

/** Contractions behind a word, in any case. */
const SHORT = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?";
const BEFORE = '[^\\r\\n\\p{L}\\p{N}]?';
const REST = `\\p{N}{1,3}| ?${NEITHER}+[\\r\\n/]*|${S}*[\\r\\n]+|${TAIL}`;
/** OpenAI's o200k: a word changes from capitals to small letters once. Marks are no letters in llama.cpp, which is followed. */
const [CAPITAL, SMALL] = ['(?:(?=\\p{L})[^a-z])', '(?:(?=\\p{L})[^A-Z])'];
const O200K = `${BEFORE}${CAPITAL}*${SMALL}+${SHORT}|${BEFORE}${CAPITAL}+${SMALL}*${SHORT}|${REST}`;

/** Of the scripts that DeepSeek's first tokenizer takes for words. */
const DEEPSEEK_LETTERS = [
  'A-Za-z\\u00b5\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u01ba\\u01bc-\\u01bf\\u01c4-\\u0293\\u0295-\\u02af',
  '\\u0370-\\u0373\\u0376\\u0377\\u037b-\\u037d\\u037f\\u0386\\u0388-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03f5',
  '\\u03f7-\\u0481\\u048a-\\u052f\\u0531-\\u0556\\u10a0-\\u10c5\\u13a0-\\u13f5\\u13f8-\\u13fd\\u1c90-\\u1cba',
  '\\u1cbd-\\u1cbf\\u1d00-\\u1d2b\\u1d6b-\\u1d77\\u1d79-\\u1d9a\\u1e00-\\u1f15\\u1f18-\\u1f1d\\u1f20-\\u1f45',
  '\\u1f48-\\u1f4d\\u1f50-\\u1f57\\u1f59\\u1f5b\\u1f5d\\u1f5f-\\u1f7d\\u1f80-\\u1fb4\\u1fb6-\\u1fbc\\u1fbe',
  '\\u1fc2-\\u1fc4\\u1fc6-\\u1fcc\\u1fd0-\\u1fd3\\u1fd6-\\u1fdb\\u1fe0-\\u1fec\\u1ff2-\\u1ff4\\u1ff6-\\u1ffc',
  '\\u2102\\u2107\\u210a-\\u2113\\u2115\\u2119-\\u211d\\u2124\\u2126\\u2128\\u212a-\\u212d\\u212f-\\u2134\\u2139',
  '\\u213c-\\u213f\\u2145-\\u2149\\u214e\\u2183\\u2184\\u2c00-\\u2c7b\\u2c7e-\\u2ce4\\u2ceb-\\u2cee\\u2cf2\\u2cf3',
  '\\ua640-\\ua66d\\ua680-\\ua69b\\ua722-\\ua76f\\ua771-\\ua787\\ua78b-\\ua78e\\uab70-\\uabbf\\ufb00-\\ufb06',
  '\\ufb13-\\ufb17\\uff21-\\uff3a\\uff41-\\uff5a\\u{10400}-\\u{1044f}\\u{104b0}-\\u{104d3}\\u{104d8}-\\u{104fb}',
  '\\u{10c80}-\\u{10cb2}\\u{10cc0}-\\u{10cf2}\\u{118a0}-\\u{118df}\\u{1e900}-\\u{1e943}',
].join('');
/** llama.cpp sees no blank among them, though the range has some. */
const EAST_ASIAN = `(?:(?!${S})[\\u4e00-\\u9fa5\\u0800-\\u4e00\\uac00-\\ud7ff])+`;
const DEEPSEEK = [
  '[\\r\\n]',
  `${S}?[${DEEPSEEK_LETTERS}]+`,
  `${S}?[!-/:-~\\uff01-\\uff0f\\uff1a-\\uff5e\\u2018-\\u201f\\u3001\\u3002]+`,
  `${S}+$`,
  EAST_ASIAN,
  '\\p{N}+',
];
const MARKS_AND_WORDS = `[!"#$%&'()*+,\\-./:;<=>?@[\\\\\\]^_\`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|${S}*[\\r\\n]+|${TAIL}`;
const DEEPSEEK_3 = ['\\p{N}{1,3}', '[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+', MARKS_AND_WORDS];

/** Chinese characters, as llama.cpp counts them. */
const HAN =
  '[\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b73f}\\u{2b740}-\\u{2b81f}\\u{2b820}-\\u{2ceaf}\\u{2ceb0}-\\u{2ebef}\\u{2f800}-\\u{2fa1f}]';
const KIMI = `${HAN}+|${BEFORE}(?:(?!${HAN})\\p{L})+${SHORT}|\\p{N}{1,3}| ?${NEITHER}+[\\r\\n]*|${S}*[\\r\\n]+|${TAIL}`;
const BAILING = `'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|${BEFORE}\\p{L}+|\\p{N}| ?${NEITHER}+[\\r\\n]*|${S}*[\\r\\n]|${TAIL}`;

/** Of the scripts that Trinity's tokenizer cuts out. */
const ASIAN_SCRIPTS = [
  '\\u4e00-\\u9fff\\u3400-\\u4dbf\\u8c48-\\ufaff\\u3040-\\u309f\\u30a0-\\u30ff\\uff65-\\uff9f\\u2f00-\\u2fdf\\u0e40-\\u0e7f',
  '\\u0e80-\\u0eff\\u1780-\\u17ff\\u1000-\\u109f\\uaa60-\\uaa7f\\ua9e0-\\ua9ff\\uac00-\\ud7af\\u1100-\\u11ff',
].join('');

/**
 * Numbers in threes from their ends. What stands before one goes with its first digits, as in llama.cpp; the expressions behind
 * this one cut it off.
 */
function threes(text: string): string[] {
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: digits, index } of text.matchAll(/\p{N}+/gu)) {
    const all = Array.from(digits);
    const first = all.length % 3 || 3;
    pieces.push(text.slice(end, index) + all.slice(0, first).join(''));
    for (let at = first; at < all.length; at += 3) pieces.push(all.slice(at, at + 3).join(''));
    end = index + digits.length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

export interface PreTokenizer {
  /** Or what cuts a text as no expression can. */
  readonly expressions: readonly (string | typeof threes)[];
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
  { names: 'gpt-4o llama4 kanana2', expressions: [O200K] },
  { names: 'deepseek-llm', expressions: DEEPSEEK },
  { names: 'deepseek-coder', expressions: ['[\\r\\n]', `${S}?\\p{L}+`, `${S}?\\p{P}+`, EAST_ASIAN, '\\p{N}'] },
  { names: 'deepseek-v3 hunyuan-dense joyai-llm', expressions: DEEPSEEK_3 },
  { names: 'bailingmoe bailingmoe2 llada-moe', expressions: [BAILING] },
  { names: 'kimi-k2', expressions: [KIMI] },
  { names: 'afmoe', expressions: [threes, `[${ASIAN_SCRIPTS}]+`, MARKS_AND_WORDS] },
];

/** By the name that a file gives (tokenizer.ggml.pre). A file that gives none means "default". */
export const PRE_TOKENIZERS: ReadonlyMap<string, PreTokenizer> = new Map(
  FAMILIES.flatMap((family) => family.names.split(' ').map((name) => [name, family] as const)),
);

/** Cuts a text: what an expression finds is a piece, and so is what lies between two finds. Nothing is lost. */
export function splitter({ expressions }: PreTokenizer): (text: string) => string[] {
  const steps = expressions.map((source) => {
    if (typeof source !== 'string') return source;
    const expression = new RegExp(source, 'gu');
    return (piece: string) => isolate(piece, expression);
  });
  return (text) => steps.reduce((pieces, step) => pieces.flatMap(step), [text]);
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
