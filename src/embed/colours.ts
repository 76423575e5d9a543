/** What an element borrows from the page it stands on: paper, ink, typeface; and what the author sets instead. */

import type { Appearance, Surroundings } from '../state/page/theme.ts';
import { follow } from '../state/session/follow.ts';
import { around, behind, rgba } from './backdrop.ts';
import { css, isLighter, legible } from './colour-maths.ts';

/** Keeps `base`, within `host`, to the colours and the typeface around, also when the host page changes its own; returns the end of it. */
export function borrow(host: HTMLElement, base: HTMLElement, appearance: Appearance): () => void {
  const look = () => {
    if (!host.isConnected) return;
    appearance.lend(surroundingsOf(host));
    borrowType(host, base);
  };
  look();
  const stops = [
    appearance.wear(base),
    watch(host, look),
    follow(() => dress(base, appearance.surroundings.get(), appearance.borrowed.get())),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Calls `look` whenever the host page may have got other colours: by an attribute of what the element stands in, a style sheet
 * that came or went, the system's dark and light, the end of a transition. Ink and typeface are inherited, so that a change of
 * theirs is seen whatever its cause is; a background is seen again when the pointer comes.
 */
function watch(host: HTMLElement, look: () => void): () => void {
  const { ownerDocument: page } = host;
  const over = new AbortController();
  const options = { signal: over.signal, capture: true };
  let frame = 0;
  // A transition that is taken back before it has run for a frame tells nobody, and it may begin a frame late.
  const settle = (frames = 3) => {
    look();
    cancelAnimationFrame(frame);
    if (frames > 0) frame = requestAnimationFrame(() => settle(frames - 1));
  };
  const watcher = new MutationObserver(() => settle());
  for (let node: Element | null = host; node; node = around(node)) watcher.observe(node, { attributes: true });
  watcher.observe(page.head, { attributes: true, childList: true, characterData: true, subtree: true });
  const late = ({ target }: Event) => {
    if ((target as Node).nodeName === 'LINK' || (target as Node).contains?.(host)) look();
  };
  for (const type of ['load', 'transitionend', 'transitioncancel']) page.addEventListener(type, late, options);
  host.addEventListener('pointerenter', look, options);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', look, options);
  const probe = page.createElement('span');
  probe.className = 'probe';
  for (const type of ['transitionrun', 'transitionend', 'transitioncancel'])
    probe.addEventListener(type, () => settle(), options);
  host.shadowRoot?.append(probe);
  return () => {
    over.abort();
    cancelAnimationFrame(frame);
    watcher.disconnect();
    probe.remove();
  };
}

/** Colours as they are around `host`. */
function surroundingsOf(host: HTMLElement): Surroundings {
  const style = getComputedStyle(host);
  const set = (name: string) => {
    const value = style.getPropertyValue(name).trim();
    return value ? rgba(resolve(host, value)) : null;
  };
  const own = set('--moe-paper');
  const { papers, known } = own ? { papers: [own], known: true } : behind(host);
  const { paper, ink, painted, soft } = legible(papers, set('--moe-ink') ?? rgba(style.color), known);
  return { dark: isLighter(ink, paper), paper: css(paper), ink: css(ink), painted: painted || own !== null, soft };
}

/** A colour of any notation as the browser computes it at `host`. */
function resolve(host: HTMLElement, color: string): string {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  probe.style.color = color;
  (host.shadowRoot ?? host).append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}

/** Custom properties of palette.css that follow from paper and ink. */
const mixed = (soft: number): Readonly<Record<string, string>> => ({
  '--well': 'color-mix(in oklab, var(--ink) 5%, var(--paper))',
  '--ink-2': `color-mix(in oklab, var(--ink) ${soft}%, var(--paper))`,
  '--rule': 'color-mix(in oklab, var(--ink) 16%, var(--paper))',
  '--rule-2': 'color-mix(in oklab, var(--ink) 50%, var(--paper))',
  '--load-0': 'color-mix(in oklab, var(--load-1) 7%, var(--paper))',
});
const NAMES = ['--paper', '--ink', ...Object.keys(mixed(0))];

/**
 * Dresses `base` in the colours around it. Where none are borrowed, those of the theme hold, on a paper of their own: what
 * is around may be its opposite.
 */
function dress(base: HTMLElement, around: Surroundings | null, borrowed: Surroundings | null): void {
  const own: Record<string, string> = borrowed
    ? { '--paper': borrowed.paper, '--ink': borrowed.ink, ...mixed(borrowed.soft) }
    : {};
  for (const name of NAMES) base.style.removeProperty(name);
  for (const [name, value] of Object.entries(own)) base.style.setProperty(name, value);
  base.classList.toggle('painted', around !== null && (borrowed === null || borrowed.painted));
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
