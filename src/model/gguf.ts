/**
 * GGUF v2 and v3: the header, the metadata and where each tensor lies (ggml/docs/gguf.md).
 * The bytes are not trusted: every count is held against the bytes that are left before anything is allocated.
 */
import { UserError } from './errors.ts';

/** Numbers as compactly as they stand in the file; true is 1, and 64-bit integers are the nearest number. */
export type NumberList =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export type MetadataValue = number | boolean | string | readonly string[] | NumberList;

interface TensorInfo {
  readonly name: string;
  readonly typeId: number;
  /** ggml's order: shape[0] is contiguous. */
  readonly shape: readonly number[];
  /** From the start of the data section. */
  readonly offset: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly alignment: number;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly infos: readonly TensorInfo[];
  /** The first aligned byte after the header, where the tensors' offsets count from. */
  readonly start: number;
}

export interface GgufFile extends GgufHeader {
  /** Everything from `start` on. */
  readonly data: Uint8Array;
}

/** The header goes on behind the bytes that were given, though not behind the file's. */
export class MoreNeeded extends Error {}

const MAGIC = 0x46554747; // "GGUF"
/** Texts in one list. */
const MAX_TEXTS = 1 << 22;
const DOWNLOAD_AGAIN = 'Download or export the file again.';

/** ggml's metadata value types. */
enum ValueType {
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  Bool,
  String,
  Array,
  U64,
  I64,
  F64,
}
/** The fewest bytes one value of each type takes. */
const MIN_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];
/** What holds a list of each type; of 64-bit integers after they have become numbers. */
const LISTS = {
  [ValueType.U8]: Uint8Array,
  [ValueType.I8]: Int8Array,
  [ValueType.U16]: Uint16Array,
  [ValueType.I16]: Int16Array,
  [ValueType.U32]: Uint32Array,
  [ValueType.I32]: Int32Array,
  [ValueType.F32]: Float32Array,
  [ValueType.Bool]: Uint8Array,
  [ValueType.F64]: Float64Array,
};

export const badFile = (message: string, hint = DOWNLOAD_AGAIN) => new UserError('bad-file', message, hint);

/** A cursor over untrusted bytes: every read is checked, and says what was being read when the file ended. */
class Reader {
  private readonly view: DataView;
  // A byte order mark is part of a token like any other character.
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  position = 0;

  constructor(
    private readonly bytes: Uint8Array,
    readonly total: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.total - this.position;
  }

  private take(size: number, what: string): number {
    if (size > this.left) throw badFile(`The file ends in the middle of ${what}, so it is not complete.`);
    if (this.position + size > this.bytes.length) throw new MoreNeeded();
    const at = this.position;
    this.position += size;
    return at;
  }

  u32(what: string): number {
    return this.view.getUint32(this.take(4, what), true);
  }

  /** A u64 that has to be an exact integer in JavaScript. */
  u64(what: string): number {
    const value = this.view.getBigUint64(this.take(8, what), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw badFile(`The file gives an impossible size (${value}) for ${what}.`);
    return Number(value);
  }

  /** A count of things of at least `minBytes` each, which therefore cannot exceed what is left. */
  count(minBytes: number, what: string): number {
    const value = this.u64(what);
    if (value > this.left / minBytes)
      throw badFile(`The file announces ${value} of ${what}, more than it has room for.`);
    return value;
  }

  string(what: string): string {
    const size = this.u64(what);
    const at = this.take(size, what);
    return this.utf8.decode(this.bytes.subarray(at, at + size));
  }

  /** One metadata value. 64-bit integers become the nearest number. */
  value(type: number, what: string): MetadataValue {
    const view = this.view;
    switch (type) {
      case ValueType.U8:
        return view.getUint8(this.take(1, what));
      case ValueType.I8:
        return view.getInt8(this.take(1, what));
      case ValueType.U16:
        return view.getUint16(this.take(2, what), true);
      case ValueType.I16:
        return view.getInt16(this.take(2, what), true);
      case ValueType.U32:
        return this.u32(what);
      case ValueType.I32:
        return view.getInt32(this.take(4, what), true);
      case ValueType.F32:
        return view.getFloat32(this.take(4, what), true);
      case ValueType.Bool:
        return view.getUint8(this.take(1, what)) !== 0;
      case ValueType.String:
        return this.string(what);
      case ValueType.U64:
        return Number(view.getBigUint64(this.take(8, what), true));
      case ValueType.I64:
        return Number(view.getBigInt64(this.take(8, what), true));
      case ValueType.F64:
        return view.getFloat64(this.take(8, what), true);
      case ValueType.Array:
        return this.array(what);
      default:
        throw badFile(`The file has a metadata value of unknown type ${type} in ${what}.`);
    }
  }

  private array(what: string): readonly string[] | NumberList {
    const type: ValueType = this.u32(what);
    if (type === ValueType.Array || type >= MIN_BYTES.length) {
      throw badFile(`The file has an array of unknown type ${type} in ${what}.`);
    }
    const count = this.count(MIN_BYTES[type], `entries in ${what}`);
    if (type === ValueType.String) {
      if (count > MAX_TEXTS) throw badFile(`The file announces ${count} entries in ${what}, more than is sensible.`);
      const texts: string[] = [];
      for (let i = 0; i < count; i++) texts.push(this.string(what));
      return texts;
    }
    const size = count * MIN_BYTES[type];
    const at = this.take(size, what);
    // A copy, for it lies at any address. Not slice(): a Node Buffer's is a view.
    const { buffer } = new Uint8Array(this.bytes.subarray(at, at + size));
    if (type === ValueType.U64) return Float64Array.from(new BigUint64Array(buffer), Number);
    if (type === ValueType.I64) return Float64Array.from(new BigInt64Array(buffer), Number);
    return new LISTS[type](buffer);
  }
}

function readMetadata(reader: Reader, count: number): Map<string, MetadataValue> {
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = reader.string(`the name of metadata entry ${i + 1}`);
    if (metadata.has(key)) throw badFile(`The file defines ${quote(key)} twice.`);
    const type = reader.u32(`metadata ${quote(key)}`);
    metadata.set(key, reader.value(type, `metadata ${quote(key)}`));
  }
  return metadata;
}

