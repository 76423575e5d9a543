/**
 * A copy of a model file in the origin's private file system, which grows while the file is read: what is there is never
 * fetched again, after a reload or a broken connection either. docs/architecture.md, "Kept copies".
 */
import { UserError } from '../model/errors.ts';
import { type HttpSource, httpSource } from '../model/httpSource.ts';
import { covered, gapsOf, lengthOf, type Ranges } from '../model/ranges.ts';
import { type ByteSource, blobSource } from '../model/source.ts';
import { GrowingFile, PIECE } from './growingFile.ts';
import { handleOf, nameOf, openFolder, readAbout, writeAbout } from './keptFolder.ts';
import { type KeepOptions, type KeptAbout, wholeCopy } from './wholeCopy.ts';

const RETRY = 'Check the connection and try again.';

export interface KeptSource extends ByteSource {
  /** Why nothing is kept; null where it is. */
  readonly notKept: string | null;
  /** The file was another when it was last read, and is fetched anew. */
  readonly changed: boolean;
  /** Fetches what no tensor needed, so that the whole file is here. */
  finish(): Promise<void>;
  /** Writes down what is here and lets go of the file. */
  close(): void;
}

/**
 * The file behind a URL, from the copy as far as it goes. A whole copy needs no network.
 * @returns null where the server sends only whole files: fetch it whole.
 * @throws UserError network, bad-file
 */
export async function keptSource(url: string, options: KeepOptions = {}): Promise<KeptSource | null> {
  const { signal, storage = navigator.storage, remote = (from, stop) => httpSource(from, { signal: stop }) } = options;
  const folder = await openFolder(storage);
  // Without a folder there is no name either: over plain HTTP a browser offers neither storage nor hashes.
  const name = folder ? await nameOf(url) : '';
  const about = folder && (await readAbout(folder, name));
  if (folder && about && covered(about.have, 0, about.bytes)) {
    const file = await (await folder.getFileHandle(`${name}.gguf`)).getFile();
    // Who deletes a file by hand leaves its description.
    if (file.size === about.bytes) {
      await writeAbout(folder, name, { ...about, date: new Date().toISOString() });
      return {
        ...wholeCopy(file, about, { signal, remote }),
        notKept: null,
        changed: false,
        finish: async () => {},
        close: () => {},
      };
    }
  }
  const server = await remote(url, signal);
  if (!server) return null;
  const straight = (notKept: string): KeptSource => ({
    bytes: server.bytes,
    read: (from, to) => server.read(from, to),
    here: () => false,
    ...{ notKept, changed: false, finish: async () => {}, close: () => {} },
  });
  if (!folder) return straight('This browser gives the page no place to keep files.');
  const known = (now: KeptAbout | null): Ranges | null =>
    now?.bytes === server.bytes && now.tag === server.tag ? now.have : null;
  const { quota = 0, usage = 0 } = await storage.estimate().catch(() => ({}) as StorageEstimate);
  if (quota - usage < server.bytes - lengthOf(known(about) ?? []))
    return straight('The browser gives this page too little room to keep the file.');
  const file = await growing(storage, folder, { url, name, server }).catch(() => null);
  if (!file) return straight('Another tab is keeping this file already.');
  if (file.version.bytes !== server.bytes || file.version.tag !== server.tag)
    return straight('The server has another file now than the one that is open: the new one is not kept.');
  const first = file.users === 0;
  const copy = new GrowingCopy(server, file, async () => (await folder.getFileHandle(`${name}.gguf`)).getFile());
  copy.changed = first && file.changed;
  signal?.addEventListener('abort', () => copy.close(), { once: true });
  if (signal?.aborted) copy.close();
  return copy;
}

/** Open files of each storage, by their names. */
const open = new WeakMap<object, Map<string, Promise<GrowingFile>>>();

interface Asked {
  readonly url: string;
  readonly name: string;
  readonly server: HttpSource;
}

/** The file as this worker has it open, else opened now. @throws DOMException where another tab holds it */
async function growing(storage: object, folder: FileSystemDirectoryHandle, asked: Asked): Promise<GrowingFile> {
  const { name } = asked;
  const files = open.get(storage) ?? new Map<string, Promise<GrowingFile>>();
  open.set(storage, files);
  for (;;) {
    let opening = files.get(name);
    if (!opening) {
      const gone = () => void files.delete(name);
      opening = openFile(folder, asked, gone);
      files.set(name, opening);
      opening.catch(gone);
    }
    const file = await opening;
    // The last of the others may have closed it meanwhile.
    if (file.open) return file;
  }
}

