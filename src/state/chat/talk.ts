/** A conversation with the open model, by its file's template. Comes only where such a model is open. */
import { answerIn, renderChat, templateProblem } from '../../model/template.ts';
import type { ChatTemplate, Turn } from '../../model/types.ts';
import { readPrompt } from '../session/inputs.ts';
import type { Page } from '../session/page.ts';
import { choice, signal } from '../session/signals.ts';
import type { Conversation } from './types.ts';

type Conversing = Pick<Page, 'prompt' | 'mark' | 'mend' | 'source' | 'trace' | 'tell' | 'touched'> & {
  readonly writing: Pick<Page['writing'], 'write' | 'reset'>;
};

export class Talk implements Conversation {
  readonly mode = choice<'chat' | 'continue'>('chat');
  readonly draft = choice('', () => this.session.mend('prompt'));
  readonly before = signal<readonly Turn[]>([]);
  /** What was said before the question that is asked now, as long as its text has not begun. */
  private next: readonly Turn[] | null = null;
  /** The question that the text on the page answers; null where that continues a text. */
  private asked: string | null = null;

  constructor(
    private readonly session: Conversing,
    private readonly chat: ChatTemplate,
  ) {}

  framed(question: string): string | null {
    if (this.mode.get() === 'continue') return null;
    return renderChat(this.chat, [...(this.next ?? this.before.get()), { role: 'user', content: question }]);
  }

  begun(prompt: string, framed: boolean): boolean {
    if (this.next) this.before.set(this.next);
    this.next = null;
    this.asked = framed ? prompt : null;
    return framed && this.before.get().length > 0;
  }

  async ask(): Promise<void> {
    const { session } = this;
    const question = this.draft.get();
    const problem = readPrompt(question) && { field: 'prompt' as const, message: 'Write a question first.' };
    if (session.mark(problem)) return;
    session.touched();
    const asked = session.prompt.get();
    const said = this.said();
    this.next = said;
    session.prompt.choose(question);
    this.draft.choose('');
    await session.writing.write();
    if (this.next !== said) return;
    // It could not be asked: what was typed comes back.
    this.next = null;
    session.prompt.choose(asked);
    this.draft.choose(question);
  }

  async anew(): Promise<void> {
    this.before.set([]);
    await this.session.writing.reset();
  }

  get questions(): number {
    return this.said().length / 2;
  }

  /** All that was said, the answer on the page included. */
  private said(): readonly Turn[] {
    const { trace, source } = this.session;
    trace.version.get();
    if (source.get().kind !== 'live' || trace.count === 0 || this.asked === null) return [];
    const answer = answerIn(trace.texts.slice(trace.promptCount).join('') + trace.pending);
    return [...this.before.get(), { role: 'user', content: this.asked }, { role: 'assistant', content: answer }];
  }
}

/** A conversation with a model that was just opened; a template that cannot be used is told, and there is none. */
export function talkWith(session: Page, chat: ChatTemplate): Talk | null {
  const problem = templateProblem(chat);
  if (problem === null) return new Talk(session, chat);
  session.tell({ code: 'bad-input', message: problem, hint: '' }, 'news', ['dismiss']);
  return null;
}
