/** Headers that were damaged, of every architecture: each is opened as far as a header goes, or refused in one sentence. */
import { roomFor } from '../../src/engine/webgpu/placement.ts';
import type { Gpu } from '../../src/gpu/types.ts';
import { parseGguf } from '../../src/model/gguf.ts';
import { openModel } from '../../src/model/load.ts';
import { memorySource } from '../../src/model/source.ts';
import { SPECS } from '../model/published/archs.mjs';
import { publishedFile } from '../model/published/file.ts';
import { NUMBERS, unclear } from './damage.ts';
import type { Chance, Suite } from './random.ts';

interface File {
  readonly bytes: Uint8Array;
  /** All that comes before the tensors, as it was. */
  readonly front: Uint8Array;
  /** Where entries of the metadata and descriptions of tensors begin, behind their names. */
  readonly places: readonly number[];
}

/** Layers of some files are told one by one, so these have as many as they come with. */
const FILES: readonly File[] = Object.keys(SPECS).map((name) => {
  const { bytes } = publishedFile(name);
  const { start, metadata, infos } = parseGguf(bytes);
  const front = bytes.slice(0, start);
  const text = Buffer.from(front);
  const places = [...metadata.keys(), ...infos.map((info) => info.name)].map((name) => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(name.length));
    return text.indexOf(Buffer.concat([size, Buffer.from(name)])) + 8 + name.length;
  });
  return { bytes, front, places };
});

/** Where, behind its name, an entry has a number, the letters of a text, the first of a list; a tensor its sizes. */
const VALUES = [4, 4, 4, 12, 16, 20];
const FLOATS = [0, -0, 1e-45, -1, 0.5, 1, 1e30, Infinity, -Infinity, NaN];

/** In place: only the front is ever written. */
function damage({ bytes, front, places }: File, chance: Chance): Uint8Array {
  bytes.set(front);
  const damaged = bytes.subarray(0, front.length);
  const view = new DataView(damaged.buffer, damaged.byteOffset, damaged.length);
  // One wrong value in a sound header gets furthest.
  const single = chance.next() < 0.6;
  for (let i = single ? 0 : chance.whole(3); i >= 0; i--) {
    const entry = chance.of(places) + chance.of(VALUES);
    const at = Math.min(single || chance.next() < 0.5 ? entry : chance.whole(front.length), front.length - 8);
    switch (chance.whole(6)) {
      case 0:
        damaged[at] ^= 1 << chance.whole(8);
        break;
      case 1:
        view.setUint32(at, chance.whole(20), true);
        break;
      case 2:
        view.setUint32(at, Number(chance.of(NUMBERS) & 0xffffffffn), true);
        break;
      case 3:
        view.setBigUint64(at, chance.of(NUMBERS), true);
        break;
      case 4:
        view.setFloat32(at, chance.of(FLOATS), true);
        break;
      default:
        damaged.copyWithin(at, chance.of(places), chance.of(places));
    }
  }
  return chance.next() < 0.02 ? bytes.subarray(0, chance.whole(front.length)) : bytes;
}

/** WebGPU's default limits. */
const LIMITS = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 };
const GPU = { device: { limits: LIMITS } } as Gpu;

export const headers = (count: number): Suite => ({
  name: 'headers',
  count,
  most: 2000,
  run: async (chance, number) => {
    const source = memorySource(damage(FILES[number % FILES.length], chance));
    const before = process.memoryUsage().arrayBuffers;
    try {
      const model = await openModel(source, 0);
      roomFor(GPU, model);
      model.tokenizer.decode(model.tokenizer.encode('hello'));
    } catch (error) {
      const wrong = unclear(error);
      if (wrong) return wrong;
    }
    const took = process.memoryUsage().arrayBuffers - before;
    return took > 64e6 ? `took ${Math.round(took / 1e6)} MB` : null;
  },
});
