import './ui/page.css';
import { connectWorker } from './state/client.ts';
import { start } from './ui/start.ts';

const worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module', name: 'engine' });
const client = connectWorker(worker);
start(client, document.querySelector('moe-page')!);

// A drill for the page's own fault path, as in a fire drill: the GPU is taken away some seconds into the visit.
const drill = new URLSearchParams(location.search).get('drill');
if (drill === 'lose-device') setTimeout(() => client.loseDevice(), 8000);
