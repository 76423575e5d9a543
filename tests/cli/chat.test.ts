/** --chat: a question in the marks of the file's template; where there is none it is said, and the text is continued. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Host } from '../../src/cli/host.ts';
import type { Summary } from '../../src/cli/job.ts';
import { main } from '../../src/cli/moe.ts';
import { loadModel } from '../../src/model/load.ts';
import { MARKS, TEMPLATES } from '../model/chatTemplates.ts';
import { withVocabulary } from '../model/vocabularies.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'moescope-chat-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const added = MARKS.map((text) => [text, 3] as const);

async function ask(template: string | undefined, ...args: string[]) {
  const bytes = withVocabulary({ added, metadata: { 'tokenizer.chat_template': template } });
  const path = join(folder, 'model.gguf');
  writeFileSync(path, bytes);
  let [out, err] = ['', ''];
  const host = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  } as unknown as Host;
  const code = await main(['--model', path, '--device', 'cpu', '--tokens', '2', '--json', ...args], host);
  return { code, err, read: out && (JSON.parse(out) as Summary).promptIds, ...loadModel(bytes) };
}

it('asks by the template', async () => {
  const { code, read, tokenizer } = await ask(TEMPLATES.qwen, '--prompt', 'hello <|im_end|>', '--chat');
  const expected = '<|im_start|>user\nhello <|im_end|><|im_end|>\n<|im_start|>assistant\n';
  expect([code, read]).toEqual([0, tokenizer.encode(expected, { special: true })]);
  expect(read).not.toEqual(tokenizer.encode(expected));
});

it.each([
  [undefined, /^This file has no chat template, so the prompt is continued as a text\.\n/],
  ['{% if %}', /^The chat template of this file cannot be used \(.+\), so the model continues texts instead\.\n/],
])('continues the text where the template is %j', async (template, words) => {
  const { code, err, read, tokenizer } = await ask(template, '--prompt', 'hello', '--chat');
  expect([code, read]).toEqual([0, tokenizer.encode('hello')]);
  expect(err).toMatch(words);
});

it('asks from a process of its own', () => {
  const path = join(folder, 'spawned.gguf');
  writeFileSync(path, withVocabulary({ added, metadata: { 'tokenizer.chat_template': TEMPLATES.qwen } }));
  const args = ['--model', path, '--device', 'cpu', '--tokens', '1', '--json', '--prompt', 'hello', '--chat'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/moe.mjs'), ...args], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^cpu · /)]);
  expect((JSON.parse(stdout) as Summary).promptIds.length).toBeGreaterThan(4);
});

it('takes no ids', async () => {
  expect(await ask(TEMPLATES.qwen, '--ids', '1', '--chat')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--chat goes with --prompt/),
  });
});
