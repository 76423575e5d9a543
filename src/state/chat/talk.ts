/** A conversation with the open model, by its file's template. Comes only where such a model is open. */
import type { ChatTemplate, Turn } from '../../model/chat.ts';
import { answerIn, renderChat, templateProblem } from '../../model/template.ts';
import { readPrompt } from '../inputs.ts';
import type { Session } from '../session.ts';
import { signal } from '../signals.ts';

type Conversing = Pick<Session, 'prompt' | 'problem' | 'source' | 'trace' | 'tell' | 'touched'> & {
  readonly writing: Pick<Session['writing'], 'write' | 'reset'>;
};

export class Talk {
  readonly mode = signal<'chat' | 'continue'>('chat');
  /** The question that is being typed; the session's prompt is the one that was asked. */
  readonly draft = signal('');
  /** What was said before the question that the text on the page answers. */
  readonly before = signal<readonly Turn[]>([]);
  /** What was said before the question that is asked now, as long as its text has not begun. */
  private next: readonly Turn[] | null = null;

  constructor(
    private readonly session: Conversing,
    private readonly chat: ChatTemplate,
  ) {}

  /** The question with all that came before it, as the model reads it; null where it continues texts. @throws UserError bad-input */
  framed(question: string): string | null {
    if (this.mode.get() === 'continue') return null;
    return renderChat(this.chat, [...(this.next ?? this.before.get()), { role: 'user', content: question }]);
  }

  /** A text has begun in the place of the one before. The answer says whether something was said before its question. */
  begun(): boolean {
    if (this.next) this.before.set(this.next);
    this.next = null;
    return this.mode.get() === 'chat' && this.before.get().length > 0;
  }

  /** Asks what was typed; a text that stands there is the answer before it. */
  async ask(): Promise<void> {
    const { session } = this;
    const question = this.draft.get();
    const problem = readPrompt(question) && { field: 'prompt' as const, message: 'Write a question first.' };
    session.problem.set(problem);
    if (problem) return;
    session.touched();
    const asked = session.prompt.get();
    const said = this.said();
    this.next = said;
    session.prompt.set(question);
    this.draft.set('');
    await session.writing.write();
    if (this.next !== said) return;
    // It could not be asked: what was typed comes back.
    this.next = null;
    session.prompt.set(asked);
    this.draft.set(question);
  }

  /** Forgets what was said. */
  async anew(): Promise<void> {
    this.before.set([]);
    await this.session.writing.reset();
  }

  /** How many questions stand before the next one. */
  get questions(): number {
    return this.said().length / 2;
  }

  /** All that was said, the answer on the page included. */
  private said(): readonly Turn[] {
    const { trace, source, prompt } = this.session;
    trace.version.get();
    if (source.get().kind !== 'live' || trace.count === 0) return [];
    const answer = answerIn(trace.texts.slice(trace.promptCount).join('') + trace.pending);
    return [...this.before.get(), { role: 'user', content: prompt.get() }, { role: 'assistant', content: answer }];
  }
}

/** A conversation with a model that was just opened; a template that cannot be used is told, and there is none. */
export function talkWith(session: Session, chat: ChatTemplate): Talk | null {
  const problem = templateProblem(chat);
  if (problem === null) return new Talk(session, chat);
  session.tell({ code: 'bad-input', message: problem, hint: '' }, 'news', ['dismiss']);
  return null;
}
