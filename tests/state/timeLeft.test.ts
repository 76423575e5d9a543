import { describe, expect, it } from 'vitest';
import { roughly, TimeLeft } from '../../src/state/models/time-left.ts';

describe('the time that is left', () => {
  it('is known after a moment, by the pace of the last seconds', () => {
    const left = new TimeLeft();
    expect(left.of(0, 1000, 0)).toBeNull();
    expect(left.of(10, 1000, 1000)).toBeNull();
    expect(left.of(30, 1000, 3000)).toBeCloseTo(97, 9);
    // From a copy on this machine 500 came at once, then ten a second from the server again: the leap is soon forgotten.
    let seconds = 3;
    for (let done = 500; seconds < 20; seconds++, done += 10) left.of(done, 1000, 1000 * seconds);
    expect(left.of(670, 1000, 20_000)).toBeCloseTo(33, 0);
  });

  it('is not told where nothing comes, at the end, and of the next file before that has a pace', () => {
    const left = new TimeLeft();
    left.of(5, 100, 0);
    expect(left.of(5, 100, 3000)).toBeNull();
    expect(left.of(100, 100, 3500)).toBeNull();
    expect(left.of(0, 100, 3600)).toBeNull();
    expect(left.of(1, 100, 4000)).toBeNull();
  });

  it.each([
    [1, '5\u00a0s'],
    [42, '40\u00a0s'],
    [58, '1\u00a0min'],
    [400, '7\u00a0min'],
    [3599, '1.0\u00a0h'],
    [5400, '1.5\u00a0h'],
  ])('%d s is said as %s', (seconds, words) => expect(roughly(seconds)).toBe(words));
});
