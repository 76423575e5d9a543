/**
 * What the page measures without being asked may cost a weak GPU its driver, or the tab: what did not come to its end
 * twice on an adapter is left to who asks for it, on later visits, too.
 */
const KEY = 'moescope.unasked';
const MOST_TRIES = 2;

/** Tries that have not come to an end, by Opened.tuningKey. Storage may be denied or damaged: then nothing is known. */
function tries(): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    return {};
  }
}

function note(adapter: string, count: number): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...tries(), [adapter]: count }));
  } catch {
    // It then lasts a visit.
  }
}

/** @param work true where nothing failed. */
export async function tryUnasked(adapter: string, work: () => Promise<boolean>): Promise<void> {
  const before = Number(tries()[adapter] ?? 0);
  if (before >= MOST_TRIES) return;
  note(adapter, before + 1);
  if (await work()) note(adapter, 0);
}
