/** The element's state as a page's own style sheet sees it, in browsers of every age. */
import type { ElementState } from './host-events.ts';

/** `:state(live)`; in Chrome and Edge 90 to 124 `:--live`; in older browsers nothing can be matched. */
export function wear(set: CustomStateSet | undefined, states: readonly ElementState[]): void {
  if (!set) return;
  set.clear();
  for (const state of states) {
    try {
      set.add(state);
    } catch {
      set.add(`--${state}`); // The rule of the first draft: a state is a dashed name.
    }
  }
}
