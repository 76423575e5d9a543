/** A tiny random model with a published architecture's true keys, names and shapes, as a file. */
import { type Value, writeFileOf } from '../writeGguf.ts';
import { build, type PublishedModel } from './archs.mjs';

const LISTS: Readonly<Record<string, { type: number; of: (values: number[]) => ArrayBufferView }>> = {
  'arr:u32': { type: 4, of: (values) => Uint32Array.from(values) },
  'arr:i32': { type: 5, of: (values) => Int32Array.from(values) },
  'arr:f32': { type: 6, of: (values) => Float32Array.from(values) },
  'arr:bool': { type: 7, of: (values) => Uint8Array.from(values, Number) },
};

function metadataValue(kind: string, value: unknown) {
  if (kind === 'u32') return { u32: value as number };
  if (kind === 'i32') return { i32: value as number };
  if (kind === 'f32') return { f32: value as number };
  if (kind === 'arr:str') return { strings: value as string[] };
  if (kind in LISTS) {
    const { type, of } = LISTS[kind];
    const { buffer } = of(value as number[]);
    return { type, count: (value as number[]).length, bytes: new Uint8Array(buffer) };
  }
  return value as string | boolean;
}

export function publishedFile(
  name: string,
  options?: Parameters<typeof build>[1],
  more: { metadata?: Record<string, Value>; tensors?: Parameters<typeof writeFileOf>[1] } = {},
): { model: PublishedModel; bytes: Uint8Array } {
  const model = build(name, options);
  const metadata = Object.fromEntries(model.meta.map(([key, kind, value]) => [key, metadataValue(kind, value)]));
  const tensors = model.tensors.map(({ name, ne, type, bytes }) => ({ name, shape: ne, typeId: type, data: bytes }));
  const bytes = writeFileOf({ ...metadata, ...more.metadata }, [...tensors, ...(more.tensors ?? [])]);
  return { model, bytes };
}
