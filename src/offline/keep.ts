/** Asks the browser to keep this page for days without a network. */

/** Thrift asked for by the visitor: the dense twins are 17 MB that most visits do without. */
function isThrifty(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false;
}

/** Quietly does nothing where it is not allowed: without HTTPS, in a sandboxed frame, in private windows. */
export async function keepOffline(): Promise<void> {
  if (isThrifty()) return;
  try {
    await navigator.serviceWorker?.register(new URL('sw.js', document.baseURI));
  } catch {
    // The page works, with a network.
  }
}
