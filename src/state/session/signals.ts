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

/**
 * What the visitor sets: any control may choose, and so may a link or a scene, which stand for one. What follows from a
 * choice is said where it is made.
 */
export class Choice<T> extends Signal<T> {
  constructor(
    first: T,
    private readonly follows?: (now: T, before: T) => void,
  ) {
    super(first);
  }

  get(): T {
    return this.value;
  }

  choose(next: T): void {
    const before = this.peek();
    this.value = next;
    this.follows?.(next, before);
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

export const choice = <T>(first: T, follows?: (now: T, before: T) => void): Choice<T> => new Choice(first, follows);

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
