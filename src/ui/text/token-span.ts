/** One token of the text as an element: its word, its blanks as signs that can be shown, its expert and its margin. */

import type { TraceStore } from '../../state/text/trace-store.ts';
import type { Hues } from '../../state/views/hues.ts';
import { HUES, hueOf, isColoured, type PinnedExpert } from '../../state/views/selection.ts';
import { percent, spoken } from '../kit/format.ts';
import { say } from '../kit/words.ts';

/** A token with more characters may break across lines, and then wears no number. */
const LONGEST_WORD = 20;

const SIGNS: Readonly<Record<string, string>> = { ' ': 'space', '\n': 'line', '\t': 'tab' };

/** The underline is this thick, in rem, at a margin of 0 and at WIDEST_MARGIN or more. */
const THIN = 0.08;
const THICK = 0.22;
export const WIDEST_MARGIN = 0.25;

export function underline(margin: number | null): string {
  const share = Math.min(1, (margin ?? 0) / WIDEST_MARGIN);
  return `calc(${(THIN + (THICK - THIN) * share).toFixed(3)} * 1rem)`;
}

function blanks(text: string): (string | HTMLElement)[] {
  return [...text].map((char) => {
    const kind = SIGNS[char];
    if (!kind) return char;
    const sign = document.createElement('i');
    sign.className = kind;
    sign.textContent = char;
    return sign;
  });
}

/** How many tokens before this one belong to the same unfinished character. */
function partsBefore(trace: TraceStore, at: number): number {
  let parts = 0;
  while (at - parts > 0 && trace.texts[at - parts - 1] === '') parts++;
  return parts;
}

export function tokenSpan(trace: TraceStore, at: number): HTMLElement {
  const span = document.createElement('span');
  const text = trace.texts[at];
  // The blank before a word may hang at the end of the line above: the word alone carries the number.
  const start = text.length - text.trimStart().length;
  const end = Math.max(start, text.trimEnd().length);
  const word = document.createElement('b');
  word.textContent = text.slice(start, end);
  span.append(...blanks(text.slice(0, start)), word, ...blanks(text.slice(end)));
  span.className = at < trace.promptCount ? 't prompt' : 't';
  if (end - start > LONGEST_WORD) span.classList.add('long');
  if (text === '') {
    span.classList.add('part');
    span.dataset.part = String(partsBefore(trace, at) + 1);
  }
  // A number needs room: lone marks and line breaks tell theirs when they are looked at.
  if (text.trimEnd().length < (trace.shape.experts > 100 ? 4 : 2)) span.classList.add('narrow');
  span.dataset.at = String(at);
  return span;
}

/** Letters that are drawn as one with their neighbours. */
const JOINING = String.raw`[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Adlam}]`;
const JOINS = new RegExp(String.raw`${JOINING}\p{M}*$`, 'u');
const JOINED = new RegExp(String.raw`^(\p{M}|${JOINING})`, 'u');

/** A sign that joins the letter before it with the one after. */
const VIRAMA = /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u200d]$/;

/** Whether two tokens are drawn as one shape, which nothing between them may break. */
export function joins(before: string, after: string): boolean {
  if (/^[\p{M}\u200d]/u.test(after) || VIRAMA.test(before)) return before !== '';
  return JOINS.test(before) && JOINED.test(after);
}

/** Parts of a character that belongs together with the one before it take no room between the two. */
export function joinParts(spans: readonly HTMLElement[], trace: TraceStore, at: number): void {
  const text = trace.texts[at];
  let before = at - 1;
  while (before >= 0 && trace.texts[before] === '') before--;
  if (text === '' || before < 0 || before === at - 1) return;
  if (!joins(trace.texts[before], text)) return;
  for (let part = before + 1; part < at; part++) spans[part].classList.add('joined');
}

/** A program: a line of it ends as no sentence does. */
export const looksLikeCode = (text: string): boolean => /^.*[({=].*([;{}]|\):)\s*$/m.test(text);

export function wordOf(span: HTMLElement): HTMLElement {
  return span.querySelector('b')!;
}

/** Gives the token the tint of its top expert in a layer, or of its first pinned one where experts are too many for hues. */
export function tint(
  span: HTMLElement,
  trace: TraceStore,
  at: number,
  layer: number,
  pins: readonly PinnedExpert[],
  hues: Hues,
): void {
  const { shape } = trace;
  if (shape.experts === 1) return;
  const expert = trace.expert(at, layer);
  span.dataset.e = String(expert);
  wordOf(span).dataset.e = String(expert);
  span.style.setProperty('--line', underline(trace.margin(at, layer)));
  let hue = hueOf(shape, { layer, expert }, pins, hues);
  if (!isColoured(shape)) {
    for (let rank = 1; hue === null && rank < trace.chosen(at, layer); rank++)
      hue = hueOf(shape, { layer, expert: trace.expert(at, layer, rank) }, pins, hues);
  }
  span.style.setProperty('--tint', hue === null ? 'transparent' : `var(--tint-${hue})`);
  span.style.setProperty('--hue', hue === null ? 'var(--rule-2)' : `var(--hue-${hue})`);
  span.classList.toggle('second', isColoured(shape) && hues.slot(layer, expert) >= HUES);
}

/** What a screen reader says of the token that has the focus. */
export function sentence(trace: TraceStore, at: number, layer: number): string {
  const experts = Array.from({ length: trace.chosen(at, layer) }, (_, rank) =>
    say('said-expert', { expert: trace.expert(at, layer, rank), share: percent(trace.gate(at, layer, rank)) }),
  );
  return say('said-token', { text: spoken(trace.texts[at]), layer, experts: experts.join(', ') });
}
