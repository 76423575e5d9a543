/** A booth's sense of time, and its knobs, without a page. */
import { describe, expect, it } from 'vitest';
import { type Clock, Idle } from '../../src/state/stage/idle.ts';
import { turnOfMidi, turnsOfPad } from '../../src/state/stage/knobs.ts';

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
});
