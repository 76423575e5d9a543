/** Held-out text is ids of the tokenizer of the models beside the page: no other model is given them. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Reading, toLoads } from '../../src/compare/heldout.ts';
import { prove } from '../../src/state/interventions/proving.ts';
import { readsHeldout } from '../../src/state/models/heldout.ts';
import { sweepAll } from '../../src/state/saves/sweeping.ts';
import type { DomainLoad, SweepRequest } from '../../src/worker/protocol.ts';
import { entryOf, livePage, openedModel } from './livePage.ts';

/** Layer 0 has no router. */
const FRENCH: DomainLoad = {
  domain: 'french',
  title: 'French',
  assignments: 4,
  load: [
    [0, 0],
    [0.25, 0.75],
  ],
};

beforeEach(() => void vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} }));
afterEach(() => vi.unstubAllGlobals());

/** The worker of a page with a model from the list, or one of the visitor's own. */
function page(listed: boolean) {
  const { session, worker } = livePage();
  session.models.open(openedModel('a'), listed ? entryOf('a') : null, 'a', null);
  const read: unknown[] = [];
  const swept: SweepRequest[] = [];
  Object.assign(worker.client, {
    domainLoads: async (url: string): Promise<DomainLoad[]> => {
      read.push(url);
      return [FRENCH];
    },
    effectOnLoss: async (url: string, off: unknown) => {
      read.push([url, off]);
      return [];
    },
    limits: async () => ({}),
    sweep: async (request: SweepRequest) => {
      swept.push(request);
      throw { code: 'cancelled', message: '', hint: '' };
    },
  });
  return { session, read, swept };
}

it('is read by models that come with the page alone', () => {
  expect([true, false].map((listed) => readsHeldout(page(listed).session))).toEqual([true, false]);
  expect(readsHeldout(livePage().session)).toBe(false);
});

it('proves nothing of another model, and leaves layers without a router as they are', async () => {
  const own = page(false);
  await prove(own.session, 'french');
  expect([own.read, own.session.measuring.proof.get().state]).toEqual([[], 'none']);
  const { session, read } = page(true);
  await prove(session, 'french');
  const url = 'https://example.org/models/heldout.json';
  expect(read).toEqual([url, [url, [{ kind: 'off', layer: 1, expert: 1 }]]]);
  expect(session.measuring.proof.get().state).toBe('done');
});

it('counts no touched experts on it with another model', async () => {
  for (const listed of [true, false]) {
    const { session, swept } = page(listed);
    await sweepAll(session, 64 as never);
    expect(swept.map(({ heldoutUrl }) => heldoutUrl !== undefined)).toEqual([listed]);
  }
});

it('shares out nothing in a layer without a router', () => {
  const reading = {
    domain: 'french',
    title: 'French',
    slots: [
      [0, 0],
      [1, 3],
    ],
  } as unknown as Reading;
  expect(toLoads([reading])).toEqual([FRENCH]);
});
