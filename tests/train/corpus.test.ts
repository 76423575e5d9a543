import { expect, test } from 'vitest';
import { drawnCharacter, drawnText } from '../../src/reference/text/draw.ts';
import { corpusOf, decode, heldOutRows, kindsOfText } from '../../src/train/text/corpus.ts';

const lorem = (word: string, times: number) => Array.from({ length: times }, (_, i) => `${word} ${i % 7} `).join('');

test('a file holds one kind, or those that its marks begin', () => {
  expect(kindsOfText('a', 'one\ntwo')).toEqual([{ name: 'a', text: 'one\ntwo' }]);
  expect(kindsOfText('a', 'x\n=== b ===\none\n=== c d ===\ntwo\n')).toEqual([
    { name: 'a', text: 'x' },
    { name: 'b', text: 'one\n' },
    { name: 'c d', text: 'two\n' },
  ]);
});

test('characters are numbered by how common they are; rare and unseen ones are unknown', () => {
  const rare = Array.from({ length: 200 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
  const corpus = corpusOf(
    [
      { name: 'a', text: `${rare}${lorem('😀e', 300)}` },
      { name: 'b', text: `\0${lorem('ee', 300)}\r\n${lorem('ZZ', 30)}` },
    ],
    8,
  );
  expect(corpus.characters).toHaveLength(112);
  expect(corpus.characters.slice(0, 3)).toEqual(['\ufffd', ' ', 'e']);
  expect(corpus.characters).toContain('😀');
  const [a, b] = corpus.kinds;
  expect(decode(corpus, a.train.slice(300, 304))).toMatch(/[😀e \d]{4}/u);
  expect(a.train.slice(0, 200)).toContain(0);
  // Z stands only in what is held out: whoever learns does not know it.
  expect(decode(corpus, b.heldOut)).toContain('\ufffd');
  expect(Math.abs(b.heldOut.length / (b.train.length + b.heldOut.length) - 0.1)).toBeLessThan(0.01);
  expect(() => corpusOf([{ name: 'short', text: 'abc' }], 8)).toThrow(/“short” has 3 characters; 90 are needed/);
});

test('what is held out is read from its first to its last character', () => {
  const corpus = corpusOf(
    [
      { name: 'a', text: lorem('abc', 60) },
      { name: 'b', text: lorem('xyz', 90) },
    ],
    8,
  );
  const { ids, targets, kinds } = heldOutRows(corpus, 8, 3);
  expect([ids.length, kinds[23], kinds[24]]).toEqual([48, 0, 1]);
  expect([...ids.slice(1, 8)]).toEqual([...targets.slice(0, 7)]);
  const { heldOut } = corpus.kinds[1];
  expect([ids[24], targets[47]]).toEqual([heldOut[0], heldOut.at(-1)]);
});

test('each kind has its share of the texts, from all its places', () => {
  const counts = [0, 0, 0];
  const starts = new Set<number>();
  for (let step = 0; step < 60; step++) {
    for (let b = 0; b < 4; b++) {
      const { kind, start } = drawnText(9, step, b, [30, 1000, 50], 20);
      counts[kind]++;
      if (kind === 0) starts.add(start);
    }
  }
  expect(counts).toEqual([80, 80, 80]);
  expect([...starts].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('characters are drawn as often as their probability says', () => {
  const logits = [0, Math.log(3), Number.NEGATIVE_INFINITY, Math.log(6)];
  const counts = [0, 0, 0, 0];
  for (let length = 1; length <= 4000; length++) counts[drawnCharacter(logits, 1, 5, 2, length).id]++;
  expect(counts.map((count) => Math.round(count / 400))).toEqual([1, 3, 0, 6]);
  expect(drawnCharacter(logits, 0, 5, 2, 1).id).toBe(3);
});
