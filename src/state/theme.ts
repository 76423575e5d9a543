/**
 * Light, dark or high contrast: the system's choice until the visitor makes their own. High contrast is dark or light as
 * the system is. Storage may be denied; then the choice lasts a visit.
 */
import { computed, signal } from '@lit-labs/signals';
import { THEMES, type Theme } from './address/types.ts';
import { follow } from './follow.ts';

const KEY = 'moescope.theme';

function asked(media: string) {
  const query = matchMedia(media);
  const holds = signal(query.matches);
  query.addEventListener('change', () => holds.set(query.matches));
  return holds;
}

const dark = asked('(prefers-color-scheme: dark)');
const contrast = asked('(prefers-contrast: more)');
const forced = asked('(forced-colors: active)');

function stored(): Theme | null {
  try {
    return THEMES.find((each) => each === localStorage.getItem(KEY)) ?? null;
  } catch {
    return null;
  }
}

/** What the visitor, or the link they followed, asked for; null follows the system. */
export const chosenTheme = signal<Theme | null>(stored());

export const theme = computed<Theme>(() => chosenTheme.get() ?? (dark.get() ? 'dark' : 'light'));

/** Changes whenever a colour may have changed: what is painted on a canvas is painted anew. */
export const look = computed(() => [theme, dark, contrast, forced].map((each) => each.get()).join());

/** The theme after this one, as the button offers it. */
export function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length];
}

/** The visitor's own choice, remembered for the next visit. */
export function chooseTheme(value: Theme): void {
  chosenTheme.set(value);
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // Denied in a sandboxed frame: nothing to remember.
  }
}

follow(() => {
  const { dataset } = document.documentElement;
  const wanted = theme.get();
  dataset.theme = wanted === 'contrast' ? (dark.get() ? 'dark' : 'light') : wanted;
  dataset.contrast = wanted === 'contrast' || contrast.get() ? 'more' : 'usual';
});
