/** The element's state as a page's own style sheet sees it, in browsers of every age. */
import type { Mood } from './happenings.ts';

/** `:state(live)`; in Chrome and Edge 90 to 124 `:--live`; in older browsers nothing can be matched. */
export function wear(states: CustomStateSet | undefined, moods: readonly Mood[]): void {
  if (!states) return;
  states.clear();
  for (const mood of moods) {
    try {
      states.add(mood);
    } catch {
      states.add(`--${mood}`); // The rule of the first draft: a state is a dashed name.
    }
  }
}
