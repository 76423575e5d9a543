/** The chat template of a file, as data: what renders it (template.ts) comes only where somebody chats. */
import type { Metadata } from './metadata.ts';
import type { ChatTemplate } from './types.ts';
import { namedToken } from './vocabulary.ts';

/** null where the file has none: its model continues texts. */
export function readChat(metadata: Metadata): ChatTemplate | null {
  const template = metadata.entries.get('tokenizer.chat_template');
  if (typeof template !== 'string' || template.trim() === '') return null;
  const tokens = metadata.strings('tokenizer.ggml.tokens');
  const text = (key: string) => tokens[namedToken(metadata, key, tokens.length) ?? -1] ?? '';
  return { template, bos: text('bos'), eos: text('eos') };
}
