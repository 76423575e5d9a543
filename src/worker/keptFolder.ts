/** Where kept copies of model files and their descriptions lie: in the origin's private file system, under names of their URLs. */
import { joined, type Ranges } from '../model/ranges.ts';
import type { KeptAbout } from './wholeCopy.ts';

const FOLDER = 'models';
/** Milliseconds in which a page that was just left or reloaded lets go of its files. */
const LETTING_GO = 3_000;

/** The same for every visit, and no path: a URL may hold anything. */
export async function nameOf(url: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url)));
  return [...hash.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Where copies and their descriptions lie; null where storage is denied. */
export async function openFolder(
  storage: Pick<StorageManager, 'getDirectory'> = navigator.storage,
): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await (await storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  } catch {
    return null;
  }
}

/** @throws DOMException where somebody else holds the file, and keeps holding it */
export async function handleOf(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemSyncAccessHandle> {
  const file = await folder.getFileHandle(name, { create: true });
  for (const end = Date.now() + LETTING_GO; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

export async function readAbout(folder: FileSystemDirectoryHandle, name: string): Promise<KeptAbout | null> {
  try {
    const file = await (await folder.getFileHandle(`${name}.json`)).getFile();
    const about = JSON.parse(await file.text()) as KeptAbout;
    const within = ([from, to]: readonly number[]) =>
      Number.isSafeInteger(from) && from >= 0 && Number.isSafeInteger(to) && to <= about.bytes;
    return { ...about, have: about.have.filter(within).reduce<Ranges>((all, [from, to]) => joined(all, from, to), []) };
  } catch {
    return null;
  }
}

export async function writeAbout(folder: FileSystemDirectoryHandle, name: string, about: KeptAbout): Promise<void> {
  const handle = await handleOf(folder, `${name}.json`);
  // In one write, over the whole of what was there: who is killed meanwhile leaves the one or the other.
  const text = new TextEncoder().encode(JSON.stringify(about));
  const bytes = new Uint8Array(Math.max(text.length, handle.getSize())).fill(' '.charCodeAt(0));
  bytes.set(text);
  handle.write(bytes, { at: 0 });
  handle.flush();
  handle.close();
}

/** All that is kept, the latest first; none where storage is denied. */
export async function keptCopies(): Promise<KeptAbout[]> {
  const folder = await openFolder();
  const found: KeptAbout[] = [];
  if (!folder) return found;
  for await (const name of folder.keys()) {
    const about = name.endsWith('.json') ? await readAbout(folder, name.slice(0, -'.json'.length)) : null;
    if (about) found.push(about);
  }
  return found.sort((a, b) => b.date.localeCompare(a.date));
}
