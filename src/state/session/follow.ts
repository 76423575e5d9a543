import { watch } from './signals.ts';

/** Runs `read` now, and once more after each change of a signal that it read, until what it returns is called. */
export function follow(read: () => void): () => void {
  let over = false;
  let stop = () => {};
  const again = () => {
    if (!over) stop = watch(read, () => queueMicrotask(again));
  };
  again();
  return () => {
    over = true;
    stop();
  };
}
