/** The line to a worker: Comlink for commands, one port for the stream. Only this file knows of Comlink. */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import type { MoeService, StreamMessage } from '../../worker/protocol.ts';
import type { EngineWorker, Guest } from './engine-worker.ts';

export interface Line {
  readonly service: Remote<MoeService>;
  readonly stream: MessagePort;
  /** Lets the worker tell the page something. */
  readonly lend: <News extends unknown[]>(callback: (...news: News) => void) => (...news: News) => void;
  readonly leave: () => void;
}

export function openLine(engineWorker: EngineWorker, guest: Guest, onMessage: (message: StreamMessage) => void): Line {
  const entry = engineWorker.enter(guest);
  const service = wrap<MoeService>(entry.port);
  const { port1: stream, port2 } = new MessageChannel();
  stream.onmessage = (event: MessageEvent<StreamMessage>) => onMessage(event.data);
  for (const port of [entry.port, stream]) {
    port.addEventListener('messageerror', () => guest.failed('A message from the worker could not be read.'));
  }
  void service.connect(transfer(port2, [port2]));
  // What is timed in a hidden tab is thrown away and taken again.
  const tell = () => void service.setHidden(document.hidden);
  document.addEventListener('visibilitychange', tell);
  tell();
  const leave = () => {
    document.removeEventListener('visibilitychange', tell);
    entry.leave();
  };
  return { service, stream, lend: proxy, leave };
}
