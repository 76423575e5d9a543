/** Tells when the pixels of the screen change while nothing else does: the window went to another screen, or was zoomed. */

/** Calls `changed` at every new devicePixelRatio; returns a function that ends it. */
export function watchResolution(changed: () => void): () => void {
  let query: MediaQueryList;
  const watch = () => {
    query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener('change', onChange, { once: true });
  };
  const onChange = () => {
    // The old query knows of the old resolution alone.
    watch();
    changed();
  };
  watch();
  return () => query.removeEventListener('change', onChange);
}
