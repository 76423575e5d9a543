/** A model's file that is kept whole on this machine. */
import type { HttpSource } from '../model/httpSource.ts';
import type { Ranges } from '../model/ranges.ts';
import { type ByteSource, blobSource } from '../model/source.ts';

/**
 * Reads from the copy. Who deletes it while its model is open still needs it, where a device is lost or an expert is brought:
 * then the server is asked for the same version.
 */
export function wholeCopy(
  file: Blob,
  { url, bytes, tag }: Pick<KeptAbout, 'url' | 'bytes' | 'tag'>,
  { signal, remote }: Required<Pick<KeepOptions, 'remote'>> & Pick<KeepOptions, 'signal'>,
): ByteSource {
  const copy = blobSource(file, signal);
  let server: Promise<HttpSource | null> | null = null;
  const fetched = async (from: number, to: number, gone: unknown) => {
    signal?.throwIfAborted();
    server ??= remote(url, signal);
    const again = await server;
    if (again?.bytes !== bytes || again.tag !== tag) throw gone;
    return again.read(from, to);
  };
  return { bytes, read: (from, to) => copy.read(from, to).catch((gone) => fetched(from, to, gone)) };
}

/** What stands beside a copy, as JSON. */
export interface KeptAbout {
  readonly url: string;
  readonly bytes: number;
  /** The server's own name for this version, where it gives one. */
  readonly tag: string | null;
  /** Of the bytes that are here, in order. */
  readonly have: Ranges;
  /** ISO 8601, when it was last opened. */
  readonly date: string;
}

export interface KeepOptions {
  readonly signal?: AbortSignal;
  readonly storage?: Pick<StorageManager, 'getDirectory' | 'estimate'>;
  readonly remote?: (url: string, signal?: AbortSignal) => Promise<HttpSource | null>;
}
