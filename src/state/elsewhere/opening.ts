/** A model from an address that the visitor gives: asked about first, fetched only when host and size have been said. */
import { wholeName } from '../../model/parts.ts';
import { asFault } from '../session/faults.ts';
import type { Session } from '../session/session.ts';

const LONGEST = 2000;

/** An absolute address of a file, or why it is none. */
export function readUrl(text: string): { readonly url: URL } | { readonly problem: string } {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST) return { problem: `An address has at most ${LONGEST} characters.` };
  let url: URL;
  try {
    url = new URL(trimmed);
  } catch {
    return { problem: 'This is no address: it begins with https://.' };
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { problem: 'Only addresses that begin with https:// or http:// can be fetched.' };
  if (url.protocol === 'http:' && location.protocol === 'https:')
    return { problem: 'A page on https cannot fetch from http.' };
  // The page of a file on the hub, in place of the file itself.
  if (url.host === 'huggingface.co') url.pathname = url.pathname.replace('/blob/', '/resolve/');
  url.hash = '';
  return { url };
}

/** What a model is called by its address; a split one goes by what its parts have in common. */
export function nameIn(address: URL | string): string {
  const { pathname, host } = new URL(address);
  const name = pathname.split('/').at(-1) || host;
  try {
    return wholeName(decodeURIComponent(name)).slice(0, 80);
  } catch {
    // A per cent sign that encodes nothing.
    return name.slice(0, 80);
  }
}

/** Begins to open it; what goes wrong is said by the page. */
export function openUrl(session: Session, url: string, bytes: number): void {
  session.touched();
  session.writing.ask();
  void session.opening.openUrl(url, nameIn(url), bytes);
}

/** What the file is; a fault is thrown as one. */
export async function lookAt(session: Session, url: URL) {
  try {
    return await session.client.look(url.href);
  } catch (thrown) {
    throw asFault(thrown, `${url.host} did not answer.`);
  }
}
