/**
 * The page's state as the fragment of its address. A fragment, not a query, because a browser never sends it: the prompt is
 * the visitor's own text, and nothing they type leaves the tab. Only what is not default is written.
 */
import type { Complain } from './interventions.ts';
import type { PageState } from './keys.ts';
import { NAMED } from './keys.ts';

/** No honest link is longer; the rest of a hostile one is not even looked at. */
const MOST_CHARACTERS = 200_000;

export const DEFAULT_STATE = Object.fromEntries(
  NAMED.map(([name, { usual }]) => [name, usual]),
) as unknown as PageState;

/** Every key of a link but the tour's and the talks': an element takes each as an attribute of the same name. */
export const LINK_KEYS: readonly string[] = NAMED.flatMap(([, { keys, pageAlone }]) => (pageAlone ? [] : keys));

/** As encodeURIComponent, but blanks, commas and colons stay readable. A half surrogate becomes U+FFFD. */
function encode(text: string): string {
  const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return encodeURIComponent(whole).replace(/%20/g, '+').replace(/%2C/g, ',').replace(/%3A/g, ':');
}

/** The fragment without its `#`; empty when all is default. */
export function writeAddress(state: PageState): string {
  return NAMED.flatMap(([name, { usual, write }]) => {
    const value = state[name];
    return value === usual || (Array.isArray(value) && !value.length) ? [] : write(value);
  })
    .map(([key, text]) => `${key}=${encode(text)}`)
    .join('&');
}

export interface ReadState {
  readonly state: PageState;
  /** What could not be taken as it stands, a few words each. */
  readonly complaints: readonly string[];
}

/** Any fragment, with or without `#`: what makes no sense is left out, what is out of range is brought into it. */
export function readAddress(fragment: string): ReadState {
  const complaints: string[] = [];
  const complain: Complain = (words) => void complaints.push(words);
  if (fragment.length > MOST_CHARACTERS) complain('its end (the link is too long)');
  const state: Record<string, unknown> = { ...DEFAULT_STATE };
  const seen = new Set<string>();
  for (const [key, text] of new URLSearchParams(fragment.slice(0, MOST_CHARACTERS).replace(/^#/, ''))) {
    const [name, field] = NAMED.find(([, { keys }]) => keys.includes(key)) ?? [];
    if (!field?.again) {
      if (seen.has(key)) complain(`“${key.slice(0, 24)}” twice (the last is taken)`);
      seen.add(key);
    }
    if (!name || !field) {
      if (key) complain(`“${key.slice(0, 24)}” (unknown)`);
      continue;
    }
    const value = field.read(text, complain, key, state[name]);
    if (value === undefined) complain(`${key} “${text.slice(0, 24)}” (not understood)`);
    else state[name] = value;
  }
  return { state: state as unknown as PageState, complaints };
}
