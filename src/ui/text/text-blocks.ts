/**
 * Keeps a long text cheap: spans live in blocks of some lines each, so that a new token lays out one block and not the
 * whole text. A block ends only where a line ends by itself, so the seams cannot be seen; when the width changes the seams
 * are laid anew.
 */
import { wordOf } from './token-span.ts';

const TOKENS_PER_BLOCK = 50;

function lineOf(span: HTMLElement): number {
  return wordOf(span).offsetTop;
}

/** The token nearest above (−1) or below (1) another one. */
export function besideLine(spans: readonly HTMLElement[], at: number, direction: 1 | -1): number {
  const here = spans[at].getBoundingClientRect();
  let line: number | null = null;
  let best = at;
  let distance = Number.POSITIVE_INFINITY;
  for (let i = at + direction; i >= 0 && i < spans.length; i += direction) {
    const box = spans[i].getBoundingClientRect();
    if (Math.abs(box.top - here.top) < here.height / 2) continue;
    line ??= box.top;
    if (Math.abs(box.top - line) > here.height / 2) break;
    const off = Math.abs(box.left + box.width / 2 - here.left - here.width / 2);
    if (off < distance) {
      distance = off;
      best = i;
    }
  }
  return best;
}

export class TextBlocks {
  private block!: HTMLElement;
  private spans: HTMLElement[] = [];
  private width = 0;

  /** `tail` stands after the last token: what is drawn next, and the caret. */
  constructor(
    private readonly flow: HTMLElement,
    private readonly tail: readonly HTMLElement[],
  ) {
    this.clear();
    new ResizeObserver(() => {
      // Asked for their fonts before they are laid out, browsers lay the page out at once.
      if (!this.width) void document.fonts?.ready.then(() => this.relay());
      if (flow.clientWidth !== this.width) this.relay();
    }).observe(flow);
  }

  clear(): void {
    this.flow.replaceChildren();
    this.open([]);
  }

  append(spans: readonly HTMLElement[]): void {
    this.tail[0].before(...spans);
    this.spans.push(...spans);
    if (this.spans.length > TOKENS_PER_BLOCK) this.split();
  }

  /** Begins a new block with the last line, if that line begins with a word. */
  private split(): void {
    let first = this.spans.length - 1;
    const line = lineOf(this.spans[first]);
    while (first > 0 && lineOf(this.spans[first - 1]) === line) first--;
    if (first > 0 && !this.spans[first].textContent?.startsWith('\n')) this.open(this.spans.slice(first));
  }

  private open(spans: HTMLElement[]): void {
    this.block = document.createElement('div');
    this.block.className = 'block';
    this.spans = spans;
    // After a line break the blanks are an indentation, and stay.
    const wrapped = !spans[0]?.previousElementSibling?.textContent?.endsWith('\n');
    if (spans[0] && wrapped) this.hang(spans[0]);
    this.block.append(...spans, ...this.tail);
    this.flow.append(this.block);
  }

  /** The blank before the first word belongs to the line above: it stays in the text and takes no room. */
  private hang(span: HTMLElement): void {
    const hidden = document.createElement('s');
    while (span.firstElementChild?.matches('.space')) hidden.append(span.firstElementChild);
    if (hidden.firstChild) span.prepend(hidden);
  }

  private relay(): void {
    this.width = this.flow.clientWidth;
    const spans = [...this.flow.querySelectorAll<HTMLElement>('.t')];
    if (spans.length <= TOKENS_PER_BLOCK) return;
    for (const hidden of this.flow.querySelectorAll('s')) hidden.replaceWith(...hidden.childNodes);
    this.clear();
    this.tail[0].before(...spans);
    const lines = spans.map(lineOf);
    const starts: number[] = [0];
    for (let at = 1; at < spans.length; at++) {
      const far = at - starts[starts.length - 1] > TOKENS_PER_BLOCK;
      if (far && lines[at] !== lines[at - 1] && !spans[at].textContent?.startsWith('\n')) starts.push(at);
    }
    this.spans = spans.slice(0, starts[1]);
    for (let block = 1; block < starts.length; block++) this.open(spans.slice(starts[block], starts[block + 1]));
  }
}
