/** The page's line to the worker: what it is told while a command runs, and no longer. */
import { expose } from 'comlink';
import { expect, it, vi } from 'vitest';
import { connectWorker } from '../../src/state/worker/client.ts';
import type { EngineWorker } from '../../src/state/worker/engine-worker.ts';

type OnCount = (done: number, total: number) => void;

it.each(['answers', 'fails'])('passes over news that comes after a command that %s', async (how) => {
  vi.stubGlobal('document', new EventTarget());
  const { port1, port2 } = new MessageChannel();
  let late: () => unknown = () => {};
  const service = {
    connect: () => {},
    setHidden: () => {},
    flips: async (_: string, onProgress: OnCount) => {
      await onProgress(1, 2);
      late = () => onProgress(2, 2);
      if (how === 'fails') throw new Error('It failed.');
      return { runs: [] };
    },
  };
  expose(service, port2);
  const place = { enter: () => ({ port: port1, leave: () => {} }), giveUp: () => {} };
  const client = connectWorker(async () => place as unknown as EngineWorker);
  const news: number[] = [];
  const asked = client.flips('heldout.json', (done) => news.push(done));
  if (how === 'fails') await expect(asked).rejects.toThrow('It failed.');
  else await asked;
  expect(news).toEqual([1]);
  await late();
  expect(news).toEqual([1]);
  for (const port of [port1, port2]) port.close();
  vi.unstubAllGlobals();
});
