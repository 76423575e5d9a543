/** Asks the browser to keep this page for days without a network. */

/** Thrift asked for by the visitor: the dense twins are 17 MB that most visits do without. */
function isThrifty(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false;
}

/** `onNewer` is called when a newer version waits. Quietly does nothing where it is not allowed: without HTTPS, in a sandboxed frame, in private windows. */
export async function keepOffline(onNewer: () => void): Promise<void> {
  if (isThrifty()) return;
  try {
    await navigator.serviceWorker?.register(new URL('sw.js', document.baseURI));
    const { watchForNewer } = await import('./renew.ts');
    await watchForNewer(onNewer);
  } catch {
    // The page works, with a network.
  }
}
