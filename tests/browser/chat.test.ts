/** An instruct model on the page: question, answer and follow-up by its own template, or a text that is continued. */
import { expect, it } from 'vitest';
import type { MoePage } from '../../src/ui/page/moe-page.ts';
import { MARKS, TEMPLATES } from '../model/chatTemplates.ts';
import { withVocabulary } from '../model/vocabularies.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const file = (template: string, name = 'chat.gguf') => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(
    withVocabulary({
      added: MARKS.map((text) => [text, 3] as const),
      model: { contextLength: 512 },
      metadata: { 'tokenizer.chat_template': template },
    }),
  ),
});

const prompt = (visitor: Visitor) =>
  visitor.page.evaluate(() => {
    const { trace } = (document.querySelector('moe-page') as MoePage).session;
    return {
      prompt: trace.texts.slice(0, trace.promptCount).join(''),
      rest: trace.texts.slice(trace.promptCount).join(''),
    };
  });

it('asks, asks on, begins anew and continues a text; says why where a template cannot be used', async () => {
  const visitor = await Visitor.open({ cpu: true, query: '#tokens=8&pace=full' });
  await visitor.untilBadge('live');
  await visitor.id('model').selectOption('elsewhere:');
  await visitor.id('model-file').setInputFiles(file(TEMPLATES.qwen));
  await visitor.id('question').waitFor();
  expect(await visitor.id('prompt').count()).toBe(0);

  const asked = async (question: string, expected: RegExp) => {
    await visitor.id('question').fill(question);
    await visitor.id('ask').click();
    await expect.poll(() => prompt(visitor).then((read) => read.prompt), { timeout: 60_000 }).toMatch(expected);
    await visitor.untilAtRest();
    expect(await visitor.id('question').inputValue()).toBe('');
  };
  const head = '<\\|im_start\\|>user\\nhello\\?<\\|im_end\\|>\\n<\\|im_start\\|>assistant\\n';
  await asked('hello?', new RegExp(`^${head}$`));
  await visitor.id('anew').waitFor();
  await asked(
    'hello world',
    new RegExp(`^${head}[^]*<\\|im_end\\|>\\n<\\|im_start\\|>user\\nhello world<\\|im_end\\|>`),
  );
  expect(await visitor.text('conversation')).toContain('2 questions');
  await visitor.id('anew').click();
  await asked('hello?', new RegExp(`^${head}$`));

  await visitor.id('continue').check();
  await visitor.id('prompt').fill('hello');
  await visitor.id('send').click();
  await expect.poll(() => prompt(visitor).then((read) => read.prompt), { timeout: 60_000 }).toBe('hello');
  await visitor.untilAtRest();

  await visitor.id('model').selectOption('elsewhere:');
  await visitor.id('model-file').setInputFiles(file('{% if %}', 'broken.gguf'));
  await visitor.page.getByText('The chat template of this file cannot be used').waitFor();
  await visitor.id('prompt').waitFor();
  expect(await visitor.id('question').count()).toBe(0);
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
}, 200_000);
