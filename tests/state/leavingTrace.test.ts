/** What a trace took the place of comes back, unless it was the text of a model that is not open any more. */
import { afterEach, expect, it, vi } from 'vitest';
import type { EngineInfo } from '../../src/engine/types.ts';
import { importTrace, leaveImport } from '../../src/state/share/importing.ts';
import { livePage, open, openPage } from './livePage.ts';

afterEach(() => vi.unstubAllGlobals());

const device: EngineInfo = { kind: 'cpu', name: 'elsewhere', features: [], fallback: false };

/** All that is read is a trace of one token. */
function readsTraces({ worker }: ReturnType<typeof livePage>) {
  const model = { name: 'another', layers: 1, experts: 2, expertsPerToken: 1 };
  const about = { model, device, created: '2026-01-01', card: null, count: 1, slots: 1, promptTokens: 1, changes: [] };
  const tracePiece = vi.fn(async () => ({
    ...{ position: 0, count: 1, texts: ['x'], next: '', candidates: [[]], ids: [7], slots: 1 },
    ...{ expertIds: [0], gateWeights: [1], probabilities: null },
  }));
  Object.assign(worker.client, { readTrace: async () => ({ number: 1, about }), tracePiece });
  return tracePiece;
}

async function bring(page: ReturnType<typeof livePage>) {
  const { session } = page;
  readsTraces(page);
  await importTrace(session, '{}', 'a trace');
  expect([session.source.get().kind, session.trace.ids]).toEqual(['imported', [7]]);
}

async function writtenPage() {
  const page = await openPage();
  void page.session.writing.write();
  await vi.waitFor(() => expect(page.session.trace.count).toBeGreaterThan(8));
  return page;
}

it('brings the text of the open model back', async () => {
  const page = await writtenPage();
  const { session } = page;
  await bring(page);
  leaveImport(session);
  expect([session.source.get().kind, session.phase.get()]).toEqual(['live', 'paused']);
  expect(session.trace.count).toBeGreaterThan(8);
  const stood = session.trace.count;
  void session.writing.toggle();
  await vi.waitFor(() => expect(session.trace.count).toBeGreaterThan(stood + 6));
  expect(session.trace.ids.every((id, at) => id === at)).toBe(true);
  await session.writing.stop();
});

it('shows an empty text of the open model where the text was of another', async () => {
  const page = await writtenPage();
  const { session } = page;
  await bring(page);
  await open(page, 'b');
  expect(session.source.get().kind).toBe('imported');
  leaveImport(session);
  expect([session.source.get().kind, session.phase.get(), session.trace.count]).toEqual(['live', 'rest', 0]);
});

it('brings a recording back, whatever model was opened since', async () => {
  const page = livePage();
  const { session } = page;
  const recorded = {
    kind: 'recorded',
    model: 'a',
    device,
    created: '',
    architecture: '',
    sampling: null,
    card: null,
  } as const;
  session.shown.play(recorded);
  await bring(page);
  await open(page, 'b');
  leaveImport(session);
  expect(session.source.get()).toEqual(recorded);
});

it('leaves a text alone that was written in place of the trace', async () => {
  const page = await writtenPage();
  const { session } = page;
  await bring(page);
  void session.writing.write();
  await vi.waitFor(() => expect(session.source.get().kind).toBe('live'));
  await session.writing.stop();
  const { count } = session.trace;
  leaveImport(session);
  expect(session.trace.count).toBe(count);
});

it('brings the text back though a second trace was brought while the first still waited for it to pause', async () => {
  const page = await writtenPage();
  const { session, worker } = page;
  const pieces = readsTraces(page);
  let read = () => {};
  worker.reads = new Promise((resolve) => {
    read = resolve;
  });
  void session.writing.write();
  await vi.waitFor(() => expect(worker.prompts.filter((prompt) => prompt !== null)).toHaveLength(2));
  const first = importTrace(session, '{}', 'first');
  await vi.waitFor(() => expect(pieces).toHaveBeenCalledTimes(1));
  const second = importTrace(session, '{}', 'second');
  await vi.waitFor(() => expect(pieces).toHaveBeenCalledTimes(2));
  read();
  await Promise.all([first, second]);
  expect(session.source.get()).toMatchObject({ kind: 'imported', name: 'second' });
  leaveImport(session);
  expect(session.source.get().kind).toBe('live');
  expect(session.trace.count).toBeGreaterThan(0);
  await session.writing.stop();
});
