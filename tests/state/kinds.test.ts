import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readCard } from '../../src/state/models/card.ts';
import { overlapOf, pairsOf, splitOf } from '../../src/state/views/kinds.ts';

const load = (kind: string, ...shares: number[]) => ({ kind, shares: [shares] });

it('knows how much two kinds share, and where the kinds part', () => {
  expect(overlapOf([0.5, 0.5, 0], [0, 0.5, 0.5])).toBe(0.5);
  const kinds = [load('a', 0.5, 0.5, 0), load('b', 0.6, 0.4, 0), load('c', 0, 0.1, 0.9)];
  const pairs = pairsOf(kinds);
  expect(pairs.map((pair) => [pair.kinds.join(), Number(pair.overlap.toFixed(6))])).toEqual([
    ['a,b', 0.9],
    ['a,c', 0.1],
    ['b,c', 0.1],
  ]);
  expect(splitOf(pairs)?.together).toEqual(['a', 'b']);
  // Nothing parts them.
  expect(splitOf(pairsOf([load('a', 0.5, 0.5), load('b', 0.5, 0.5), load('c', 0.52, 0.48)]))).toBeNull();
  // A chain is no group.
  const chain = [load('a', 0.5, 0.5, 0, 0), load('b', 0, 0.5, 0.5, 0), load('c', 0, 0, 0.5, 0.5)];
  expect(splitOf(pairsOf(chain))).toBeNull();
  expect(splitOf([])).toBeNull();
});

it('finds in the shipped card what the page says of it: English kinds share their experts, the others have their own', () => {
  const { kinds } = readCard(JSON.parse(readFileSync('public/models/moe.card.json', 'utf8')), 'moe');
  const split = splitOf(pairsOf(kinds))!;
  expect([...split.together].sort()).toEqual(['prose', 'story', 'verse']);
  expect(split.within[0]).toBeGreaterThan(split.others[1] + 0.2);
});
