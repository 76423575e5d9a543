/** One animation loop for the whole page; it sleeps when nobody has anything left to draw. */
type Painter = (now: number) => boolean;

const painters = new Set<Painter>();
let frame = 0;

/** A frame that comes later than this after the one before is late; after a longer pause it does not count. */
const LATE_MILLISECONDS = 24;
const PAUSE_MILLISECONDS = 250;
/** So many more late ones than others, and for so long the machine counts as busy. */
const LATE_FRAMES = 10;
const BUSY_MILLISECONDS = 8000;
let before = 0;
let late = 0;
let busyUntil = 0;

function tick(now: number): void {
  frame = 0;
  const since = now - before;
  before = now;
  if (since < PAUSE_MILLISECONDS) late = Math.max(0, late + (since > LATE_MILLISECONDS ? 1 : -1));
  if (late >= LATE_FRAMES) {
    late = 0;
    busyUntil = now + BUSY_MILLISECONDS;
  }
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

/** Whether frames have come late: what is only pretty can wait. */
export function busy(now: number): boolean {
  return now < busyUntil;
}

export function stopPainting(painter: Painter): void {
  painters.delete(painter);
}

const still = matchMedia('(prefers-reduced-motion: reduce)');

export function reducedMotion(): boolean {
  return still.matches;
}
