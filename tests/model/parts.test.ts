/** Models that are split over files: what their parts are called, how they become one, and what is said of parts that cannot. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadModel, openModel } from '../../src/model/load.ts';
import { namesProblem, partNames, wholeName } from '../../src/model/parts.ts';
import { memorySource } from '../../src/model/source.ts';
import { residentModel } from '../../src/model/stored.ts';
import type { Tensor, Weights } from '../../src/model/types.ts';
import { randomModel } from './randomModel.ts';
import { partName, splitModel } from './splitModel.ts';

const OPTIONS = { tied: false, seed: 8 };
const WHOLE = randomModel('qwen3moe', OPTIONS);
const PARTS = splitModel('qwen3moe', 3, OPTIONS);
/** What comparing every byte by itself would take seconds for. */
const bytesOf = ({ layers, tokenEmbedding, outputNorm, output }: Weights) =>
  [tokenEmbedding, outputNorm, output, ...layers.flatMap((layer) => Object.values(layer))].map(
    (tensor: Tensor | null) =>
      tensor && [tensor.name, tensor.type, ...tensor.shape, createHash('sha256').update(tensor.data).digest('hex')],
  );
const opened = (parts: readonly Uint8Array[], atOnce?: number) => openModel(parts.map(memorySource), atOnce);

describe('names', () => {
  it.each([
    ['model-00001-of-00003.gguf', 'model.gguf', [1, 2, 3].map((i) => `model-0000${i}-of-00003.gguf`)],
    [
      '/a-00001-of-00002.gguf/b-00002-of-00002.GGUF',
      '/a-00001-of-00002.gguf/b.GGUF',
      [1, 2].map((i) => `/a-00001-of-00002.gguf/b-0000${i}-of-00002.GGUF`),
    ],
    [
      'https://h/m-00002-of-00002.gguf?download=true',
      'https://h/m.gguf?download=true',
      [1, 2].map((i) => `https://h/m-0000${i}-of-00002.gguf?download=true`),
    ],
  ])('%s', (name, whole, parts) => {
    expect(partNames(name)).toEqual(parts);
    expect(wholeName(name)).toBe(whole);
  });

  it.each([
    'm.gguf',
    'm-00001-of-00001.gguf',
    'm-00000-of-00002.gguf',
    'm-00003-of-00002.gguf',
    'm-1-of-2.gguf',
    'm-00001-of-99999.gguf',
    'm-00001-of-00002.gguf.part',
  ])('%s is no part', (name) => {
    expect(partNames(name)).toBeNull();
    expect(wholeName(name)).toBe(name);
  });

  it('says what keeps files from being one model', () => {
    const [a, b] = [partName(0, 2, 'a'), partName(1, 2, 'b')];
    expect(namesProblem([a, partName(1, 2, 'a')])).toBeNull();
    expect(namesProblem([a, b])).toBe(`“${a}” and “${b}” are parts of different models.`);
    expect(namesProblem([a, 'notes.txt'])).toMatch(/^“notes\.txt” is no part of a model/);
  });
});

describe('a split model', () => {
  it.each([
    ['in memory', undefined],
    ['read when it is needed', 0],
  ])('is the whole one, in whatever order its parts come: %s', async (_, atOnce) => {
    const whole = loadModel(WHOLE);
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
    ]) {
      const model = await opened(
        order.map((i) => PARTS[i]),
        atOnce,
      );
      expect(model.streamed).toBe(atOnce === 0);
      expect(model.bytes).toBe(PARTS.reduce((sum, part) => sum + part.length, 0));
      expect(model.config).toEqual(whole.config);
      expect(bytesOf((await residentModel(model)).weights)).toEqual(bytesOf(whole.weights));
    }
  });

  const other = splitModel('qwen3moe', 3, { ...OPTIONS, layers: 3 });
  it.each<[string, Uint8Array[], string]>([
    ['one part alone', [PARTS[1]], 'This file is part 2 of 3 of a model.'],
    ['a missing part', [PARTS[0], PARTS[2]], 'Part 2 of 3 is missing.'],
    ['missing parts', [splitModel('qwen3moe', 4)[2], splitModel('qwen3moe', 4)[1]], 'Parts 1 and 4 of 4 are missing.'],
    ['a part twice', [...PARTS, PARTS[1]], 'Part 2 of 3 is there twice.'],
    ['a whole model among them', [PARTS[0], WHOLE], 'One of these files is no part of a model.'],
    [
      'parts of other counts',
      [PARTS[0], splitModel('qwen3moe', 4)[1]],
      'One of these files is a part of 3, another of 4: they are parts of different models.',
    ],
    ['parts of a longer model', [PARTS[0], other[1], other[2]], 'they are parts of different models.'],
    ['tensors twice', [other[0], PARTS[1], other[2]], 'they are parts of different models.'],
  ])('is refused in one sentence: %s', async (_, parts, words) => {
    const refused = await opened(parts).catch((error) => error);
    expect(refused).toMatchObject({ code: 'bad-file', message: expect.stringContaining(words) });
    expect(refused.message.match(/\.(\s|$)/g)).toHaveLength(1);
  });

  it('that claims a thousand parts is refused', async () => {
    const [first] = splitModel('qwen3moe', 1000, { layers: 1 });
    await expect(opened([first, PARTS[0]])).rejects.toMatchObject({ code: 'bad-file' });
  });
});
