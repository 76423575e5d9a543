/** Pause and pace of what is shown, frame by frame. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pacer } from '../../src/state/text/pacer.ts';
import type { Chunk } from '../../src/state/text/trace-store.ts';

const chunk = (count: number) => ({ count, promptCount: 0 }) as Chunk;

let frames: Map<number, FrameRequestCallback>;
let now: number;
beforeEach(() => {
  frames = new Map();
  now = 0;
  let last = 0;
  vi.stubGlobal('requestAnimationFrame', (call: FrameRequestCallback) => {
    frames.set(++last, call);
    return last;
  });
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => frames.delete(frame));
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
function nextFrame() {
  now += 100;
  const due = [...frames.values()];
  frames.clear();
  for (const call of due) call(now);
}

/** As the page does it: the next tokens are asked for while one is shown, and what is asked for goes on. */
function started(rate: number): { shown: () => number; pacer: Pacer } {
  let shown = 0;
  const pacer = new Pacer(
    (_, from, to) => {
      shown += to - from;
      pacer.start();
    },
    () => {},
  );
  pacer.rate = rate;
  pacer.push(chunk(50));
  pacer.start();
  return { pacer, shown: () => shown };
}

it('shows nothing more once it is stopped, nor while it is held', () => {
  for (const halt of [(pacer: Pacer) => pacer.stop(), (pacer: Pacer) => pacer.hold(true)]) {
    const { pacer, shown } = started(10);
    for (let i = 0; i < 5; i++) nextFrame();
    expect(shown()).toBe(5);
    halt(pacer);
    for (let i = 0; i < 5; i++) nextFrame();
    expect(shown()).toBe(5);
  }
});

it('waits for one frame at a time', () => {
  started(10);
  for (let i = 0; i < 5; i++) {
    nextFrame();
    expect(frames.size).toBe(1);
  }
});

it('keeps its pace, and does not make up for a time out of sight', () => {
  const { pacer, shown } = started(10);
  for (let i = 0; i < 20; i++) nextFrame();
  expect(shown()).toBe(20);
  pacer.hold(true);
  now += 60_000;
  pacer.hold(false);
  nextFrame();
  expect(shown()).toBe(21);
});
