/** Looks through all shadow roots of an element for what lies over something else, sticks out, is cut off or has collapsed. */
import type { Page } from 'playwright-core';

/** Sentences about what is wrong with the boxes inside the first element that `selector` finds; none where all is well. */
export function faultsOfLayout(page: Page, selector: string): Promise<string[]> {
  return page.evaluate((name) => {
    const host = document.querySelector(name)!;
    const faults: string[] = [];
    interface Piece {
      readonly node: Element;
      readonly box: DOMRect;
      readonly what: string;
    }
    const pieces: Piece[] = [];
    const parentOf = (node: Node): Element | null =>
      (node as Element).assignedSlot ?? node.parentElement ?? ((node.getRootNode() as ShadowRoot).host || null);

    /** The box that is left of `box` when all that scrolls or clips on the way up has cut it. */
    const seen = (node: Element, box: DOMRect): DOMRect | null => {
      let { left, top, right, bottom } = box;
      for (let at = parentOf(node); at && at !== host; at = parentOf(at)) {
        const { overflowX, clipPath, position } = getComputedStyle(at);
        if (clipPath !== 'none' && position === 'absolute') return null;
        if (overflowX === 'visible') continue;
        const edge = at.getBoundingClientRect();
        left = Math.max(left, edge.left);
        top = Math.max(top, edge.top);
        right = Math.min(right, edge.right);
        bottom = Math.min(bottom, edge.bottom);
      }
      return right - left > 1 && bottom - top > 1 ? new DOMRect(left, top, right - left, bottom - top) : null;
    };
    const scrolls = (node: Element): boolean => {
      for (let at: Element | null = node; at && at !== host; at = parentOf(at))
        if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
      return false;
    };
    const keep = (node: Element, box: DOMRect, what: string) => {
      if (box.width < 1 || box.height < 1) return;
      const left = seen(node, box);
      if (!left) return;
      if (left.width < box.width - 2 && !scrolls(node)) faults.push(`${what} is cut off`);
      pieces.push({ node, box: left, what });
    };

    const walk = (node: Element): void => {
      const style = getComputedStyle(node);
      // What is folded in has boxes, too.
      if (
        style.display === 'none' ||
        style.visibility === 'hidden' ||
        !(node.checkVisibility() || style.display === 'contents')
      )
        return;
      if (style.clipPath !== 'none' && style.position === 'absolute') return;
      const tag = node.localName.replace('moe-', '');
      // Its numbers stand between the lines on purpose.
      if (tag === 'text' && node !== host) {
        keep(node, node.getBoundingClientRect(), 'the text');
        return;
      }
      if (/^(button|input|select|textarea|canvas|svg)$/.test(tag) && !node.matches('.icon')) {
        const what = `${tag} “${(node.ariaLabel ?? node.textContent ?? '').trim().slice(0, 30) || node.id}”`;
        // A button may be as large as what it lies on: a canvas, and its keyboard twin.
        if (style.position !== 'absolute') keep(node, node.getBoundingClientRect(), what);
        if (tag === 'button' && node.scrollWidth > node.clientWidth + 1)
          faults.push(`the words of ${what} are cut off`);
        return;
      }
      for (const child of node.shadowRoot?.children ?? node.children) walk(child);
      if (tag === 'slot') for (const child of (node as HTMLSlotElement).assignedElements()) walk(child);
      const words = [...node.childNodes].filter((child) => child.nodeType === 3 && child.textContent?.trim());
      for (const text of words) {
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) keep(node, box, `“${text.textContent!.trim().slice(0, 30)}”`);
      }
      // A bar: its full length is data.
      const share = /width:\s*([\d.]+)%/.exec(node.getAttribute('style') ?? '');
      if (share && node.parentElement) {
        const room = node.getBoundingClientRect().width / (Number(share[1]) / 100);
        if (Number(share[1]) > 5 && room < 24)
          faults.push(`a bar of ${tag} in ${parentOf(node)?.className} has ${room.toFixed(0)} px for 100 %`);
      }
    };
    for (const child of host.shadowRoot!.children) walk(child);

    const frame = host.getBoundingClientRect();
    for (const { box, what } of pieces)
      if (box.left < frame.left - 1 || box.right > frame.right + 1) faults.push(`${what} sticks out of the element`);
    for (const [at, one] of pieces.entries()) {
      for (const other of pieces.slice(at + 1)) {
        if (one.node === other.node || one.node.contains(other.node) || other.node.contains(one.node)) continue;
        const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // Lines of one text may lean on each other by the ascent of their letters.
        if (width > 2 && height > 4) faults.push(`${one.what} and ${other.what} overlap`);
      }
    }
    return [...new Set(faults)];
  }, selector);
}
