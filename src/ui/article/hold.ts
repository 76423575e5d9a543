/** Brings a part of the page into sight, and holds it there while the page around it still grows, until the visitor moves. */
const MOVES = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;
/** Pixels that a browser may round a place by. */
const ROUNDING = 4;

/** @returns lets go of it. */
export function hold(part: Element, block: ScrollLogicalPosition): () => void {
  let [at, height] = [0, 0];
  const bring = () => {
    part.scrollIntoView({ block, behavior: 'instant' });
    [at, height] = [scrollY, document.body.scrollHeight];
  };
  const growth = new ResizeObserver(bring);
  const release = () => {
    growth.disconnect();
    removeEventListener('scroll', onScroll);
    for (const move of MOVES) removeEventListener(move, release);
  };
  // By the scroll bar, which tells of nothing else; where the page has grown the browser itself may have scrolled.
  const onScroll = () => {
    if (document.body.scrollHeight === height && Math.abs(scrollY - at) > ROUNDING) release();
  };
  growth.observe(document.body);
  addEventListener('scroll', onScroll, { passive: true });
  for (const move of MOVES) addEventListener(move, release, { passive: true });
  bring();
  return release;
}
