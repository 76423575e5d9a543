/** A conversation: what is read before a question, what a failed question leaves, what a new conversation forgets. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChatTemplate } from '../../src/model/types.ts';
import { Talk } from '../../src/state/chat/talk.ts';
import type { FieldProblem } from '../../src/state/session/inputs.ts';
import type { Source } from '../../src/state/session/session-types.ts';
import { choice, signal } from '../../src/state/session/signals.ts';
import { TraceStore } from '../../src/state/text/trace-store.ts';

const CHAT: ChatTemplate = {
  template: "{% for m in messages %}{{ m.role[0] + ':' + m.content + '|' }}{% endfor %}a:",
  bos: '',
  eos: '',
};
const LIVE: Source = { kind: 'live', info: { kind: 'cpu', name: 'test', features: [], fallback: true } };

let trace: TraceStore;
let read: (string | null)[];
/** What the model answers; null: the question cannot be asked. */
let answer: string | null;
let resets: number;

function talking() {
  trace = new TraceStore();
  trace.clear({ layers: 1, experts: 2, expertsPerToken: 1 });
  const session = {
    prompt: choice('Once'),
    problem: signal<FieldProblem | null>(null),
    mark(found: FieldProblem | null): found is FieldProblem {
      session.problem.set(found);
      return found !== null;
    },
    mend: () => session.problem.set(null),
    source: signal<Source>(LIVE),
    trace,
    tell: () => {},
    touched: () => {},
    writing: {
      async write() {
        const question = session.prompt.get();
        const framed = talk.framed(question);
        read.push(framed);
        if (answer === null) return;
        const follows = talk.begun(question, framed !== null);
        trace.clear();
        const row = { expertIds: [0, 0], gateWeights: [1, 1], probabilities: [1, 0, 1, 0] };
        const texts = ['prompt', answer.slice(0, -1)];
        const told = { position: 0, count: 2, promptCount: 1, ids: [1, 2], candidates: [[], []] };
        trace.append({ ...told, texts, pending: answer.slice(-1), ...row });
        follow.push(follows);
      },
      async reset() {
        resets++;
        trace.clear();
      },
    },
  };
  const follow: boolean[] = [];
  const talk = new Talk(session, CHAT);
  const ask = async (question: string) => {
    talk.draft.choose(question);
    await talk.ask();
  };
  return { talk, session, ask, follow };
}

beforeEach(() => {
  read = [];
  answer = 'yes.';
  resets = 0;
});

describe('a conversation', () => {
  it('puts question and answer before the follow-up', async () => {
    const { talk, session, ask, follow } = talking();
    expect(talk.questions).toBe(0);
    await ask('one?');
    expect([session.prompt.get(), talk.draft.get(), talk.questions]).toEqual(['one?', '', 1]);
    answer = 'no.';
    await ask('two?');
    await ask('three?');
    expect(read).toEqual(['u:one?|a:', 'u:one?|a:yes.|u:two?|a:', 'u:one?|a:yes.|u:two?|a:no.|u:three?|a:']);
    // A link to the first alone brings its text again.
    expect(follow).toEqual([false, true, true]);
    expect(talk.questions).toBe(3);
  });

  it('answers the same question again from where it was asked', async () => {
    const { session, ask } = talking();
    await ask('one?');
    await ask('two?');
    await session.writing.write();
    expect(read[2]).toBe(read[1]);
  });

  it('gives back a question that could not be asked', async () => {
    const { talk, session, ask } = talking();
    await ask('one?');
    answer = null;
    await ask('too long?');
    expect([session.prompt.get(), talk.draft.get(), talk.questions]).toEqual(['one?', 'too long?', 1]);
    answer = 'no.';
    await talk.ask();
    expect(read[2]).toBe('u:one?|a:yes.|u:too long?|a:');
  });

  it('asks nothing of an empty field', async () => {
    const { session, ask } = talking();
    await ask(' \n');
    expect(read).toEqual([]);
    expect(session.problem.get()).toEqual({ field: 'prompt', message: 'Write a question first.' });
  });

  it('forgets when a new one begins, when the text is reset, and what is a recording’s', async () => {
    const { talk, session, ask } = talking();
    await ask('one?');
    await talk.anew();
    expect([resets, talk.questions]).toEqual([1, 0]);
    await ask('two?');
    await session.writing.reset();
    await ask('three?');
    session.source.set({ kind: 'none' });
    await ask('four?');
    expect(read.slice(1)).toEqual(['u:two?|a:', 'u:three?|a:', 'u:four?|a:']);
  });

  it('continues texts where that is chosen', () => {
    const { talk } = talking();
    talk.mode.choose('continue');
    expect(talk.framed('Once')).toBeNull();
    expect(talk.begun('Once', false)).toBe(false);
  });

  it('keeps what was asked, whatever stands in the field since', async () => {
    const { session, ask } = talking();
    await ask('one?');
    session.prompt.choose('Something else');
    await ask('two?');
    expect(read[1]).toBe('u:one?|a:yes.|u:two?|a:');
  });

  it('takes no text for an answer that was continued', async () => {
    const { talk, session, ask } = talking();
    await ask('one?');
    talk.mode.choose('continue');
    session.prompt.choose('Once upon');
    await session.writing.write();
    talk.mode.choose('chat');
    expect(talk.questions).toBe(0);
    await ask('two?');
    expect(read).toEqual(['u:one?|a:', null, 'u:two?|a:']);
  });
});
