/** What an element borrows from the page it stands on: paper, ink, typeface; and what the author sets instead. */
import { follow } from '../state/follow.ts';
import type { Appearance, Surroundings } from '../state/theme.ts';

const CLEAR = /^(transparent|rgba\(.*, 0\))$/;

/** Keeps `base`, within `host`, to the colours and the typeface around, also when the host page changes its own; returns the end of it. */
export function borrow(host: HTMLElement, base: HTMLElement, appearance: Appearance): () => void {
  const look = () => {
    if (!host.isConnected) return;
    appearance.surroundings.set(surroundingsOf(host));
    borrowType(host, base);
  };
  const watcher = new MutationObserver(look);
  for (const node of [document.documentElement, document.body]) watcher.observe(node, { attributes: true });
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', look);
  look();
  const stop = follow(() => dress(base, appearance.borrowed.get()));
  return () => {
    stop();
    watcher.disconnect();
    media.removeEventListener('change', look);
  };
}

/** Colours as they are around `host`. */
function surroundingsOf(host: HTMLElement): Surroundings {
  const style = getComputedStyle(host);
  const set = (name: string) => style.getPropertyValue(name).trim();
  const paper = resolve(host, set('--moe-paper')) ?? backgroundOf(host);
  const ink = resolve(host, set('--moe-ink')) ?? style.color;
  return { dark: lightness(paper) < 0.5, paper, ink };
}

/** The first opaque background on the way up; a page without one is painted in the canvas' colour. */
function backgroundOf(host: HTMLElement): string {
  for (let node: Node | null = host; node; node = node.parentNode ?? (node as ShadowRoot).host ?? null) {
    if (!(node instanceof Element)) continue;
    const { backgroundColor } = getComputedStyle(node);
    if (!CLEAR.test(backgroundColor)) return backgroundColor;
  }
  return resolve(document.documentElement, 'Canvas') ?? 'white';
}

/** A colour of any notation as the browser computes it at `host`; null when there is none. */
function resolve(host: HTMLElement, color: string): string | null {
  if (!color) return null;
  const probe = document.createElement('span');
  probe.style.display = 'none';
  probe.style.color = color;
  (host.shadowRoot ?? host).append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}

/** Relative luminance, roughly, from 0 to 1. */
function lightness(color: string): number {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** Custom properties of palette.css that follow from paper and ink. */
const MIXED: Readonly<Record<string, string>> = {
  '--well': 'color-mix(in oklab, var(--ink) 5%, var(--paper))',
  '--ink-2': 'color-mix(in oklab, var(--ink) 76%, var(--paper))',
  '--rule': 'color-mix(in oklab, var(--ink) 16%, var(--paper))',
  '--rule-2': 'color-mix(in oklab, var(--ink) 50%, var(--paper))',
  '--load-0': 'color-mix(in oklab, var(--load-1) 7%, var(--paper))',
};

/** Dresses `base` in the colours around it; null takes them off, and the theme's own hold. */
function dress(base: HTMLElement, around: Surroundings | null): void {
  const own = around ? { '--paper': around.paper, '--ink': around.ink, ...MIXED } : {};
  for (const name of ['--paper', '--ink', ...Object.keys(MIXED)]) base.style.removeProperty(name);
  for (const [name, value] of Object.entries<string>(own)) base.style.setProperty(name, value);
}

/** The typeface of the host page, or `--moe-font`; the accent, when `--moe-accent` is set. */
function borrowType(host: HTMLElement, base: HTMLElement): void {
  const style = getComputedStyle(host);
  const face = style.getPropertyValue('--moe-font').trim() || style.fontFamily;
  base.style.setProperty('--text-face', face);
  base.style.setProperty('--figure-face', face);
  const accent = style.getPropertyValue('--moe-accent').trim();
  if (accent) base.style.setProperty('--now', accent);
  else base.style.removeProperty('--now');
}