async function openFile(
  folder: FileSystemDirectoryHandle,
  { url, name, server: { bytes, tag } }: Asked,
  onClose: () => void,
): Promise<GrowingFile> {
  const handle = await handleOf(folder, `${name}.gguf`);
  // As whoever held the file before has left it.
  const about = await readAbout(folder, name);
  const have = about?.bytes === bytes && about.tag === tag ? about.have : null;
  if (!have) handle.truncate(0);
  const writeDown = (now: Ranges) =>
    writeAbout(folder, name, { url, bytes, tag, have: now, date: new Date().toISOString() });
  return new GrowingFile({ bytes, tag }, handle, have ?? [], about !== null && !have, writeDown, onClose);
}

/**
 * A file from a server that sends it only whole: once, from its start to its end, into the copy.
 * @returns null where it cannot be kept: then it has to be held in memory.
 * @throws UserError network
 */
export async function keepWhole(
  url: string,
  onBytes: (done: number, total: number) => void,
  { signal, storage = navigator.storage }: KeepOptions = {},
): Promise<KeptSource | null> {
  const folder = await openFolder(storage);
  if (!folder) return null;
  const host = new URL(url).host;
  const response = await fetch(url, { signal }).catch(() => {
    signal?.throwIfAborted();
    throw new UserError('network', `${host} did not answer, or does not let other pages read the file.`, RETRY);
  });
  if (!response.ok || !response.body) throw new UserError('network', `${host} answered ${response.status}.`, RETRY);
  const name = await nameOf(url);
  const handle = await handleOf(folder, `${name}.gguf`).catch(() => null);
  if (!handle) return null;
  const total = Number(response.headers.get('content-length') ?? 0);
  let bytes = 0;
  const reader = response.body.getReader();
  try {
    handle.truncate(0);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (handle.write(value, { at: bytes }) !== value.length) return null;
      bytes += value.length;
      onBytes(bytes, Math.max(total, bytes));
    }
    handle.flush();
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as Error).name === 'QuotaExceededError') return null;
    throw new UserError('network', `The connection to ${host} broke after ${bytes} bytes of the model.`, RETRY);
  } finally {
    await reader.cancel().catch(() => {});
    handle.close();
  }
  const about: KeptAbout = {
    url,
    bytes,
    tag: response.headers.get('etag'),
    have: [[0, bytes]],
    date: new Date().toISOString(),
  };
  await writeAbout(folder, name, about);
  return keptSource(url, { signal, storage });
}

/** The file as one model reads it, from a server that listens to that model's signal. */
class GrowingCopy implements KeptSource {
  changed = false;
  private closed = false;

  constructor(
    private readonly server: HttpSource,
    private readonly file: GrowingFile,
    private readonly reopen: () => Promise<File>,
  ) {
    file.enter();
  }

  get bytes(): number {
    return this.server.bytes;
  }

  get notKept(): string | null {
    return this.file.notKept;
  }

  here = (from: number, to: number): boolean => covered(this.file.have, from, to);

  async read(from: number, to: number): Promise<Uint8Array> {
    const gaps = gapsOf(this.file.have, from, to);
    // A new device takes the weights from the copy, which nobody holds by then.
    if (!this.file.open && gaps.length === 0)
      return (
        this.reopen()
          .then((file) => blobSource(file).read(from, to))
          // It was deleted meanwhile.
          .catch(() => this.server.read(from, to))
      );
    const whole = gaps.length === 1 && gaps[0][0] === from && gaps[0][1] === to;
    if (whole) return this.fetch(from, to);
    const out = new Uint8Array(to - from);
    // What is here is read before anything is fetched: a copy that can be kept no longer is let go of.
    for (const [start, end] of gapsOf(gaps, from, to)) {
      const part = out.subarray(start - from, end - from);
      if (!this.file.read(part, start)) out.set(await this.server.read(start, end), start - from);
    }
    for (const [start, end] of gaps) out.set(await this.fetch(start, end), start - from);
    return out;
  }

  async finish(): Promise<void> {
    for (const [from, to] of gapsOf(this.file.have, 0, this.bytes)) await this.fetch(from, to);
    await this.file.note();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.file.leave();
  }

  /** Piece by piece, so that what has come before a connection breaks is kept. */
  private async fetch(from: number, to: number): Promise<Uint8Array> {
    if (to - from <= PIECE) return this.fetchPiece(from, to);
    const out = new Uint8Array(to - from);
    for (let at = from; at < to; at += PIECE) out.set(await this.fetchPiece(at, Math.min(at + PIECE, to)), at - from);
    return out;
  }

  private async fetchPiece(from: number, to: number): Promise<Uint8Array> {
    const bytes = await this.server.read(from, to);
    this.file.keep(from, bytes);
    return bytes;
  }
}
