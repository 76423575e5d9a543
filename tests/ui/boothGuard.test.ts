/** A booth's full screen, wake lock and gamepad, in a browser made of stubs. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Turn } from '../../src/state/stage/knobs.ts';
import { BoothGuard } from '../../src/ui/stage/booth-guard.ts';

class Lock {
  released = false;
  async release(): Promise<void> {
    this.released = true;
  }
}

let page: EventTarget;
let screen: EventTarget & { hidden: boolean; fullscreenElement: object | null };
let locks: Lock[];
let filled: number;
let frames: (() => void)[];
let pads: ({ connected: boolean; buttons: { pressed: boolean }[] } | null)[];
let doings: { touches: number; turns: Turn[] };
let guard: BoothGuard;

/** All promises that are settled have been heard. */
const settled = () => new Promise((resolve) => setTimeout(resolve));
const held = () => locks.filter(({ released }) => !released).length;
const paint = () => {
  for (const run of frames.splice(0)) run();
};
function seen(hidden: boolean): Promise<unknown> {
  screen.hidden = hidden;
  // As browsers do it.
  if (hidden) for (const lock of locks) lock.released = true;
  screen.dispatchEvent(new Event('visibilitychange'));
  return settled();
}
const begin = () =>
  new BoothGuard(
    {
      touch: () => doings.touches++,
      stir() {},
      turn: (turn) => doings.turns.push(turn),
      follow() {},
      here: () => '#kiosk=1',
    },
    false,
  );

beforeEach(() => {
  page = new EventTarget();
  locks = [];
  frames = [];
  pads = [];
  filled = 0;
  doings = { touches: 0, turns: [] };
  screen = Object.assign(new EventTarget(), {
    hidden: false,
    fullscreenElement: null,
    documentElement: {
      async requestFullscreen() {
        filled++;
        screen.fullscreenElement = {};
      },
    },
  });
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('document', screen);
  vi.stubGlobal('history', { pushState() {} });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
  vi.stubGlobal('cancelAnimationFrame', () => frames.splice(0));
  const request = async () => {
    const lock = new Lock();
    locks.push(lock);
    return lock;
  };
  vi.stubGlobal('navigator', { wakeLock: { request }, getGamepads: () => pads });
});
afterEach(() => {
  guard.close();
  vi.unstubAllGlobals();
});

describe('the screen of a booth', () => {
  it('is filled at the first touch, and again when a visitor has left that', () => {
    guard = begin();
    expect(filled).toBe(0);
    page.dispatchEvent(new Event('pointerdown'));
    page.dispatchEvent(new Event('pointerdown'));
    expect(filled).toBe(1);
    screen.fullscreenElement = null;
    page.dispatchEvent(new Event('keydown'));
    expect(filled).toBe(2);
    expect(doings.touches).toBe(3);
  });

  it('is kept awake by one lock while it is seen, and by none once the booth is closed', async () => {
    guard = begin();
    page.dispatchEvent(new Event('pointerdown'));
    await settled();
    expect(held()).toBe(1);
    await seen(true);
    expect(held()).toBe(0);
    await seen(false);
    expect(held()).toBe(1);
    guard.close();
    expect(held()).toBe(0);
    await seen(true);
    await seen(false);
    expect(held()).toBe(0);
  });

  it('is let go when the lock comes after the booth is closed', async () => {
    guard = begin();
    guard.close();
    await settled();
    expect(held()).toBe(0);
  });

  it('goes without either where the browser refuses', async () => {
    const refuse = () => Promise.reject(new DOMException('No', 'NotAllowedError'));
    Object.assign(screen, { documentElement: { requestFullscreen: refuse } });
    vi.stubGlobal('navigator', { wakeLock: { request: refuse } });
    guard = begin();
    page.dispatchEvent(new Event('pointerdown'));
    await settled();
    expect(doings.touches).toBe(1);
  });
});

describe('the gamepad of a booth', () => {
  const pad = () => ({ connected: true, buttons: Array.from({ length: 16 }, () => ({ pressed: false })) });
  const press = (button: number, pressed: boolean) => {
    pads.at(-1)!.buttons[button].pressed = pressed;
    paint();
  };

  it('is heard from when it is connected until it is taken away, each press once', () => {
    guard = begin();
    paint();
    expect(frames).toEqual([]);
    pads = [null, pad()];
    page.dispatchEvent(new Event('gamepadconnected'));
    press(12, true);
    paint();
    press(12, false);
    press(0, true);
    expect(doings.turns).toEqual([
      { kind: 'k', by: 1 },
      { kind: 'knock-out', expert: null },
    ]);
    pads = [];
    paint();
    expect(frames).toEqual([]);
  });

  it('is heard when it was connected before the booth began, and not after it ends', () => {
    pads = [pad()];
    guard = begin();
    press(9, true);
    expect(doings.turns).toEqual([{ kind: 'write' }]);
    guard.close();
    press(9, false);
    press(9, true);
    expect(doings.turns).toHaveLength(1);
    expect(frames).toEqual([]);
  });
});
