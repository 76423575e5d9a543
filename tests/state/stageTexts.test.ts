/** A scene that stands for ten minutes: text follows text, and what another kind leaves of the first one's experts. */
import { expect, it } from 'vitest';
import { DEFAULT_SAMPLING } from '../../src/state/session/inputs.ts';
import type { Session } from '../../src/state/session/session.ts';
import { choice, signal } from '../../src/state/session/signals.ts';
import { Flow, kindOf } from '../../src/state/stage/flow.ts';
import { Others } from '../../src/state/stage/others.ts';
import { PRESETS } from '../../src/state/text/presets.ts';
import { TraceStore } from '../../src/state/text/trace-store.ts';

const promptOf = (kind: string) => PRESETS.find(({ domain }) => domain === kind)!.prompt;
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Time that passes when it is told to. */
function watch() {
  let timers: { left: number; run: () => void }[] = [];
  return {
    now: () => 0,
    after(left: number, run: () => void) {
      const timer = { left, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    pass(milliseconds: number) {
      for (const timer of timers) timer.left -= milliseconds;
      const due = timers.filter(({ left }) => left <= 0);
      timers = timers.filter(({ left }) => left > 0);
      for (const { run } of due) run();
    },
  };
}

function stage() {
  const clock = watch();
  const trace = new TraceStore();
  trace.clear({ layers: 2, experts: 4, expertsPerToken: 1 });
  const done: string[] = [];
  const gaveWay: string[] = [];
  const session = {
    trace,
    phase: signal('going'),
    pinned: signal<number | null>(null),
    training: choice<string | null>(null),
    source: signal({ kind: 'live' }),
    opened: signal<object | null>({}),
    measuring: { running: signal(false), giveWay: () => gaveWay.push('measure') },
    prompt: choice(promptOf('story')),
    sampling: choice(DEFAULT_SAMPLING),
    writing: {
      asked: signal(false),
      reading: signal(false),
      async write() {
        done.push(`${kindOf(session.prompt.get())} ${session.sampling.get().seed}`);
        session.phase.set('going');
      },
      async toggle() {
        done.push('recording');
      },
    },
  };
  /** Tokens that each choose the given expert in layer 0 and the other in layer 1. */
  const read = (tokens: number, [a, b]: readonly [number, number]) =>
    trace.append({
      position: trace.count,
      count: tokens,
      promptCount: 0,
      texts: Array(tokens).fill('x'),
      ids: Array(tokens).fill(1),
      pending: '',
      expertIds: Array(tokens).fill([a, b]).flat(),
      gateWeights: Array(tokens * 2).fill(1),
      probabilities: null,
      candidates: [],
    });
  return { clock, session, gaveWay, asSession: session as unknown as Session, done, read, trace };
}

it('has another text follow each, drawn otherwise, for as long as the scene stands', async () => {
  const { clock, session, asSession, done, gaveWay } = stage();
  let next: string | null | undefined = 'prose';
  const flow = new Flow(asSession, clock, () => next);
  clock.pass(60_000);
  expect(done).toEqual([]);
  for (const kind of ['prose', null]) {
    next = kind;
    session.phase.set('ended');
    await settled();
    clock.pass(2000);
    expect(done.length).toBe(kind ? 0 : 1);
    clock.pass(1000);
  }
  const seed = Number(DEFAULT_SAMPLING.seed);
  expect(done).toEqual([`prose ${seed + 1}`, `prose ${seed + 2}`]);

  // Held, measured, or looked at: nothing takes the text away.
  next = undefined;
  session.phase.set('ended');
  await settled();
  clock.pass(5000);
  next = 'verse';
  for (const [take, give] of [
    [() => session.pinned.set(3), () => session.pinned.set(null)],
    [() => session.measuring.running.set(true), () => session.measuring.running.set(false)],
    [() => session.training.choose('1'), () => session.training.choose(null)],
  ]) {
    take();
    await settled();
    clock.pass(5000);
    expect(done).toHaveLength(2);
    give();
  }
  // What nobody asked for is told to.
  expect(gaveWay).toEqual(['measure']);
  // Where no model is open, what is recorded goes round.
  session.source.set({ kind: 'recorded' });
  session.opened.set(null);
  await settled();
  clock.pass(3000);
  expect(done[2]).toBe('recording');
  flow.close();
  session.phase.set('going');
  session.phase.set('ended');
  await settled();
  clock.pass(60_000);
  expect(done).toHaveLength(3);
});

it('keeps the first kind’s busiest experts, and counts what the other leaves of them', async () => {
  const { clock, session, asSession, read, trace } = stage();
  const asked: string[] = [];
  const others = new Others(
    asSession,
    clock,
    'french',
    (kind) => asked.push(kind),
    () => [
      [0, 0.25, 0, 0],
      [0, 0, 0.5, 0],
    ],
  );
  expect(others.next()).toBe('story');
  read(40, [1, 2]);
  await settled();
  expect(others.reference.get()).toBeNull();
  read(30, [1, 3]);
  await settled();
  // Of eight cells the two with most: layer 0 expert 1, layer 1 expert 2.
  expect(others.reference.get()).toEqual({ kind: 'story', experts: [1, 6] });
  await settled();
  expect(others.shares.get()).toEqual([{ kind: 'story', share: 110 / 140, held: false }]);
  expect(asked).toEqual([]);
  clock.pass(4000);
  expect(asked).toEqual(['french']);

  // Asked for, and not yet there: what stands is the old text.
  session.writing.reading.set(true);
  session.prompt.choose(promptOf('french'));
  await settled();
  expect(others.shares.get()).toHaveLength(1);
  trace.clear();
  session.writing.reading.set(false);
  read(30, [0, 2]);
  await settled();
  expect(others.shares.get()).toEqual([
    { kind: 'story', share: 110 / 140, held: false },
    { kind: 'french', share: 0.5, held: false },
  ]);
  expect(others.next()).toBe('story');
  others.close();

  // Where nothing is written live, the card tells of the other kind.
  const recorded = stage();
  recorded.session.source.set({ kind: 'recorded' });
  const told = new Others(
    recorded.asSession,
    recorded.clock,
    'french',
    () => {},
    () => [
      [0, 0.25, 0, 0],
      [0, 0, 0.5, 0],
    ],
  );
  recorded.read(70, [1, 2]);
  await settled();
  await settled();
  expect(told.shares.get()).toEqual([
    { kind: 'story', share: 1, held: false },
    { kind: 'french', share: 0.375, held: true },
  ]);
  told.close();
});
