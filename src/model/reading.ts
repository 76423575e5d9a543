/** From where a file lies to its header and tensors. Of a large file only the header is read. */
import { UserError } from './errors.ts';
import { type GgufHeader, MoreNeeded, parseHeader } from './gguf.ts';
import { inOrder, joined } from './parts.ts';
import { placeTensors, readTensors } from './placing.ts';
import type { ByteSource } from './source.ts';
import type { Tensor } from './types.ts';

/** The first question for a header, which most often holds all of it but a large vocabulary. */
const FIRST_READ = 2 ** 20;
/** No vocabulary is larger. */
const MOST_HEADER = 2 ** 27;

export interface FileRead {
  readonly header: GgufHeader;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

async function readHeader(source: ByteSource): Promise<GgufHeader> {
  for (let size = FIRST_READ; ; size *= 4) {
    const bytes = await source.read(0, Math.min(size, source.bytes));
    try {
      return parseHeader(bytes, source.bytes);
    } catch (error) {
      if (!(error instanceof MoreNeeded)) throw error;
      if (size >= MOST_HEADER) throw new UserError('bad-file', 'The header of this file has no end.');
    }
  }
}

/** Tensors that are read when an engine takes them. */
function storedTensors(source: ByteSource, header: GgufHeader): Map<string, Tensor> {
  const placed = placeTensors(header, source.bytes - header.start);
  return new Map(
    placed.map(({ name, type, shape, offset }) => {
      const at = header.start + offset;
      const stored = {
        read: (from: number, to: number) => source.read(at + from, at + to),
        here: (from: number, to: number) => source.here?.(at + from, at + to) ?? true,
      };
      return [name, { name, type, shape, data: new Uint8Array(0), stored }];
    }),
  );
}

async function wholeTensors(source: ByteSource, header: GgufHeader): Promise<Map<string, Tensor>> {
  return readTensors({ ...header, data: await source.read(Math.min(header.start, source.bytes), source.bytes) });
}

/** One model from one file or from all its parts, in memory or not. @throws UserError bad-file, and what the sources throw */
export async function readFiles(sources: readonly ByteSource[], inMemory: boolean): Promise<FileRead> {
  const read: { readonly source: ByteSource; readonly header: GgufHeader }[] = [];
  for (const source of sources) read.push({ source, header: await readHeader(source) });
  const parts = sources.length > 1 ? inOrder(read) : read;
  const maps: Map<string, Tensor>[] = [];
  for (const { source, header } of parts)
    maps.push(inMemory ? await wholeTensors(source, header) : storedTensors(source, header));
  const [{ header }] = parts;
  if (parts.length === 1) return { header, tensors: maps[0] };
  const metadata = new Map([...header.metadata].filter(([key]) => key !== 'split.count'));
  const infos = parts.flatMap((part) => part.header.infos);
  return { header: { ...header, metadata, infos }, tensors: joined(header, maps) };
}
