/** The line to a worker: Comlink for commands, one port for the stream. Only this file knows of Comlink. */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import type { MoeService, StreamMessage } from '../worker/protocol.ts';
import type { Guest, Workshop } from './workshop.ts';

export interface Line {
  readonly service: Remote<MoeService>;
  readonly stream: MessagePort;
  /** Lets the worker call a function of the page. */
  readonly lend: <T extends object>(callback: T) => T;
  readonly leave: () => void;
}

export function openLine(workshop: Workshop, guest: Guest, onMessage: (message: StreamMessage) => void): Line {
  const seat = workshop.enter(guest);
  const service = wrap<MoeService>(seat.port);
  const { port1: stream, port2 } = new MessageChannel();
  stream.onmessage = (event: MessageEvent<StreamMessage>) => onMessage(event.data);
  for (const port of [seat.port, stream]) {
    port.addEventListener('messageerror', () => guest.failed('A message from the worker could not be read.'));
  }
  void service.connect(transfer(port2, [port2]));
  // What is timed in a hidden tab is thrown away and taken again.
  const tell = () => void service.setHidden(document.hidden);
  document.addEventListener('visibilitychange', tell);
  tell();
  const leave = () => {
    document.removeEventListener('visibilitychange', tell);
    seat.leave();
  };
  return { service, stream, lend: proxy, leave };
}
