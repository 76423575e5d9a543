/** Addresses of models, and what a published file takes of a GPU. */
import { expect, it, vi } from 'vitest';
import { MOST_TAPS } from '../../src/model/layerKinds.ts';
import { FILES, largestMatrix, needsOf } from '../../src/state/elsewhere/files.ts';
import { nameIn, readUrl } from '../../src/state/elsewhere/opening.ts';

vi.stubGlobal('location', { protocol: 'https:' });

it('reads an address, and says why another is none', () => {
  const href = (text: string) => {
    const read = readUrl(text);
    return 'url' in read ? read.url.href : read.problem;
  };
  expect(href(' https://a.test/b/model.gguf#x ')).toBe('https://a.test/b/model.gguf');
  // The page about a file, in place of the file.
  expect(href('https://huggingface.co/o/r/blob/main/m.gguf')).toBe('https://huggingface.co/o/r/resolve/main/m.gguf');
  expect(href('model.gguf')).toContain('no address');
  expect(href('file:///m.gguf')).toContain('https://');
  expect(href('javascript:alert(1)')).toContain('https://');
  expect(href('http://a.test/m.gguf')).toContain('cannot fetch from http');
  expect(href(`https://a.test/${'x'.repeat(3000)}`)).toContain('at most');
  expect(nameIn('https://a.test/b/m%20x.gguf?y=1')).toBe('m x.gguf');
  expect(nameIn('https://a.test/%E0%A4%A')).toBe('%E0%A4%A');
  expect(nameIn('https://a.test/')).toBe('a.test');
});

it('has files that can be asked for, and computes what each takes', () => {
  for (const file of FILES) {
    expect(new URL(file.url).protocol).toBe('https:');
    expect(file.billions.active).toBeLessThan(file.billions.total);
    expect(file.experts[1]).toBeLessThan(file.experts[0]);
    // Four to six bits a weight, as the usual files have.
    expect((8 * file.bytes) / (file.billions.total * 1e9)).toBeGreaterThan(4.2);
    expect((8 * file.bytes) / (file.billions.total * 1e9)).toBeLessThan(6);
    expect(largestMatrix(file)).toBeLessThan(file.bytes / 20);
  }
  const [granite] = FILES;
  const { weights, cache, scratch, all } = needsOf(granite);
  // 48 KiB a position, as its 24 layers of 8 heads of 64 have in f16.
  expect(cache).toBe(4096 * 48 * 1024);
  expect(all).toBe(weights + cache + scratch);
  const cacheOf = (name: string) => needsOf(FILES.find((file) => file.name.startsWith(name))!).cache;
  // 2 KiB a position in each of 24 layers, of which 12 keep 512 beside what a window of 128 looks back at.
  expect(cacheOf('gpt-oss')).toBe(12 * 2048 * (4096 + 127 + 512));
  // And 8 KiB of the positions that a convolution looks back at, at most, and 512 more, in 18 layers.
  expect(cacheOf('LFM2')).toBe(6 * 2048 * 4096 + 18 * 8192 * (MOST_TAPS - 1 + 512));
});
