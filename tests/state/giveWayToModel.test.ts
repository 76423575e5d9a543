/** A text that is being written while another model is fetched: it goes on where that one does not come. */
import { afterEach, expect, it, vi } from 'vitest';
import { entryOf, open, openedModel, openPage } from './livePage.ts';

afterEach(() => vi.unstubAllGlobals());

/** A text of 240 tokens of which some stand there, in slices at a reading pace. */
async function writingPage() {
  const page = await openPage();
  const { session } = page;
  const writing = session.writing.write();
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(8));
  return { ...page, writing };
}

const consecutive = (ids: readonly number[]) => ids.every((id, at) => id === at);

it.each([
  ['fails', () => ({ code: 'bad-file', message: 'No model.', hint: '' })],
  ['is cancelled', () => ({ code: 'cancelled', message: 'Cancelled.', hint: '' })],
])('goes on where it stood when the other model %s', async (_, why) => {
  const { session, worker } = await writingPage();
  const opening = session.opening.openEntry(entryOf('b'));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(2));
  expect(session.phase.get()).toBe('paused');
  // It is no recording, which could not be changed.
  expect(await session.setInterventions([])).toBe(false);
  expect(session.notice.get()?.message).toMatch(/^The model of this text is not open: /);
  const stood = session.trace.count;
  worker.openings[1].failed(why());
  await opening;
  expect(session.phase.get()).toBe('going');
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(stood + 12));
  expect(consecutive(session.trace.ids)).toBe(true);
  await session.writing.stop();
});

it('stays paused, whole, where the visitor had paused it', async () => {
  const { session, worker } = await writingPage();
  session.writing.pause();
  const opening = session.opening.openEntry(entryOf('b'));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(2));
  worker.openings[1].failed({ code: 'bad-file', message: 'No model.', hint: '' });
  await opening;
  expect(session.phase.get()).toBe('paused');
  for (let i = 0; i < 8; i++) await session.writing.oneToken();
  expect(consecutive(session.trace.ids)).toBe(true);
  const stood = session.trace.count;
  await session.writing.toggle();
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(stood + 12));
  expect(consecutive(session.trace.ids)).toBe(true);
  await session.writing.stop();
});

it('goes on where the first of two models that were asked for was overtaken, and the second fails', async () => {
  const { session, worker } = await writingPage();
  const first = session.opening.openEntry(entryOf('b'));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(2));
  const second = session.opening.openEntry(entryOf('c'));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(3));
  worker.openings[2].failed({ code: 'bad-file', message: 'No model.', hint: '' });
  await Promise.all([first, second]);
  expect(session.phase.get()).toBe('going');
  await session.writing.stop();
});

it('may be gone on with while the other model is fetched, and gives way to it once it is there', async () => {
  const { session, worker } = await writingPage();
  const opening = session.opening.openEntry(entryOf('b'));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(2));
  const stood = session.trace.count;
  await session.writing.toggle();
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(stood + 12));
  worker.openings[1].done(openedModel('b'));
  await opening;
  expect([session.trace.count, session.phase.get(), session.opened.get()?.model.name]).toEqual([0, 'rest', 'b']);
  expect([session.problem.get(), session.notice.get()]).toEqual([null, null]);
});

it('goes on to be read where its prompt was still read', async () => {
  const page = await openPage();
  const { session, worker } = page;
  let read = () => {};
  worker.reads = new Promise((resolve) => {
    read = resolve;
  });
  void session.writing.write();
  await vi.waitFor(() => expect(worker.prompts).toHaveLength(1));
  const opening = session.opening.openEntry(entryOf('b'));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(2));
  read();
  worker.openings[1].failed({ code: 'bad-file', message: 'No model.', hint: '' });
  await opening;
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(8));
  expect([session.phase.get(), session.writing.reading.get(), session.trace.promptCount]).toEqual(['going', false, 3]);
  await session.writing.stop();
  await open(page, 'b');
});
