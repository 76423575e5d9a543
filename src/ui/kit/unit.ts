/** The length that sizes are multiples of, in pixels: the root's type size on a page of its own, else that of `<moe-scope>`. */
export function unitOf(node: Element): number {
  const own = getComputedStyle(node).getPropertyValue('--moe-unit');
  return Number.parseFloat(own || getComputedStyle(document.documentElement).fontSize);
}
