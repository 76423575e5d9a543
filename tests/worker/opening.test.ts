/** What a file that somebody brings is refused for, or opened with a word about it. On the CPU: no GPU is asked for. */
import { describe, expect, it, vi } from 'vitest';
import { loadModel } from '../../src/model/load.ts';
import { download } from '../../src/worker/download.ts';
import { open } from '../../src/worker/opening.ts';
import { randomModel } from '../model/randomModel.ts';

const bring = (file: Partial<Blob>) =>
  open(undefined, { file: file as Blob, device: 'cpu' }, () => {}, new AbortController().signal);

describe('a file that is too large', () => {
  const TOO_LARGE = {
    code: 'unsupported-model',
    message: 'The file has 4.5 GB; models of up to 2.1 GB can be opened.',
  };

  it('is refused before it is read', async () => {
    const arrayBuffer = vi.fn();
    await expect(bring({ size: 4.5e9, arrayBuffer })).rejects.toMatchObject(TOO_LARGE);
    expect(arrayBuffer).not.toHaveBeenCalled();
  });

  it('is not fetched either', async () => {
    vi.stubGlobal('fetch', async () => new Response('GGUF', { headers: { 'content-length': '4500000000' } }));
    const options = { signal: new AbortController().signal, onProgress: () => {} };
    await expect(download('http://x/', options)).rejects.toMatchObject(TOO_LARGE);
    vi.unstubAllGlobals();
  });
});

it('says in its own words that a file cannot be read', async () => {
  const gone = () => Promise.reject(new DOMException('… permission problems …', 'NotReadableError'));
  await expect(bring({ size: 9, arrayBuffer: gone })).rejects.toMatchObject({
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
