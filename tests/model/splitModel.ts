/** A random model split over files, as llama.cpp's gguf-split does it: all metadata in the first, its own tensors in each. */
import type { Architecture } from '../../src/model/types.ts';
import { type RandomModelOptions, randomModelParts } from './randomModel.ts';
import { writeGguf } from './writeGguf.ts';

export function splitModel(architecture: Architecture, parts: number, options?: RandomModelOptions): Uint8Array[] {
  const { metadata, tensors } = randomModelParts(architecture, options);
  const each = Math.ceil(tensors.length / parts);
  return Array.from({ length: parts }, (_, i) => {
    const split = {
      'split.no': { u16: i },
      'split.count': { u16: parts },
      'split.tensors.count': { i32: tensors.length },
    };
    return writeGguf(i === 0 ? { ...metadata, ...split } : split, tensors.slice(i * each, (i + 1) * each));
  });
}

export const partName = (i: number, of: number, name = 'model'): string =>
  `${name}-${String(i + 1).padStart(5, '0')}-of-${String(of).padStart(5, '0')}.gguf`;
