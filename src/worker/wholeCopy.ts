/** A model's file that is kept whole on this machine. */
import type { HttpSource } from '../model/httpSource.ts';
import { type ByteSource, blobSource } from '../model/source.ts';
import type { KeepOptions, KeptAbout } from './kept.ts';

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
