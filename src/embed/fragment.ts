import { LINK_KEYS } from '../state/address/address.ts';

/** The attributes of an element as a link; `link` holds a whole one. */
export function fragmentOf(element: Element): string {
  const link = element.getAttribute('link');
  if (link !== null) return link.replace(/^[^#]*#/, '');
  const pairs = LINK_KEYS.filter((key) => element.hasAttribute(key)).map((key) => [key, element.getAttribute(key)!]);
  return new URLSearchParams(pairs).toString();
}
