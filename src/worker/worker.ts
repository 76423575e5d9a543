/** The engine's own thread. Each session on the page has a service and a port of its own; all share one GPU device. */
import * as Comlink from 'comlink';
import { shareDevice } from '../gpu/share.ts';
import { Service } from './service.ts';
// One file: from another origin, or in a sandbox, a worker cannot import a second.
import { Training } from './training.ts';

const gpu = navigator.gpu && shareDevice(navigator.gpu);

addEventListener('message', ({ data, ports: [port] }) => {
  // What cannot be read is never answered: the page has to know.
  port.onmessageerror = () => reportError(new Error('A message from the page could not be read.'));
  Comlink.expose(data === 'training' ? new Training(gpu) : new Service(gpu), port);
});

/** Says that the worker is there, and names a lock that is free again when it is not. */
function greet(): void {
  const lock = `moescope-engine-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const hold = () => {
    postMessage(lock);
    return new Promise(() => {});
  };
  // Neither a page without HTTPS nor a sandboxed frame has locks.
  if (navigator.locks) navigator.locks.request(lock, hold).catch(() => postMessage(''));
  else postMessage('');
}

greet();
