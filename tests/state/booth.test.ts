/** A booth's sense of time, and its knobs, without a page. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_STATE } from '../../src/state/address/address.ts';
import { DEFAULT_SAMPLING } from '../../src/state/session/inputs.ts';
import type { Session } from '../../src/state/session/session.ts';
import { choice, signal } from '../../src/state/session/signals.ts';
import { Booth } from '../../src/state/stage/booth.ts';
import { type Clock, Idle } from '../../src/state/stage/idle.ts';
import { take, turnOfMidi, turnsOfPad } from '../../src/state/stage/knobs.ts';
import { forgetStart, keepStart, keptStart } from '../../src/state/stage/time.ts';

class FakeClock implements Clock {
  private time = 0;
  timers: { at: number; run: () => void }[] = [];

  now = () => this.time;

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.time + milliseconds, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  pass(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.time = next.at;
      next.run();
    }
    this.time = end;
  }
}

describe('being idle', () => {
  it('is told once, a full minute after the last touch, and again only after another', () => {
    const clock = new FakeClock();
    let told = 0;
    const idle = new Idle(clock, 60_000, () => told++);
    clock.pass(200_000);
    expect(told).toBe(0);
    idle.touch();
    clock.pass(59_999);
    expect(told).toBe(0);
    idle.touch();
    clock.pass(59_999);
    expect(told).toBe(0);
    clock.pass(1);
    expect(told).toBe(1);
    clock.pass(600_000);
    expect(told).toBe(1);
    idle.touch();
    clock.pass(60_000);
    expect(told).toBe(2);
  });

  it('keeps one timer however often it is touched, and none once stopped', () => {
    const clock = new FakeClock();
    let told = 0;
    const idle = new Idle(clock, 1000, () => told++);
    for (let i = 0; i < 500; i++) {
      idle.touch();
      clock.pass(7);
    }
    expect(clock.timers).toHaveLength(1);
    idle.stop();
    clock.pass(5000);
    expect(told).toBe(0);
  });
});

describe('a booth whose list is on its way', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['goes to its first scene when it is here', false],
    ['goes nowhere when it was closed meanwhile', true],
  ])('%s', async (_, closed) => {
    let arrive!: (response: Response) => void;
    vi.stubGlobal('document', { baseURI: 'https://example.org/' });
    vi.stubGlobal('location', { origin: 'https://example.org' });
    vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (arrive = resolve)));
    const gone: unknown[] = [];
    const pageLink = { state: () => DEFAULT_STATE, go: async (state: unknown) => gone.push(state) };
    const session = {
      pageLink,
      stage: signal({ kiosk: '1', scenes: null, scene: 0 }),
      appearance: { chosen: signal(null), take: () => {} },
      dismissNotice: () => {},
      phase: signal('rest'),
      aside: null,
    };
    const booth = new Booth(session as unknown as Session, new FakeClock(), () => {});
    const begun = booth.begin();
    if (closed) booth.stop();
    arrive(new Response('{"moescope-scenes": 1, "title": "T", "scenes": [{"title": "One"}]}'));
    await begun;
    expect(gone.length > 0).toBe(!closed);
    expect(booth.attracting.get()).toBe(!closed);
  });
});

describe('knobs', () => {
  it('take a button once, when it goes down', () => {
    const up = Array.from({ length: 16 }, () => false);
    const down = up.map((_, button) => button === 12 || button === 0);
    expect(turnsOfPad(up, down)).toEqual([
      { kind: 'knock-out', expert: null },
      { kind: 'k', by: 1 },
    ]);
    expect(turnsOfPad(down, down)).toEqual([]);
    expect(turnsOfPad(down, up)).toEqual([]);
    expect(turnsOfPad([], down)).toHaveLength(2);
  });

  it('read MIDI on any channel, and pass over what they do not know', () => {
    expect(turnOfMidi([0xb3, 1, 127])).toEqual({ kind: 'temperature-at', at: 1 });
    expect(turnOfMidi([0xb0, 22, 0])).toEqual({ kind: 'k-at', at: 0 });
    expect(turnOfMidi([0x9f, 35, 90])).toEqual({ kind: 'knock-out', expert: 35 });
    expect(turnOfMidi([0x90, 35, 0])).toBeNull();
    expect(turnOfMidi([0xf8])).toBeNull();
    expect(turnOfMidi([])).toBeNull();
  });

  it.each([
    ['0.8', 0.1, '0.9'],
    ['hot', 0.1, '1'],
    ['', -0.1, '0.8'],
    ['1.95', 0.1, '2'],
    ['-4', -0.1, '0'],
  ])('turn a temperature of “%s” by %d to %s', async (typed, by, expected) => {
    const sampling = choice({ ...DEFAULT_SAMPLING, temperature: typed });
    const session = { sampling, interventions: signal([]), shape: signal({ experts: 16, expertsPerToken: 2 }) };
    await take(session as unknown as Session, { kind: 'temperature', by });
    expect(sampling.get().temperature).toBe(expected);
  });
});

describe('the time of a talk', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('goes on after a reload of the same talk, and is forgotten with it', () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    expect(keptStart('3-minutes', 9000)).toBeNull();
    keepStart('3-minutes', 5000);
    expect(keptStart('3-minutes', 9000)).toBe(5000);
    expect(keptStart('12-minutes', 9000)).toBeNull();
    // A clock that was set back.
    expect(keptStart('3-minutes', 4000)).toBeNull();
    forgetStart();
    expect(keptStart('3-minutes', 9000)).toBeNull();
    kept.set([...kept.keys()][0] ?? 'moescope-talk', '{broken');
    expect(keptStart('3-minutes', 9000)).toBeNull();
  });

  it('begins anew where storage is denied', () => {
    vi.stubGlobal('sessionStorage', undefined);
    keepStart('3-minutes', 5000);
    forgetStart();
    expect(keptStart('3-minutes', 9000)).toBeNull();
  });
});
