/** A link to another model that is followed while one is on its way: the linked one comes, and nothing of it is lost. */
import { afterEach, expect, it, vi } from 'vitest';
import { entryOf, livePage, openedModel } from './livePage.ts';

afterEach(() => vi.unstubAllGlobals());

/** A page whose default model, or the one of its link, is on its way. */
async function loadingPage(fragment = '') {
  const page = livePage(fragment);
  const { session, worker } = page;
  session.pageLink.begin();
  const first = session.opening.openLinked(Promise.resolve(session.catalog.get()!));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(1));
  const asked = () => worker.openings.map(({ request }) => request.url?.split('/').at(-1));
  return { ...page, first, asked };
}

async function arrives({ session, worker }: Pick<ReturnType<typeof livePage>, 'session' | 'worker'>, name: string) {
  worker.openings.at(-1)!.done(openedModel(name, 4));
  await vi.waitFor(() => expect(session.opened.get()?.model.name).toBe(name));
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(8));
  await session.writing.stop();
}

it('opens the linked model in place of the default one, with what the link asks of it', async () => {
  const page = await loadingPage();
  const { session, worker, address, asked } = page;
  address.go('model=b&prompt=Twice&off=0:1');
  await vi.waitFor(() => expect(asked()).toEqual(['a.gguf', 'b.gguf']));
  await page.first;
  await arrives(page, 'b');
  expect(worker.prompts[0]).toBe('Twice');
  expect(session.interventions.get()).toEqual([{ kind: 'off', layer: 0, expert: 1 }]);
  session.pageLink.leave();
});

it('opens the default model in place of one that was chosen', async () => {
  const page = await loadingPage();
  const { session, address, asked } = page;
  void session.opening.openEntry(entryOf('b'));
  await vi.waitFor(() => expect(asked()).toEqual(['a.gguf', 'b.gguf']));
  address.go('prompt=Twice');
  await vi.waitFor(() => expect(asked()).toEqual(['a.gguf', 'b.gguf', 'a.gguf']));
  await arrives(page, 'a');
  session.pageLink.leave();
});

it('opens the linked model after another could not be had', async () => {
  const page = await loadingPage();
  const { session, worker, address, asked } = page;
  worker.openings[0].failed({ code: 'bad-file', message: 'No model.', hint: '' });
  await page.first;
  expect(session.engine.get().phase).toBe('failed');
  address.go('model=b');
  await vi.waitFor(() => expect(asked()).toEqual(['a.gguf', 'b.gguf']));
  await arrives(page, 'b');
  session.pageLink.leave();
});

it('does not fetch anew what is on its way', async () => {
  const page = await loadingPage('model=b');
  const { address, session, asked } = page;
  address.go('model=b&prompt=Twice');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked()).toEqual(['b.gguf']);
  await arrives(page, 'b');
  session.pageLink.leave();
});

it('goes through the tour while a model comes that was chosen', async () => {
  const page = await loadingPage();
  const { session, worker, address, asked } = page;
  void session.opening.openEntry(entryOf('b'));
  await vi.waitFor(() => expect(worker.openings).toHaveLength(2));
  address.go(session.pageLink.stepReference(2).slice(1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(session.step.get()).toBe(2);
  expect(asked()).toEqual(['a.gguf', 'b.gguf']);
  expect(session.pageLink.state().model).toBe('b');
  await session.pageLink.leaveTour();
  expect(asked()).toEqual(['a.gguf', 'b.gguf']);
  session.pageLink.leave();
});
