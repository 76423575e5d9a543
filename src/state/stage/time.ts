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
