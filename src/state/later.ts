/** Modules that are fetched when they are first needed. */

/**
 * One fetch for all who ask, answered in the order of asking: of two `import()` the second may end first, because the first
 * also waits for the styles. A fetch that failed is tried again by whoever asks next.
 */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () => {
    if (loaded) return loaded;
    const mine = load();
    loaded = mine;
    mine.catch(() => {
      if (loaded === mine) loaded = null;
    });
    return mine;
  };
}

/** What talks with a model that has a chat template. */
export const chatting = once(() => import('./chat/talk.ts'));
/** What brings files along: of two, the one that was brought last stays. */
export const importing = once(() => import('./importing.ts'));
