/** The page's end of the worker's port: it hears what comes, acknowledges it, and knows when all that was sent is here. */
import type { StreamMessage } from '../../src/worker/protocol.ts';

const SENT = 'sent';

/** Returns what waits until all has come that was posted at the worker's end so far: a port keeps their order. */
export function pageEnd({ port1, port2 }: MessageChannel, hear: (message: StreamMessage) => void): () => Promise<void> {
  const waiting: (() => void)[] = [];
  port2.onmessage = ({ data }: { data: StreamMessage | typeof SENT }) => {
    if (data === SENT) return waiting.shift()!();
    hear(data);
    port2.postMessage({ type: 'ack', run: data.run });
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port1.postMessage(SENT);
    });
}
