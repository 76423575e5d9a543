/** What the tour frames is brought into sight, also where it comes late or is moved away; and the visitor is left alone. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Around } from '../../src/ui/page/around.ts';

const WINDOW = 900;
let heard: Map<string, () => void>;
let place: { left: number; top: number; width: number; height: number } | null;
let brought: number;

beforeEach(() => {
  vi.useFakeTimers();
  heard = new Map();
  vi.stubGlobal('innerHeight', WINDOW);
  vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener() {} }));
  vi.stubGlobal('addEventListener', (kind: string, listener: () => void) => heard.set(kind, listener));
  vi.stubGlobal('removeEventListener', (kind: string) => heard.delete(kind));
  [place, brought] = [null, 0];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function around(): Promise<Around> {
  const { Around } = await import('../../src/ui/page/around.ts');
  const part = {
    getBoundingClientRect: () => ({ ...place!, bottom: place!.top + place!.height }),
    scrollIntoView: () => {
      brought++;
      place!.top = 20;
    },
  };
  const host = { addController() {}, requestUpdate() {} };
  const made = new Around(host as never, () => (place ? (part as never) : null));
  made.hostConnected();
  return made;
}
const at = (top: number) => {
  place = { left: 0, top, width: 500, height: 60 };
};

it('waits for a part that is not there yet', async () => {
  const frame = await around();
  frame.show('nearest');
  expect(frame.style).toBe('display:none');
  vi.advanceTimersByTime(5000);
  at(-1270);
  vi.advanceTimersByTime(1000);
  expect(brought).toBe(1);
  expect(frame.style).toContain('top:16px');
});

it('brings a part that is moved away before it was seen, once it rests', async () => {
  const frame = await around();
  at(3000);
  frame.show('nearest');
  expect(brought).toBe(1);
  for (const top of [2000, 1800, 1600]) {
    at(top);
    vi.advanceTimersByTime(250);
  }
  expect(brought).toBe(1);
  vi.advanceTimersByTime(500);
  expect(brought).toBe(2);
});

it.each(['wheel', 'touchmove', 'pointerdown', 'keydown'])(
  'leaves a visitor alone who goes elsewhere by %s',
  async (kind) => {
    const frame = await around();
    at(100);
    frame.show('nearest');
    heard.get(kind)!();
    at(-2000);
    vi.advanceTimersByTime(2000);
    expect(brought).toBe(1);
    frame.hostDisconnected();
    expect([...heard]).toEqual([]);
  },
);

it('brings nothing back that was seen', async () => {
  const frame = await around();
  at(100);
  frame.show('nearest');
  vi.advanceTimersByTime(1000);
  at(-2000);
  vi.advanceTimersByTime(2000);
  expect(brought).toBe(1);
});
