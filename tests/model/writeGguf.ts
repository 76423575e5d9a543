/** A small GGUF v3 writer, for tests only: any metadata, tensors in the four formats that are read. */
import type { PlainType } from '../../src/model/randomTensor.ts';
import { quantise } from './quantise.ts';

type Scalar =
  | { readonly u16: number }
  | { readonly u32: number }
  | { readonly i32: number }
  | { readonly f32: number }
  | boolean
  | string;
/** A list of any of ggml's types, as its bytes. */
interface RawList {
  readonly type: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}
export type Value = Scalar | { readonly strings: readonly string[] } | { readonly i32s: readonly number[] } | RawList;

/** The metadata section of another file, as it stands there. */
export interface RawMetadata {
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface SourceTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: PlainType;
  readonly values: Float32Array;
}

const ALIGNMENT = 32;
const TYPE_ID: Record<PlainType, number> = { f32: 0, f16: 1, q4_0: 2, q8_0: 8 };
const utf8 = new TextEncoder();

/** Bytes appended piece by piece. */
class Writer {
  private pieces: Uint8Array[] = [];
  length = 0;

  bytes(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }
  private scalar(size: number, write: (view: DataView) => void): void {
    const piece = new Uint8Array(size);
    write(new DataView(piece.buffer));
    this.bytes(piece);
  }
  u16 = (value: number) => this.scalar(2, (view) => view.setUint16(0, value, true));
  u32 = (value: number) => this.scalar(4, (view) => view.setUint32(0, value, true));
  i32 = (value: number) => this.scalar(4, (view) => view.setInt32(0, value, true));
  f32 = (value: number) => this.scalar(4, (view) => view.setFloat32(0, value, true));
  u64 = (value: number) => this.scalar(8, (view) => view.setBigUint64(0, BigInt(value), true));
  string(value: string): void {
    const bytes = utf8.encode(value);
    this.u64(bytes.length);
    this.bytes(bytes);
  }
  pad(): void {
    this.bytes(new Uint8Array((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT));
  }
  join(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }
}

function writeValue(out: Writer, value: Value): void {
  if (typeof value === 'boolean') {
    out.u32(7);
    out.bytes(Uint8Array.of(value ? 1 : 0));
  } else if (typeof value === 'string') {
    out.u32(8);
    out.string(value);
  } else if ('u16' in value) {
    out.u32(2);
    out.u16(value.u16);
  } else if ('u32' in value) {
    out.u32(4);
    out.u32(value.u32);
  } else if ('i32' in value) {
    out.u32(5);
    out.i32(value.i32);
  } else if ('f32' in value) {
    out.u32(6);
    out.f32(value.f32);
  } else if ('strings' in value) {
    out.u32(9);
    out.u32(8);
    out.u64(value.strings.length);
    for (const text of value.strings) out.string(text);
  } else if ('bytes' in value) {
    out.u32(9);
    out.u32(value.type);
    out.u64(value.count);
    out.bytes(value.bytes);
  } else {
    out.u32(9);
    out.u32(5);
    out.u64(value.i32s.length);
    for (const number of value.i32s) out.i32(number);
  }
}

const isRaw = (metadata: Readonly<Record<string, Value>> | RawMetadata): metadata is RawMetadata =>
  metadata.bytes instanceof Uint8Array;

/** A whole file. Tensors are quantised as their type says. */
export function writeGguf(
  metadata: Readonly<Record<string, Value>> | RawMetadata,
  tensors: readonly SourceTensor[],
): Uint8Array {
  const stored = tensors.map(({ name, shape, type, values }) => ({
    ...{ name, shape },
    typeId: TYPE_ID[type],
    data: quantise(type, values),
  }));
  return writeFileOf(metadata, stored);
}

interface StoredTensor extends Pick<SourceTensor, 'name' | 'shape'> {
  readonly typeId: number;
  /** Only its length counts for a header. */
  readonly data: { readonly length: number };
}

/** A whole file of tensors that are bytes already. */
export function writeFileOf(
  metadata: Readonly<Record<string, Value>> | RawMetadata,
  tensors: readonly (StoredTensor & { readonly data: Uint8Array })[],
): Uint8Array {
  const out = new Writer();
  out.bytes(writeHeader(metadata, tensors));
  for (const { data } of tensors) {
    out.pad();
    out.bytes(data);
  }
  out.pad();
  return out.join();
}

/** Everything in front of the tensors' bytes. */
export function writeHeader(
  metadata: Readonly<Record<string, Value>> | RawMetadata,
  tensors: readonly StoredTensor[],
): Uint8Array {
  const out = new Writer();
  out.bytes(utf8.encode('GGUF'));
  out.u32(3);
  out.u64(tensors.length);
  if (isRaw(metadata)) {
    out.u64(metadata.count);
    out.bytes(metadata.bytes);
  } else {
    out.u64(Object.keys(metadata).length);
    for (const [key, value] of Object.entries(metadata)) {
      out.string(key);
      writeValue(out, value);
    }
  }
  let offset = 0;
  for (const { name, shape, typeId, data } of tensors) {
    out.string(name);
    out.u32(shape.length);
    for (const n of shape) out.u64(n);
    out.u32(typeId);
    out.u64(offset);
    offset = Math.ceil((offset + data.length) / ALIGNMENT) * ALIGNMENT;
  }
  out.pad();
  return out.join();
}
