/** The signals of the page. Only this file knows whose they are. */
import { Computed, effect, Signal, untracked } from '@preact/signals-core';

export { untracked };

export class State<T> extends Signal<T> {
  get(): T {
    return this.value;
  }

  set(next: T): void {
    this.value = next;
  }
}

class Derived<T> extends Computed<T> {
  get(): T {
    return this.value;
  }
}

/** What can be read, and says when it changes. */
export interface Readable<T> {
  get(): T;
}

export const signal = <T>(first: T): State<T> => new State(first);

export const computed = <T>(derive: () => T): Readable<T> => new Derived(derive);

/**
 * Runs `read`, and calls `changed` once, at the first change of a signal that it read. Until then, or until the answer is
 * called, those signals hold on to both.
 */
export function watch(read: () => void, changed: () => void): () => void {
  let reading = true;
  return effect(() => {
    if (!reading) return untracked(changed);
    reading = false;
    read();
  });
}
