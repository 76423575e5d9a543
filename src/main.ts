import './ui/palette.css';
import './ui/page.css';
import { keepOffline } from './offline/keep.ts';
import { connectWorker } from './state/client.ts';
import { follow } from './state/follow.ts';
import { Workshop } from './state/workshop.ts';
import { start } from './ui/start.ts';

const workshop = new Workshop(
  () => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module', name: 'engine' }),
);
const client = connectWorker(workshop);
const session = start(client, document.querySelector('moe-page')!);

if (import.meta.env.PROD) {
  // Not before the model is here, which is waited for.
  const stop = follow(() => {
    if (session.engine.get().phase !== 'ready') return;
    queueMicrotask(() => stop());
    void keepOffline();
  });
}

if (location.search.includes('drill=')) void import('./drill.ts').then(({ drill }) => drill(session, client));
