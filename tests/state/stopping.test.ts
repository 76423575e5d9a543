/** While the prompt of a new text is read: a stop leaves the main button as good as before, and the form may change. */
import { afterEach, expect, it, vi } from 'vitest';
import { readSampling, type WriteRequest } from '../../src/state/session/inputs.ts';
import { nextAct } from '../../src/state/text/next-act.ts';
import { openPage } from './livePage.ts';

afterEach(() => vi.unstubAllGlobals());

/** A new text is asked for whose prompt is still read; `read` lets it be. @param before tokens of an older text */
async function readingPage(before = 0) {
  const page = await openPage();
  const { session, worker } = page;
  if (before) {
    void session.writing.write();
    await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(before));
    await session.writing.stop();
  }
  let read = () => {};
  worker.reads = new Promise((resolve) => {
    read = resolve;
  });
  void session.writing.write();
  await vi.waitFor(() =>
    expect([session.writing.reading.get(), worker.prompts.at(-1)]).toEqual([true, session.prompt.get()]),
  );
  await vi.waitFor(() => expect(session.phase.get()).toBe('going'));
  return { ...page, read };
}

it.each([0, 8])(
  'writes anew after a stop while the prompt was read, over a text of %s tokens or more',
  async (before) => {
    const { session, read } = await readingPage(before);
    const stopped = session.writing.stop();
    read();
    await stopped;
    expect([session.writing.reading.get(), session.phase.get(), nextAct(session)]).toEqual([false, 'ended', 'write']);
    void session.writing.toggle();
    await vi.waitFor(() => expect(session.writing.reading.get()).toBe(true));
    await vi.waitFor(() => expect([session.writing.reading.get(), session.trace.count > 8]).toEqual([false, true]));
    expect(session.phase.get()).toBe('going');
    await session.writing.stop();
  },
);

it('writes a text anew that was held back, and then stopped', async () => {
  const { session, read } = await readingPage();
  await session.writing.toggle();
  const stopped = session.writing.stop();
  read();
  await stopped;
  expect([session.writing.begun.heldBack.get(), nextAct(session)]).toEqual([false, 'write']);
});

it('goes on with a text that gave way while its prompt was read', async () => {
  const { session, read } = await readingPage(8);
  session.writing.giveWay();
  read();
  expect([session.phase.get(), nextAct(session)]).toEqual(['paused', 'go-on']);
  await session.writing.toggle();
  await vi.waitFor(() => expect(session.writing.reading.get()).toBe(false));
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(8));
  expect([session.phase.get(), session.trace.promptCount]).toEqual(['going', 3]);
  await session.writing.stop();
});

it.each(['oneToken', 'keepWriting'] as const)(
  'begins anew with %s after a stop while the prompt was read',
  async (how) => {
    const { session, read } = await readingPage(8);
    const stopped = session.writing.stop();
    read();
    await stopped;
    await session.writing[how]();
    await vi.waitFor(() => expect([session.writing.reading.get(), session.trace.promptCount]).toEqual([false, 3]));
    await session.writing.stop();
    expect(session.trace.ids.every((id, at) => id === at)).toBe(true);
  },
);

it('is the text of the prompt that was asked for, whatever is typed while that is read', async () => {
  const { session, read } = await readingPage();
  const asked = session.prompt.get();
  session.prompt.choose('Something else');
  read();
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(8));
  const { begun } = session.writing;
  const { sampling } = readSampling(session.sampling.get()) as WriteRequest;
  expect([begun.isOf(asked, sampling), begun.isOf('Something else', sampling)]).toEqual([true, false]);
  await session.writing.stop();
});
