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
