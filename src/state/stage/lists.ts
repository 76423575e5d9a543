/** Where lists of scenes come from: beside the page, or from the visitor. */
import { UserError } from '../../model/errors.ts';
import { asFault } from '../session/faults.ts';
import type { Session } from '../session/session.ts';
import { MARK, MOST_BYTES, parseScenes, type SceneList } from './scenes.ts';

/** The name of a visitor's own list: no link can carry it to others, but this tab finds it again after a reload. */
const YOURS = 'yours';

let own: string | null = null;
let brought = 0;

function kept(): string | null {
  try {
    return own ?? sessionStorage.getItem(MARK);
  } catch {
    return own;
  }
}

function keep(text: string): void {
  own = text;
  try {
    sessionStorage.setItem(MARK, text);
  } catch {
    // Storage is denied or full: the list lives as long as the page.
  }
}

async function read(name: string): Promise<string> {
  if (/^yours(-\d+)?$/.test(name)) {
    const text = kept();
    if (text !== null) return text;
    throw new UserError(
      'bad-file',
      'Your own list of scenes is not here any more.',
      'Drop the file on the page again.',
    );
  }
  const path = /\.json$/.test(name) ? name : `scenes/${name}.json`;
  const folder = new URL('.', document.baseURI);
  const url = new URL(path, folder);
  // A link may be anybody's: it reaches what lies beside the page and below, and nothing else of this site.
  const isBelow = (address: string) => address.startsWith(folder.href);
  if (!isBelow(url.href)) {
    throw new UserError('bad-file', `The list of scenes “${name.slice(0, 60)}” lies outside of this page’s folder.`);
  }
  const failed = () => new UserError('network', `The list of scenes “${name.slice(0, 60)}” could not be fetched.`);
  const response = await fetch(url).catch(() => null);
  if (!response?.ok || !response.body || !isBelow(response.url)) throw failed();
  return upTo(MOST_BYTES, response.body);
}

/** Reads no further than one byte more than may be, which parseScenes() refuses. */
async function upTo(most: number, body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (const reader = body.getReader(); size <= most; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    if (size > most) await reader.cancel();
  }
  return new Blob(parts).text();
}

/** @throws UserError when there is no such list, or it is not one. */
export async function fetchScenes(name: string): Promise<SceneList> {
  return parseScenes(await read(name));
}

/** Begins the talk that a visitor brings; what is wrong with it is said, and nothing changes. */
export function openScenes(session: Session, text: string): void {
  try {
    parseScenes(text);
  } catch (thrown) {
    session.tell(asFault(thrown), 'fault', ['dismiss']);
    return;
  }
  keep(text);
  // Another list is another talk, so it has another name.
  session.present(brought++ ? `${YOURS}-${brought}` : YOURS);
}
