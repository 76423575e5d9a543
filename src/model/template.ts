/**
 * A conversation as the text that a model reads, by the template of its file. The template is a program of a stranger: it gets
 * so many steps and so much room, and what it cannot do is said in a sentence.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { UserError } from './errors.ts';
import type { ChatTemplate, Turn } from './types.ts';

/** Characters. The longest published ones have a fifth of it. */
const MOST_TEMPLATE = 100_000;
/** A long conversation takes a tenth of it. */
const MOST_STEPS = 100_000;
/** Characters of a text, or entries of a list. */
const MOST_SIZE = 4_000_000;
const MOST_RANGE = 10_000;

type Value = ReturnType<Interpreter['evaluate']>;

class Bounded extends Interpreter {
  private steps = 0;

  override evaluate(...asked: Parameters<Interpreter['evaluate']>): Value {
    if (++this.steps > MOST_STEPS) throw new Error('it comes to no end');
    const result = super.evaluate(...asked);
    const { value } = result as { readonly value?: unknown };
    if ((typeof value === 'string' || Array.isArray(value)) && value.length > MOST_SIZE)
      throw new Error('it makes too much of its input');
    return result;
  }
}

function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= MOST_RANGE)) throw new Error('it counts too far');
  return Array.from({ length }, (_, i) => from + i * step);
}

/** Python's codes for a date, as far as templates use them. */
function dateAs(date: Date, format: string): string {
  const named = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-US', options).format(date);
  const two = (number: number) => String(number).padStart(2, '0');
  const codes: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    y: () => two(date.getFullYear() % 100),
    m: () => two(date.getMonth() + 1),
    d: () => two(date.getDate()),
    b: () => named({ month: 'short' }),
    B: () => named({ month: 'long' }),
    a: () => named({ weekday: 'short' }),
    A: () => named({ weekday: 'long' }),
    H: () => two(date.getHours()),
    M: () => two(date.getMinutes()),
    S: () => two(date.getSeconds()),
    '%': () => '%',
  };
  return format.replace(/%(.)/g, (code, letter: string) => codes[letter]?.() ?? code);
}

function render({ template, bos, eos }: ChatTemplate, messages: readonly Turn[]): string {
  if (template.length > MOST_TEMPLATE) throw new Error(`it is longer than ${MOST_TEMPLATE} characters`);
  const environment = new Environment();
  const globals = {
    ...{ true: true, True: true, false: false, False: false, none: null, None: null },
    ...{ messages, add_generation_prompt: true, bos_token: bos, eos_token: eos },
    raise_exception(reason: string) {
      throw new Error(reason);
    },
    range,
    strftime_now: (format: string) => dateAs(new Date(), format),
  };
  for (const [name, value] of Object.entries(globals)) environment.set(name, value);
  const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
  const { value } = new Bounded(environment).run(program) as { readonly value?: unknown };
  if (typeof value !== 'string') throw new Error('it makes no text');
  return value;
}

/** Why a template failed, fit for the middle of a sentence. */
function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it goes too deep';
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 120) || 'it gives no reason';
}

/** The conversation, with the beginning of the answer that comes next. @throws UserError bad-input */
export function renderChat(chat: ChatTemplate, turns: readonly Turn[]): string {
  try {
    return render(chat, turns);
  } catch (error) {
    throw new UserError(
      'bad-input',
      `The model’s chat template refuses this conversation: ${reasonOf(error)}.`,
      'Begin a new conversation, or let the model continue a text.',
    );
  }
}

/** Why nobody can chat by this template, in a sentence; null where a question and its follow-up come through. */
export function templateProblem(chat: ChatTemplate): string | null {
  const sentence = (reason: string) =>
    `The chat template of this file cannot be used (${reason}), so the model continues texts instead.`;
  const user = (content: string): Turn => ({ role: 'user', content });
  try {
    const first = render(chat, [user('QUESTION')]);
    const second = render(chat, [user('QUESTION'), { role: 'assistant', content: 'ANSWER' }, user('FOLLOW')]);
    const told = first.includes('QUESTION') && ['QUESTION', 'ANSWER', 'FOLLOW'].every((part) => second.includes(part));
    return told ? null : sentence('it leaves out what was said');
  } catch (error) {
    return sentence(reasonOf(error));
  }
}

const CHANNEL = '<|channel|>';
const MESSAGE = '<|message|>';

/** What counts as the answer when the conversation goes on: where a model thinks in a channel of its own, its last message. */
export function answerIn(text: string): string {
  if (!text.includes(CHANNEL)) return text;
  const last = text.slice(text.lastIndexOf(MESSAGE) + MESSAGE.length);
  return text.includes(MESSAGE) ? last.replace(/<\|(end|return|call)\|>[\s\S]*$/, '') : '';
}
