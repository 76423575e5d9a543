/** How long a talk has gone on, beside what was planned. */
import type { SceneList } from './scenes.ts';

/** m:ss */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Seconds that the list plans for all its scenes, or up to the end of one; null when a scene does not say. */
export function planned({ scenes }: SceneList, upTo = scenes.length): number | null {
  let sum = 0;
  for (const { seconds } of scenes.slice(0, upTo)) {
    if (seconds === null) return null;
    sum += seconds;
  }
  return sum;
}

const KEY = 'moescope-talk';

/** Keeps for this tab when a talk began; where storage is denied, a reload begins the time anew. */
export function keepStart(name: string, at: number): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ name, at }));
  } catch {
    // Denied.
  }
}

/** When the talk that a reload has cut short began, in milliseconds of the wall clock; null when there was none. */
export function keptStart(name: string, now: number): number | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as { name?: unknown; at?: unknown } | null;
    return kept?.name === name && typeof kept.at === 'number' && kept.at <= now ? kept.at : null;
  } catch {
    return null;
  }
}

/** The talk is over. */
export function forgetStart(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Denied.
  }
}
