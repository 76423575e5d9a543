import { keepOffline } from './offline/keep.ts';
import { tellNewer } from './state/page/newer.ts';
import { follow } from './state/session/follow.ts';
import { turn } from './state/session/turn.ts';
import { connectWorker } from './state/worker/client.ts';
import type { EngineWorker } from './state/worker/engine-worker.ts';
import { start } from './ui/page/start.ts';

async function begin(): Promise<void> {
  await turn();
  let engineWorker: EngineWorker | null = null;
  const client = connectWorker(async () => {
    const { EngineWorker } = await import('./state/worker/engine-worker.ts');
    engineWorker ??= new EngineWorker(
      () => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module', name: 'engine' }),
    );
    return engineWorker;
  });
  const session = start(client, document.querySelector('.arriving')!);

  if (import.meta.env.PROD) {
    // Not before the model is here, which is waited for.
    const stop = follow(() => {
      if (session.engine.get().phase !== 'ready') return;
      queueMicrotask(() => stop());
      void keepOffline(() => tellNewer('waits'));
    });
  }

  if (location.search.includes('drill=')) void import('./drill.ts').then(({ drill }) => drill(session, client));
}

void begin();
