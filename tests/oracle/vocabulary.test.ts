/** Vocabularies as files have them, read by llama.cpp and by us: token types, ends of a text, marks around it, splitting. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { PRE_TOKENIZERS } from '../../src/model/preTokenizers.ts';
import { MOTLEY, MOTLEY_TEXTS, tokensOf, type VocabularyOptions, withVocabulary } from '../model/vocabularies.ts';
import { temporaryFolder } from './files.ts';
import { type Oracle, openOracle, whyNot } from './llama.ts';
import { anyText } from './texts.ts';

const SEED = 21;
const NONE = { u32: 0xffffffff };

describe.skipIf(whyNot())('vocabularies against llama.cpp', () => {
  const folder = temporaryFolder();
  const opened: Oracle[] = [];
  afterAll(async () => {
    folder.remove();
    for (const oracle of opened) await oracle.dispose();
  });

  async function both(options: VocabularyOptions) {
    const bytes = withVocabulary(options);
    const oracle = await openOracle(folder.write(`${opened.length}.gguf`, bytes), 64);
    opened.push(oracle);
    const { tokenizer } = loadModel(bytes);
    const same = (text: string, special = false) =>
      expect(tokenizer.encode(text, { special }), JSON.stringify(text)).toEqual(oracle.tokenize(text, special));
    const ids = tokensOf(options).map((_, id) => id);
    const ends = () => expect([...tokenizer.ends].sort((a, b) => a - b)).toEqual(ids.filter((id) => oracle.isEnd(id)));
    return { oracle, tokenizer, same, ids, ends };
  }

  it('reads, writes and ends as each token’s type and text say', async () => {
    const { oracle, tokenizer, same, ids, ends } = await both(MOTLEY);
    for (const text of MOTLEY_TEXTS) {
      same(text);
      same(text, true);
    }
    const units = fc.array(fc.constantFrom(...tokensOf(MOTLEY).slice(-20), 'xa', 'b', 'cd', ' '), { maxLength: 8 });
    fc.assert(
      fc.property(units, fc.boolean(), (parts, special) => void same(parts.join(''), special)),
      { numRuns: 400, seed: SEED },
    );
    ends();
    // A lone byte of a character is no text.
    for (const id of ids.filter((id) => !tokenizer.decode([id]).includes('\ufffd')))
      expect(tokenizer.decode([id]), tokensOf(MOTLEY)[id]).toBe(oracle.decode([id]));
  });

  it.each<[string, VocabularyOptions]>([
    [
      'ids of the metadata',
      { metadata: { 'tokenizer.ggml.eot_token_id': { u32: 5 }, 'tokenizer.ggml.eom_token_id': { u32: 6 } } },
    ],
    [
      'fill-in-the-middle by id',
      { metadata: { 'tokenizer.ggml.fim_pad_token_id': { u32: 7 } }, added: [['<PAD>', 3]] },
    ],
    [
      'parts of a message',
      {
        added: [
          ['<|return|>', 3],
          ['<|call|>', 3],
          ['<|message|>', 3],
        ],
      },
    ],
    [
      'calls and flush',
      {
        added: [
          ['<|flush|>', 3],
          ['<|calls|>', 3],
        ],
      },
    ],
    [
      'a tool’s answer',
      {
        added: [
          ['</s>', 3],
          ['<|tool_response>', 3],
        ],
      },
    ],
  ])('ends of a text: %s', async (_, options) => {
    const { ends, same } = await both(options);
    ends();
    for (const [text] of options.added ?? []) same(`a${text}b<|end|>c`);
  });

  it.each<[string, VocabularyOptions['metadata']]>([
    ['none', {}],
    ['both', { 'tokenizer.ggml.add_bos_token': true, 'tokenizer.ggml.add_eos_token': true }],
    ['unsaid', { 'tokenizer.ggml.add_bos_token': undefined }],
    [
      'unsaid, where the pre-tokenizer asks for it',
      { 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': undefined },
    ],
    ['forbidden there', { 'tokenizer.ggml.pre': 'llama-bpe' }],
  ])('marks around a text: %s', async (_, metadata) => {
    const bosId = { u32: tokensOf({}).length };
    const { oracle, tokenizer } = await both({
      added: [['<s>', 3]],
      metadata: { 'tokenizer.ggml.bos_token_id': bosId, ...metadata },
    });
    const { bos, eos } = oracle.frame;
    const marked = [...(bos === null ? [] : [bos]), ...oracle.tokenize('hello'), ...(eos === null ? [] : [eos])];
    expect(tokenizer.prompt('hello')).toEqual(marked);
  });

  it('takes files whose ids are none', async () => {
    const { tokenizer } = await both({
      metadata: {
        'tokenizer.ggml.eos_token_id': NONE,
        'tokenizer.ggml.bos_token_id': NONE,
        'tokenizer.ggml.eot_token_id': { u32: 9999 },
      },
    });
    // llama.cpp falls back to token 11, which is right for one old model alone; here none is none.
    expect([...tokenizer.ends]).toEqual([tokensOf({}).indexOf('<|end|>')]);
  });

  it('merges over texts that are no tokens, and leaves out bytes that have none', async () => {
    const { same } = await both({
      merges: ['q u', 'qu x', 'a b', 'ab c', 'Ã ¤', 'nospace', 'h e'],
      added: [['qux', 1]],
      without: ['z', 'À', 'ñ', 'Ã'],
    });
    for (const text of ['qux', 'qu', 'aqux', 'abc', 'ab', 'ä', 'zebra', 'Àé ñ', 'he']) same(text);
  });

  const names = [...PRE_TOKENIZERS.keys()];
  it.each(names)('knows the pre-tokenizer %s', async (name) => {
    const { same } = await both({ metadata: { 'tokenizer.ggml.pre': name }, model: { layers: 1 } });
    same("Don't 12345 hello\n\n  world… ½ ٣٤٥٦");
  });

  // One name of each family, the other names having its entry.
  const families = names.filter(
    (name, i) => names.findIndex((n) => PRE_TOKENIZERS.get(n) === PRE_TOKENIZERS.get(name)) === i,
  );
  it.each([...families, ''])('splits as %s', async (name) => {
    const { same } = await both({
      metadata: { 'tokenizer.ggml.pre': name || undefined },
      added: [
        ['12', 1],
        ['345', 1],
        ['hel', 1],
      ],
      merges: ['1 2', '3 4', '34 5', 'h e', 'he l', 'l l', 'Ġ Ġ'],
    });
    fc.assert(
      fc.property(anyText, (text) => void same(text)),
      { numRuns: 300, seed: SEED },
    );
  });
});
