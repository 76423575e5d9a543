/** One animation loop for the whole page; it sleeps when nobody has anything left to draw. */
type Painter = (now: number) => boolean;

const painters = new Set<Painter>();
let frame = 0;

function tick(now: number): void {
  frame = 0;
  for (const painter of [...painters]) {
    if (!painter(now)) painters.delete(painter);
  }
  if (painters.size) frame = requestAnimationFrame(tick);
}

/** Calls `painter` in the next frame, and again for as long as it returns true. */
export function paint(painter: Painter): void {
  painters.add(painter);
  if (!frame) frame = requestAnimationFrame(tick);
}

export function stopPainting(painter: Painter): void {
  painters.delete(painter);
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

export function reducedMotion(): boolean {
  return still.matches;
}
