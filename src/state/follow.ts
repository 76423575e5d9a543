import { Signal } from '@lit-labs/signals';

/** Runs `read` now, and once more after each change of a signal that it read, until what it returns is called. */
export function follow(read: () => void): () => void {
  const reading = new Signal.Computed(() => {
    read();
    // Never equal to the last value, so that it is always taken up again.
    return {};
  });
  let asked = false;
  let over = false;
  const watcher = new Signal.subtle.Watcher(() => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      if (over) return;
      watcher.watch();
      reading.get();
    });
  });
  watcher.watch(reading);
  reading.get();
  return () => {
    over = true;
    watcher.unwatch(reading);
  };
}