function readInfos(reader: Reader, count: number): TensorInfo[] {
  const infos: TensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = reader.string(`the name of tensor ${i + 1}`);
    const what = `the description of tensor ${quote(name)}`;
    if (names.has(name)) throw badFile(`The file defines tensor ${quote(name)} twice.`);
    names.add(name);
    const dimensions = reader.u32(what);
    if (dimensions < 1 || dimensions > 4) throw badFile(`Tensor ${quote(name)} has ${dimensions} dimensions.`);
    const shape: number[] = [];
    for (let d = 0; d < dimensions; d++) shape.push(reader.u64(what));
    if (shape.includes(0)) throw badFile(`Tensor ${quote(name)} is empty: its shape is [${shape.join(', ')}].`);
    const typeId = reader.u32(what);
    infos.push({ name, typeId, shape, offset: reader.u64(what) });
  }
  return infos;
}

/** A whole file. Throws UserError('bad-file') on anything that is not a well-formed GGUF v2 or v3. */
export function parseGguf(bytes: Uint8Array): GgufFile {
  const header = parseHeader(bytes, bytes.length);
  return { ...header, data: bytes.subarray(Math.min(header.start, bytes.length)) };
}

/**
 * Reads the header from the first bytes of a file of `total`. Throws MoreNeeded where they are too few, and
 * UserError('bad-file') on anything that is not a well-formed GGUF v2 or v3.
 */
export function parseHeader(bytes: Uint8Array, total: number): GgufHeader {
  const reader = new Reader(bytes, total);
  if (bytes.length < 4 || reader.u32('the magic') !== MAGIC) {
    throw badFile('This is not a GGUF file.', 'Choose a model file whose name ends in .gguf.');
  }
  const version = reader.u32('the version');
  if (version !== 2 && version !== 3) {
    const bigEndian = version === 0x02000000 || version === 0x03000000;
    const kind = bigEndian ? 'a big-endian GGUF file' : `GGUF version ${version}`;
    throw badFile(
      `This is ${kind}; only little-endian versions 2 and 3 can be read.`,
      'Convert it with a current llama.cpp.',
    );
  }
  const tensorCount = reader.count(32, 'tensors');
  const metadataCount = reader.count(13, 'metadata entries');
  const metadata = readMetadata(reader, metadataCount);
  const infos = readInfos(reader, tensorCount);
  const alignment = metadata.get('general.alignment') ?? 32;
  if (
    typeof alignment !== 'number' ||
    alignment < 1 ||
    alignment > 1 << 20 ||
    !Number.isInteger(Math.log2(alignment))
  ) {
    throw badFile(`The file asks for an alignment of ${String(alignment).slice(0, 40)}, which is not a power of two.`);
  }
  const start = Math.ceil(reader.position / alignment) * alignment;
  return { version, alignment, metadata, infos, start };
}

/** A name from the file, made fit for a sentence. */
export function quote(name: string): string {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return JSON.stringify(shown);
}
