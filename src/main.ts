import './ui/page.css';
import { connectWorker } from './state/client.ts';
import { start } from './ui/start.ts';

const client = connectWorker(
  () => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module', name: 'engine' }),
);
const session = start(client, document.querySelector('moe-page')!);

// A drill for the page's own fault path: once the live text has begun, the GPU is taken away.
if (new URLSearchParams(location.search).get('drill') === 'lose-device') {
  const drill = setInterval(() => {
    if (session.source.get().kind !== 'live' || session.trace.generated() < 12) return;
    clearInterval(drill);
    client.loseDevice();
  }, 50);
}
