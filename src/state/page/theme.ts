/**
 * Light, dark or high contrast: the choice of whatever surrounds the page, or of the system, until the visitor makes their
 * own. High contrast is dark or light as the system is. Storage may be denied; then the choice lasts a visit.
 */

import { THEMES, type Theme } from '../address/types.ts';
import { follow } from '../session/follow.ts';
import { computed, signal } from '../session/signals.ts';
import { keepTheme, keptTheme } from './kept-theme.ts';

function asked(media: string) {
  const query = matchMedia(media);
  const holds = signal(query.matches);
  query.addEventListener('change', () => holds.set(query.matches));
  return holds;
}

const systemDark = asked('(prefers-color-scheme: dark)');
const contrast = asked('(prefers-contrast: more)');
const forced = asked('(forced-colors: active)');

/** What another page lends to an element on it. */
export interface Surroundings {
  readonly dark: boolean;
  /** CSS colours. */
  readonly paper: string;
  readonly ink: string;
  /** The paper has to be laid under the text. */
  readonly painted: boolean;
  /** How much ink is in what is printed in a softer one, in per cent. */
  readonly soft: number;
}

/** As in palette.css. */
const PAPER = { light: '#fbfaf6', dark: '#0e1117' };

export class Appearance {
  /** What the visitor, or the link they followed, asked for; null follows what is around. */
  readonly chosen = signal<Theme | null>(null);
  readonly surroundings = signal<Surroundings | null>(null);
  private readonly dark = computed(() => this.surroundings.get()?.dark ?? systemDark.get());
  readonly theme = computed<Theme>(() => this.chosen.get() ?? (this.dark.get() ? 'dark' : 'light'));
  /** Changes whenever a colour may have changed: what is painted on a canvas is painted anew. */
  readonly look = computed(() => {
    const { paper, ink } = this.surroundings.get() ?? {};
    return [this.theme.get(), this.dark.get(), contrast.get(), forced.get(), paper, ink].join();
  });
  /** The colours of the surroundings are taken: nobody asked for others. */
  readonly borrowed = computed(() =>
    this.chosen.get() || contrast.get() || forced.get() ? null : this.surroundings.get(),
  );

  /** @param keeps The visitor's choice is remembered for the next visit. */
  constructor(private readonly keeps: boolean) {
    if (keeps) this.chosen.set(keptTheme());
  }

  /** The theme after this one, as the button offers it. */
  next(): Theme {
    return THEMES[(THEMES.indexOf(this.theme.get()) + 1) % THEMES.length];
  }

  /** What a link asks for, which the next visit does not remember; null: as around. */
  take(theme: Theme | null): void {
    this.chosen.set(theme);
  }

  /** What the page around lends, where it has changed. */
  lend(found: Surroundings): void {
    if (JSON.stringify(found) !== JSON.stringify(this.surroundings.get())) this.surroundings.set(found);
  }

  /** The visitor's own choice. */
  choose(value: Theme): void {
    this.chosen.set(value);
    if (this.keeps) keepTheme(value);
  }

  /** Marks `root`, so that palette.css knows which colours hold in it, until what is returned is called. */
  wear(root: HTMLElement): () => void {
    const { dataset } = root;
    return follow(() => {
      const wanted = this.theme.get();
      dataset.theme = wanted === 'contrast' ? (this.dark.get() ? 'dark' : 'light') : wanted;
      dataset.contrast = wanted === 'contrast' || contrast.get() ? 'more' : 'usual';
      // The browser's own frame around the page goes along.
      const frame = root === document.documentElement ? document.querySelectorAll('meta[name=theme-color]') : [];
      for (const meta of frame) meta.setAttribute('content', PAPER[dataset.theme === 'dark' ? 'dark' : 'light']);
    });
  }
}
