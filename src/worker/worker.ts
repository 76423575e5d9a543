/** The engine's own thread. Each session on the page has a service and a port of its own; all share one GPU device. */
import * as Comlink from 'comlink';
import { shareDevice } from '../gpu/share.ts';
import { Service } from './service.ts';

/** Answers from the first message on; each waits for the code, which the next one asks for again if it did not come. */
function onDemand<T extends object>(load: () => Promise<T>): object {
  let loaded: Promise<T> | null = null;
  const get =
    (_: object, name: string) =>
    async (...args: unknown[]) => {
      loaded ??= load();
      const service = (await loaded.catch(() => {
        loaded = null;
        const message = 'The code for training could not be fetched.';
        throw { code: 'network', message, hint: 'Check the connection and try again.' };
      })) as Record<string, (...args: unknown[]) => unknown>;
      return service[name](...args);
    };
  return new Proxy({}, { get });
}

/** Trainers are loaded on demand where the build allows: what is one file, for other origins, has them inside. */
const SERVICES = {
  engine: (gpu?: GPU) => new Service(gpu),
  training: (gpu?: GPU) => onDemand(() => import('./training.ts').then(({ Training }) => new Training(gpu))),
  'text-training': (gpu?: GPU) =>
    onDemand(() => import('./trainingText.ts').then(({ TextTraining }) => new TextTraining(gpu))),
};
const gpu = navigator.gpu && shareDevice(navigator.gpu);

addEventListener('message', ({ data, ports: [port] }: MessageEvent<keyof typeof SERVICES>) => {
  // What cannot be read is never answered: the page has to know.
  port.onmessageerror = () => reportError(new Error('A message from the page could not be read.'));
  Comlink.expose(SERVICES[data](gpu), port);
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
