import type { Turn } from '../../model/types.ts';
import type { Choice, Readable } from '../session/signals.ts';

/** A conversation with the open model. */
export interface Conversation {
  readonly mode: Choice<'chat' | 'continue'>;
  /** The question that is being typed; the page's prompt is the one that was asked. */
  readonly draft: Choice<string>;
  /** What was said before the question that the text on the page answers. */
  readonly before: Readable<readonly Turn[]>;
  /** How many questions stand before the next one. */
  readonly questions: number;
  /** The question with all that came before it, as the model reads it; null where it continues texts. @throws UserError bad-input */
  framed(question: string): string | null;
  /** A text has begun in the place of the one before, `framed` as a question. The answer says whether something was said before its question. */
  begun(prompt: string, framed: boolean): boolean;
  /** Asks what was typed; a text that stands there is the answer before it. */
  ask(): Promise<void>;
  /** Forgets what was said. */
  anew(): Promise<void>;
}
