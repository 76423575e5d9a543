/** A message of the text that gives way does not pass for the beginning of the next one. */
import { expect, it } from 'vitest';
import type { Page } from '../../src/state/session/page.ts';
import { signal } from '../../src/state/session/signals.ts';
import type { Pacer } from '../../src/state/text/pacer.ts';
import { Receiving } from '../../src/state/text/receiving.ts';
import type { StreamMessage } from '../../src/worker/protocol.ts';

/** One token of a run. */
const batchMessage = (run: number) =>
  ({
    ...{ type: 'tokens', run, texts: [' a'], candidateTexts: [], pending: ' b' },
    batch: { count: 1, sampled: [5], candidateIds: [], candidateProbabilities: [] },
  }) as unknown as StreamMessage;

it('begins a text with the first message of its own', () => {
  const said: string[] = [];
  let send: (message: StreamMessage) => void = () => {};
  const client = {
    onMessage: (listener: typeof send) => (send = listener),
    acknowledge: () => {},
    generate: () => new Promise(() => {}),
  };
  const pacer = { push: () => said.push('token') } as unknown as Pacer;
  const receiving = new Receiving({ client, talk: signal(null) } as unknown as Page, pacer, () => said.push('begins'));
  const sampling = { temperature: 0, topK: 1, topP: 1, seed: 1 };

  void receiving.ask('Once', 9, sampling);
  send(batchMessage(1));
  send(batchMessage(1));
  expect(said.splice(0)).toEqual(['begins', 'token', 'token']);

  receiving.giveWay();
  send(batchMessage(1));
  expect(said.splice(0)).toEqual(['token']);

  void receiving.ask('Twice', 9, sampling);
  send(batchMessage(1));
  send(batchMessage(2));
  expect(said).toEqual(['begins', 'token']);
});
