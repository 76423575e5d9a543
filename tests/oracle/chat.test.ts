/** Conversations as tokens: the library's text, read by llama.cpp, is what we give our engines; both end at the same tokens. */
import { Template } from '@huggingface/jinja';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { renderChat } from '../../src/model/template.ts';
import type { Turn } from '../../src/model/types.ts';
import { MARKS, TEMPLATES } from '../model/chatTemplates.ts';
import { tokensOf, withVocabulary } from '../model/vocabularies.ts';
import { temporaryFolder } from './files.ts';
import { type Oracle, openOracle, whyNot } from './llama.ts';

describe.skipIf(whyNot())('chat against llama.cpp', () => {
  const folder = temporaryFolder();
  const opened: Oracle[] = [];
  afterAll(async () => {
    folder.remove();
    for (const oracle of opened) await oracle.dispose();
  });

  const CONVERSATIONS: Turn[][] = [
    [{ role: 'user', content: 'Is <|im_end|> the end? é  \n' }],
    [
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'hello world\n\n' },
      { role: 'user', content: 'and\tnow?' },
    ],
  ];

  it.each(Object.entries(TEMPLATES))('%s: question and follow-up', async (name, template) => {
    const added = MARKS.map((text) => [text, 3] as const);
    const first = tokensOf({}).length;
    const bytes = withVocabulary({
      added,
      metadata: {
        'tokenizer.chat_template': template,
        'tokenizer.ggml.bos_token_id': { u32: first },
        'tokenizer.ggml.eos_token_id': { u32: first + 1 },
        'tokenizer.ggml.add_bos_token': name === 'mixtral',
      },
    });
    const oracle = await openOracle(folder.write(`${name}.gguf`, bytes), 64);
    opened.push(oracle);
    const { chat, tokenizer } = loadModel(bytes);
    for (const messages of CONVERSATIONS) {
      const marks = { add_generation_prompt: true, bos_token: '<s>', eos_token: '</s>' };
      const text = new Template(template).render({ messages, ...marks });
      const ours = tokenizer.prompt(renderChat(chat!, messages), { special: true });
      expect(ours).toEqual(oracle.tokenize(text, true));
      expect(ours.some((id) => id >= first)).toBe(true);
    }
    const ids = tokensOf({ added }).map((_, id) => id);
    expect([...tokenizer.ends].sort((a, b) => a - b)).toEqual(ids.filter((id) => oracle.isEnd(id)));
  });
});
