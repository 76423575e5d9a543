/** What a file takes in memory once it is read, beside its own bytes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { parseGguf } from '../../src/model/gguf.ts';
import { Metadata } from '../../src/model/metadata.ts';
import { readTokenizer } from '../../src/model/tokenizer.ts';
import { BYTE_CHARACTERS } from '../../src/model/vocabulary.ts';
import { writeGguf } from './writeGguf.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that the value keeps, as a multiple of `size`. */
function kept<T>(size: number, make: () => T): { value: T; times: number } {
  const used = () => {
    for (let i = 0; i < 4; i++) collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const value = make();
  return { value, times: (used() - before) / size };
}

/** Type numbers of ggml with their sizes. */
it.each([
  ['u8', 0, 1],
  ['bool', 7, 1],
  ['i16', 3, 2],
  ['f32', 6, 4],
  ['i64', 11, 8],
  ['f64', 12, 8],
])('a list of %s takes no more than in the file', (_, type, size) => {
  const count = 2 ** 20;
  const list = new Uint8Array(count * size).fill(1);
  const bytes = writeGguf({ list: { type, count, bytes: list } }, []);
  const { value, times } = kept(list.length, () => parseGguf(bytes).metadata);
  expect(value.get('list')).toHaveLength(count);
  expect(times).toBeLessThan(1.2);
});

it('a vocabulary of short tokens takes less than ten times what it does in the file', () => {
  const ascii = BYTE_CHARACTERS.slice(33, 127);
  const pairs = ascii.flatMap((a) => BYTE_CHARACTERS.flatMap((b) => ascii.slice(0, 5).map((c) => [a + b, c])));
  const bytes = writeGguf(
    {
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'gpt-2',
      'tokenizer.ggml.tokens': { strings: [...BYTE_CHARACTERS, ...pairs.map(([a, b]) => a + b)] },
      'tokenizer.ggml.merges': { strings: pairs.map(([a, b]) => `${a} ${b}`) },
    },
    [],
  );
  const { value, times } = kept(bytes.length, () => readTokenizer(new Metadata(parseGguf(bytes).metadata)));
  expect(value.decode(value.encode('ab'))).toBe('ab');
  console.log(`vocabulary of ${value.size} tokens in ${bytes.length} bytes: ${times.toFixed(1)} times in memory`);
  expect(times).toBeLessThan(10);
});
