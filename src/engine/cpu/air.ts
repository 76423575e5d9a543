/** A turn of the event loop, so that a worker can hear "cancel" between two tokens. */

/**
 * Returns a function whose promise resolves after pending messages and timers had their turn, and one that frees it.
 * A message to oneself: setTimeout would cost 4 ms a turn once nested.
 */
export function openAir(): { readonly breathe: () => Promise<void>; readonly close: () => void } {
  const { port1, port2 } = new MessageChannel();
  let wake = () => {};
  port1.onmessage = () => wake();
  const breathe = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      port2.postMessage(0);
    });
  return { breathe, close: () => port1.close() };
}
