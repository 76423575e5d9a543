/** What searches have found, kept in this browser adapter by adapter. Storage may be denied, full or damaged: then nothing is. */
import type { TuningSearch } from '../../worker/protocol.ts';

export interface Remembered {
  readonly search: TuningSearch;
  /** ISO 8601. */
  readonly date: string;
}

const KEY = 'moescope.tuning';
/** Adapters and browser versions remembered; the oldest makes room. */
const MOST = 6;

/** Every search that is remembered and whole, by Opened.tuningKey. */
export function rememberedSearches(): Record<string, Remembered> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(Object.entries(stored).filter(([, each]) => isRemembered(each)));
  } catch {
    return {};
  }
}

/** As OpenRequest.tuned. */
export function rememberedTunings(): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rememberedSearches()).map(([key, { search }]) => [key, search.tuning]));
}

export function remember(key: string, remembered: Remembered): void {
  const { [key]: _, ...others } = rememberedSearches();
  const kept = Object.entries(others)
    .sort(([, a], [, b]) => b.date.localeCompare(a.date))
    .slice(0, MOST - 1);
  store({ ...Object.fromEntries(kept), [key]: remembered });
}

export function forget(key: string): void {
  const { [key]: _, ...others } = rememberedSearches();
  store(others);
}

function store(searches: Record<string, Remembered>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(searches));
  } catch {
    // It then lasts a visit.
  }
}

/** Enough to show it and to start from it; the worker checks the tuning itself. */
function isRemembered(value: unknown): value is Remembered {
  const { search, date } = (value ?? {}) as Partial<Remembered>;
  if (typeof date !== 'string' || Number.isNaN(Date.parse(date))) return false;
  if (typeof search?.adapter !== 'string' || typeof search.milliseconds !== 'number') return false;
  if (typeof search.tuning !== 'object' || search.tuning === null || !Array.isArray(search.families)) return false;
  return search.families.every(
    (family) =>
      typeof family?.work === 'string' &&
      typeof family.chosen === 'string' &&
      Array.isArray(family.candidates) &&
      family.candidates.every(
        (each: { name?: unknown; time?: unknown } | null) => typeof each?.name === 'string' && isTime(each?.time),
      ),
  );
}

const isTime = (time: unknown): boolean =>
  time === null ||
  (['median', 'spread', 'samples'] as const).every(
    (field) => typeof (time as Record<string, unknown> | undefined)?.[field] === 'number',
  );
