/** Where a model file is read from, in any order: memory, a file of the visitor's, a server. */
import { UserError } from './errors.ts';

export interface ByteSource {
  /** Of the whole file. */
  readonly bytes: number;
  /** Exactly the bytes [from, to). @throws UserError network, bad-file; the source's own reason when it was given up. */
  read(from: number, to: number): Promise<Uint8Array>;
  /** Whether bytes [from, to) can be had without the network; where it is not said they can. */
  readonly here?: (from: number, to: number) => boolean;
}

export const memorySource = (bytes: Uint8Array): ByteSource => ({
  bytes: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
});

/** A chosen or dropped file: a part of it is read without the rest. */
export function blobSource(blob: Blob, signal?: AbortSignal): ByteSource {
  return {
    bytes: blob.size,
    async read(from, to) {
      signal?.throwIfAborted();
      let part: ArrayBuffer;
      try {
        part = await blob.slice(from, to).arrayBuffer();
      } catch {
        throw changed();
      }
      if (part.byteLength !== to - from) throw changed();
      return new Uint8Array(part);
    },
  };
}

const changed = () =>
  new UserError(
    'bad-file',
    'The file could not be read: it was moved or changed, or there is not enough memory for it.',
    'Choose it again, or close other tabs first.',
  );

/** The same source, which tells how many bytes have been read in all. */
export function counted(source: ByteSource, onBytes: (done: number) => void): ByteSource {
  let done = 0;
  return {
    bytes: source.bytes,
    here: source.here,
    async read(from, to) {
      const part = await source.read(from, to);
      done += part.length;
      onBytes(done);
      return part;
    },
  };
}
