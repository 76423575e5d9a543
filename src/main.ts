import { keepOffline } from './offline/keep.ts';
import { connectWorker } from './state/client.ts';
import { follow } from './state/follow.ts';
import { newer } from './state/newer.ts';
import { turn } from './state/turn.ts';
import type { Workshop } from './state/workshop.ts';
import { start } from './ui/start.ts';

async function begin(): Promise<void> {
  await turn();
  let workshop: Workshop | null = null;
  const client = connectWorker(async () => {
    const { Workshop } = await import('./state/workshop.ts');
    workshop ??= new Workshop(
      () => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module', name: 'engine' }),
    );
    return workshop;
  });
  const session = start(client, document.querySelector('.arriving')!);

  if (import.meta.env.PROD) {
    // Not before the model is here, which is waited for.
    const stop = follow(() => {
      if (session.engine.get().phase !== 'ready') return;
      queueMicrotask(() => stop());
      void keepOffline(() => newer.set('waits'));
    });
  }

  if (location.search.includes('drill=')) void import('./drill.ts').then(({ drill }) => drill(session, client));
}

void begin();
