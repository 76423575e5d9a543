/** The theme that the visitor chose on an earlier visit. */
import { THEMES, type Theme } from '../address/types.ts';

const KEY = 'moescope.theme';

/** null where none was chosen, or storage is denied. */
export function keptTheme(): Theme | null {
  try {
    return THEMES.find((each) => each === localStorage.getItem(KEY)) ?? null;
  } catch {
    return null;
  }
}

export function keepTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Denied in a sandboxed frame: nothing to remember.
  }
}
