/** What a file that somebody brings is refused for, or opened with a word about it. On the CPU: no GPU is asked for. */
import { describe, expect, it, vi } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { download } from '../../src/worker/download.ts';
import { open } from '../../src/worker/opening.ts';
import { randomModel, randomModelParts } from '../model/randomModel.ts';
import { writeHeader } from '../model/writeGguf.ts';

const bring = (file: Partial<Blob>) =>
  open(undefined, { file: file as Blob, device: 'cpu' }, () => {}, new AbortController().signal);

describe('a file that is too large', () => {
  it('for the CPU is refused by its header, and little of it is read', async () => {
    const { metadata, tensors } = randomModelParts('qwen3moe', { layers: 1, width: 44, expertHidden: 40 });
    // The same names with the shapes of a model of 18 GB.
    const wide = (shape: readonly number[]) => shape.map((n) => ({ 44: 16384, 40: 11008 })[n] ?? n);
    const large = tensors.map(({ name, shape }) => {
      const sized = wide(shape);
      return { name, shape: sized, typeId: 0, data: { length: 4 * sized.reduce((a, b) => a * b) } };
    });
    const sizes = { embedding_length: 16384, expert_feed_forward_length: 11008 };
    const widened = Object.fromEntries(Object.entries(sizes).map(([key, u32]) => [`qwen3moe.${key}`, { u32 }]));
    const header = writeHeader({ ...metadata, ...widened, 'qwen3moe.feed_forward_length': { u32: 11008 } }, large);
    const size = large.reduce((sum, { data }) => sum + Math.ceil(data.length / 32) * 32, header.length);
    let most = 0;
    const slice = (from = 0, to = size) => {
      most = Math.max(most, to);
      return {
        arrayBuffer: async () => Uint8Array.from({ length: to - from }, (_, i) => header[from + i] ?? 0).buffer,
      };
    };
    await expect(bring({ size, slice: slice as unknown as Blob['slice'] })).rejects.toMatchObject({
      code: 'unsupported-model',
      message: expect.stringMatching(/^Without a GPU this model would take 1[0-9]\.\d GB of memory; up to 6\.0 GB/),
    });
    expect(most).toBeLessThanOrEqual(2 ** 20);
  });

  it('for one piece is not fetched where its server sends no ranges', async () => {
    vi.stubGlobal('fetch', async () => new Response('GGUF', { headers: { 'content-length': '4500000000' } }));
    const options = { signal: new AbortController().signal, onProgress: () => {} };
    await expect(download('http://x/', options)).rejects.toMatchObject({
      code: 'unsupported-model',
      message: 'The file has 4.5 GB; models of up to 2.1 GB can be opened.',
    });
    vi.unstubAllGlobals();
  });
});

it('says in its own words that a file cannot be read', async () => {
  const gone = () => Promise.reject(new DOMException('… permission problems …', 'NotReadableError'));
  const slice = (() => ({ arrayBuffer: gone })) as unknown as Blob['slice'];
  await expect(bring({ size: 9, slice })).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('could not be read'),
  });
});

it('opens a file with weights that are no numbers, and says so', async () => {
  const bytes = randomModel('qwen3moe', { layers: 1 });
  const { weights } = loadModel(bytes);
  weights.layers[0].q.data.set([0, 0, 0xc0, 0x7f]);
  const { opened } = await bring(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  expect(opened.warnings).toEqual([
    'One weight of this file is NaN or infinite (the first in "blk.0.attn_q.weight"), so what the model writes may be nonsense.',
  ]);
});
