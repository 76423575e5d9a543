/**
 * A race that can be gone on with, and as a file: safetensors (a header of JSON, then the numbers), which other programs read,
 * too. What a run was about stands in the header's metadata.
 */
import { UserError } from '../model/errors.ts';
import type { Pixels } from '../reference/painter/inputs.ts';
import { type Kind, TEXT_SCALES } from './race.ts';
import type { SavedRun } from './types.ts';

interface Saved {
  /** As a link has them. */
  readonly settings: string;
  readonly runs: readonly (SavedRun & { readonly milliseconds: number })[];
}

export interface SavedPainters extends Saved {
  readonly picture: Pixels;
  readonly batch: number;
  readonly octaves: number;
}

export interface SavedWriters extends Saved {
  /** A kind each. */
  readonly texts: readonly NamedText[];
  /** Whether somebody brought them. */
  readonly own: boolean;
  readonly scale: Kind;
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export type SavedRace = SavedPainters | SavedWriters;

const MARK = 'moescope-race';
const PARTS = ['weights', 'average', 'first', 'second', 'bias'] as const;
/** Of three models of 64 experts, and of what is no such file. */
const MOST_BYTES = 400_000_000;
const MOST_HEADER = 100_000;
/** A sample each is shown. */
export const MOST_KINDS = 12;

/** Whether a file's name promises one. */
export const isSavedName = (name: string): boolean => name.endsWith('.safetensors');

export function writeSaved(race: SavedRace): Blob {
  const { settings, runs } = race;
  const tensors: Record<string, unknown> = {};
  const data: BlobPart[] = [];
  let at = 0;
  const add = (name: string, dtype: 'F32' | 'U8', shape: number[], bytes: Uint8Array<ArrayBuffer>) => {
    tensors[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    data.push(bytes);
    at += bytes.length;
  };
  for (const [i, run] of runs.entries())
    for (const part of PARTS)
      add(
        `${i}.${part}`,
        'F32',
        [run[part].length],
        new Uint8Array(run[part].buffer, run[part].byteOffset, run[part].byteLength),
      );
  let learned: Record<string, unknown>;
  if ('picture' in race) {
    const { picture, batch, octaves } = race;
    add('picture', 'U8', [picture.height, picture.width, 4], new Uint8Array(picture.data));
    learned = { batch, octaves };
  } else {
    const texts = new TextEncoder().encode(JSON.stringify(race.texts));
    add('texts', 'U8', [texts.length], texts);
    learned = { own: race.own, scale: race.scale };
  }
  const about = { settings, ...learned, runs: runs.map(({ steps, milliseconds }) => ({ steps, milliseconds })) };
  const header = JSON.stringify({ __metadata__: { format: MARK, about: JSON.stringify(about) }, ...tensors });
  const text = new TextEncoder().encode(header.padEnd(8 * Math.ceil(header.length / 8)));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return new Blob([length, text, ...data]);
}

const bad = (message: string) =>
  new UserError('bad-file', message, 'Files that “Weights as a file” saved can be opened.');
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCount = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** @throws UserError with one sentence that says what is wrong. */
export async function readSaved(file: Blob): Promise<SavedRace> {
  if (file.size > MOST_BYTES) throw bad('This file is larger than any that holds a race.');
  const bytes = await file.arrayBuffer();
  const view = new DataView(bytes);
  const size = bytes.byteLength >= 8 ? view.getBigUint64(0, true) : 0n;
  if (size < 2n || size > BigInt(Math.min(MOST_HEADER, bytes.byteLength - 8))) throw bad('This file holds no race.');
  const start = 8 + Number(size);
  const header = parsed(new TextDecoder().decode(new Uint8Array(bytes, 8, Number(size))));
  const metadata = isObject(header?.__metadata__) ? header.__metadata__ : {};
  if (!header || metadata.format !== MARK) throw bad('This file holds no race.');
  const about = typeof metadata.about === 'string' ? parsed(metadata.about) : null;
  const damaged = () => bad('This file is damaged: what it says of itself does not fit what it holds.');
  const find = (name: string, dtype: string): { shape: unknown; bytes: ArrayBuffer } => {
    const tensor = Object.hasOwn(header, name) ? header[name] : null;
    const [from, to] = isObject(tensor) && Array.isArray(tensor.data_offsets) ? tensor.data_offsets : [];
    const room = bytes.byteLength - start;
    if (!isObject(tensor) || tensor.dtype !== dtype || !isCount(from, room) || !isCount(to, room) || to < from)
      throw damaged();
    return { shape: tensor.shape, bytes: bytes.slice(start + from, start + to) };
  };
  const { settings, batch, octaves, own, scale, runs } = about ?? {};
  if (typeof settings !== 'string' || !Array.isArray(runs) || runs.length < 2 || runs.length > 3) throw damaged();
  const written = Object.hasOwn(header, 'texts');
  return { settings, ...(written ? writers() : painters()), runs: readRuns(runs) };

  function painters() {
    if (!isCount(batch, 65536) || !isCount(octaves, 12) || !batch || !octaves) throw damaged();
    const picture = find('picture', 'U8');
    const [height, width] = Array.isArray(picture.shape) ? picture.shape : [];
    if (!isCount(width, 1024) || !isCount(height, 1024) || picture.bytes.byteLength !== 4 * width * height || !width)
      throw damaged();
    return { batch, octaves, picture: { width, height, data: new Uint8ClampedArray(picture.bytes) } };
  }

  function writers() {
    const texts = parsed(new TextDecoder().decode(find('texts', 'U8').bytes));
    const isText = (each: unknown): each is NamedText =>
      isObject(each) && typeof each.name === 'string' && typeof each.text === 'string';
    if (!Array.isArray(texts) || !texts.length || texts.length > MOST_KINDS || !texts.every(isText)) throw damaged();
    if (typeof own !== 'boolean' || typeof scale !== 'string' || !Object.hasOwn(TEXT_SCALES, scale)) throw damaged();
    return { own, scale: scale as Kind, texts };
  }

  function readRuns(runs: readonly unknown[]) {
    return runs.map((run, i) => {
      const { steps, milliseconds } = isObject(run) ? run : {};
      if (!isCount(steps, 1e9) || typeof milliseconds !== 'number' || !(milliseconds >= 0)) throw damaged();
      const floats = (part: string) => {
        const { bytes } = find(`${i}.${part}`, 'F32');
        if (bytes.byteLength % 4) throw damaged();
        const values = new Float32Array(bytes);
        if (!values.every(Number.isFinite)) throw damaged();
        return values;
      };
      const [weights, average, first, second, bias] = PARTS.map(floats);
      return { steps, milliseconds, weights, average, first, second, bias };
    });
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
