/** Conversations by the template of a file: as the library renders them; what a stranger's template may not do. */
import { Template } from '@huggingface/jinja';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { answerIn, renderChat, templateProblem } from '../../src/model/template.ts';
import type { ChatTemplate, Turn } from '../../src/model/types.ts';
import { TEMPLATES } from './chatTemplates.ts';
import { withVocabulary } from './vocabularies.ts';

const FIRST: Turn[] = [{ role: 'user', content: 'What is a router?\n“It” {{ chooses }} <b>é</b> 東京' }];
const FOLLOW: Turn[] = [
  ...FIRST,
  { role: 'assistant', content: '<think>\nhm\n</think>\n\nIt chooses experts. ' },
  { role: 'user', content: '  And then? ' },
];
const plain = (template: string): ChatTemplate => ({ template, bos: '<s>', eos: '</s>' });

describe.each(Object.entries(TEMPLATES))('a template like %s', (_, template) => {
  it.each([
    ['a question', FIRST],
    ['a follow-up', FOLLOW],
  ])('renders %s as the library does', (_, messages) => {
    const expected = new Template(template).render({
      messages,
      ...{ add_generation_prompt: true, bos_token: '<s>', eos_token: '</s>' },
    });
    expect(renderChat(plain(template), messages)).toBe(expected);
    expect(expected).toContain(FIRST[0].content);
    expect(templateProblem(plain(template))).toBeNull();
  });
});

describe('a template that cannot be used', () => {
  it.each<[string, string, RegExp]>([
    ['does not parse', '{% for message in %}', /cannot be used \(.+\), so the model continues texts instead\.$/],
    ['refuses all', "{{ raise_exception('Tools are needed.') }}", /\(Tools are needed\)/],
    ['leaves out the question', 'Hello {{ messages|length }}', /leaves out what was said/],
    ['forgets the follow-up', '{{ messages[0].content }}', /leaves out what was said/],
    [
      'counts without end',
      '{% for i in range(99) %}{% for i in range(9999) %}{% set x = i %}{% endfor %}{% endfor %}',
      /no end/,
    ],
    ['makes a long list', '{{ range(1000000000) }}', /counts too far/],
    ['nests brackets', `{{ ${'('.repeat(40_000)} }}`, /too deep/],
    [
      'doubles a text',
      "{% set ns = namespace(x='abcd') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
      /too much/,
    ],
    [
      'doubles a list',
      '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}',
      /too much/,
    ],
    ['is very long', `{{ messages[0].content }}${' '.repeat(100_000)}`, /longer than 100000/],
    ['makes no text of an unknown filter', '{{ messages|nosuch }}', /cannot be used/],
  ])('%s', (_, template, words) => {
    const problem = templateProblem(plain(template));
    expect(problem).toMatch(words);
    expect(problem).toMatch(/^The chat template of this file cannot be used \([^\n]+\), so the/);
  });

  it('says why it refuses one conversation', () => {
    const chat = plain(TEMPLATES.mixtral);
    expect(() => renderChat(chat, [...FIRST, ...FIRST])).toThrow(
      'The model’s chat template refuses this conversation: Conversation roles must alternate user/assistant',
    );
  });
});

it('takes the last message of an answer with channels', () => {
  const thought = '<|channel|>analysis<|message|>They ask.<|end|><|start|>assistant<|channel|>final<|message|>It is.';
  expect(answerIn(thought)).toBe('It is.');
  expect(answerIn(`${thought}<|return|>`)).toBe('It is.');
  expect(answerIn('<|channel|>analysis')).toBe('');
  expect(answerIn(' as it is\n')).toBe(' as it is\n');
  const turns: Turn[] = [...FIRST, { role: 'assistant', content: answerIn(thought) }, ...FIRST];
  expect(renderChat(plain(TEMPLATES.harmony), turns)).toContain('final<|message|>It is.<|end|><|start|>user');
});

it('writes the date as Python does', () => {
  const said = renderChat(
    plain("{{ strftime_now('%d %b %Y %y %A %a %H:%M:%S 100%% %q') }}{{ messages[0].content }}"),
    FIRST,
  );
  expect(said).toMatch(/^\d\d [A-Z][a-z]{2} (\d\d)(\d\d) \2 [A-Z][a-z]+day [A-Z][a-z]{2} \d\d:\d\d:\d\d 100% %q/);
});

describe('of a file', () => {
  const added = [
    ['<s>', 3],
    ['</s>', 3],
    ['<|end|>', 3],
  ] as const;
  const read = (metadata = {}) => loadModel(withVocabulary({ added, metadata }));

  it('comes with the texts of its marks', () => {
    const { size } = read().tokenizer;
    const { chat } = read({
      'tokenizer.chat_template': 'a{{ bos_token }}',
      'tokenizer.ggml.bos_token_id': { u32: size - 3 },
      'tokenizer.ggml.eos_token_id': { u32: size - 2 },
    });
    expect(chat).toEqual({ template: 'a{{ bos_token }}', bos: '<s>', eos: '</s>' });
    const unnamed = read({ 'tokenizer.chat_template': 'a', 'tokenizer.ggml.bos_token_id': { u32: 0xffffffff } }).chat;
    expect(unnamed?.bos).toBe('');
  });

  it.each([[{}], [{ 'tokenizer.chat_template': ' \n' }], [{ 'tokenizer.chat_template': { u32: 7 } }]])(
    'is none where there is none: %j',
    (metadata) => expect(read(metadata).chat).toBeNull(),
  );
});
