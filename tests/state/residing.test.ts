/** The room for experts that the page says and the worker gives: one after the other, the last one wins, a refusal is told. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reside } from '../../src/state/models/residing.ts';
import type { Page } from '../../src/state/session/page.ts';
import { choice, signal } from '../../src/state/session/signals.ts';
import type { Opened, Residency } from '../../src/worker/protocol.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const openedModel = (room?: number) =>
  ({ info: { kind: 'webgpu' }, model: { experts: 16, expertsPerToken: 2 }, room }) as unknown as Opened;

const residency = (entries: number, here: number) =>
  ({
    entries,
    held: [[], Array.from({ length: here }, (_, expert) => expert)],
    expertBytes: [0, 8],
  }) as unknown as Residency;

function page(room?: number) {
  let entries: number | null = room ?? null;
  const asked: (number | null)[] = [];
  const failed: unknown[] = [];
  const opened = signal<Opened | null>(openedModel(room));
  const session = {
    here: 0,
    held: choice<number | null>(null),
    residency: signal<Residency | null>(null),
    locate: (now: Residency | null) => session.residency.set(now),
    opened,
    fail: (thrown: unknown) => failed.push(thrown),
    client: {
      hold: async (experts: number | null) => {
        asked.push(experts);
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (experts === 3) throw { code: 'bad-input', message: 'Too few.' };
        entries = experts;
      },
      residency: async () => (entries === null ? null : residency(entries, session.here)),
    },
  };
  reside(session as unknown as Page);
  return { session, opened, asked, failed };
}

it('asks for the last of what was wanted meanwhile, and follows where the experts are until all are there', async () => {
  const { session, asked } = page();
  for (const experts of [12, 8, 4]) session.held.choose(experts);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked.at(-1)).toBe(4);
  expect(asked.length).toBeLessThan(3);
  expect(session.residency.get()?.entries).toBe(4);
  // A token takes two.
  session.held.choose(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked.at(-1)).toBe(2);
  session.held.choose(null);
  await vi.advanceTimersByTimeAsync(600);
  expect(asked.at(-1)).toBeNull();
  expect(session.residency.get()).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});

it('asks for nothing that the model was opened with, and tells a refusal as what there is', async () => {
  const { session, asked, failed } = page(6);
  await vi.advanceTimersByTimeAsync(100);
  // The model has room for six, and nobody wanted fewer than all.
  expect(asked).toEqual([null]);
  session.held.choose(5);
  await vi.advanceTimersByTimeAsync(100);
  session.held.choose(3);
  await vi.advanceTimersByTimeAsync(200);
  expect(failed).toEqual([{ code: 'bad-input', message: 'Too few.' }]);
  expect(session.held.get()).toBe(5);
  expect(asked).toEqual([null, 5, 3]);
});

it('leaves an engine on the CPU alone', async () => {
  const { session, opened, asked } = page();
  opened.set({ ...openedModel(), info: { kind: 'cpu' } } as Opened);
  session.held.choose(4);
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toEqual([]);
  expect(session.residency.get()).toBeNull();
});

it('asks no more once all have come where all have room', async () => {
  const { session } = page(16);
  await vi.advanceTimersByTimeAsync(500);
  expect(session.residency.get()?.entries).toBe(16);
  session.here = 16;
  await vi.advanceTimersByTimeAsync(500);
  expect(session.residency.get()).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});
