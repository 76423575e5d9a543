/** Light or dark: the system's choice until the visitor makes their own. Storage may be denied; then it lasts a visit. */
import { signal } from '@lit-labs/signals';

export type Theme = 'light' | 'dark';

const KEY = 'moescope.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null;
  }
}

export const theme = signal<Theme>(stored() ?? (system.matches ? 'dark' : 'light'));

function apply(value: Theme): void {
  theme.set(value);
  document.documentElement.dataset.theme = value;
}

export function toggleTheme(): void {
  apply(theme.get() === 'dark' ? 'light' : 'dark');
  try {
    localStorage.setItem(KEY, theme.get());
  } catch {
    // Denied in a sandboxed frame: nothing to remember.
  }
}

apply(theme.get());
system.addEventListener('change', () => {
  if (!stored()) apply(system.matches ? 'dark' : 'light');
});
