import fc from 'fast-check';
import { expect, it } from 'vitest';
import { covered, gapsOf, joined, type Ranges } from '../../src/model/ranges.ts';

const part = fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

it('knows of every byte whether it is there, in order and apart, whatever comes when', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), part, (parts, [from, to]) => {
      const there = new Set<number>();
      let ranges: Ranges = [];
      for (const [start, end] of parts) {
        for (let at = start; at < end; at++) there.add(at);
        ranges = joined(ranges, start, end);
      }
      const listed = ranges.flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i));
      expect(listed).toEqual([...there].sort((a, b) => a - b));
      for (const [i, [start]] of ranges.entries()) if (i > 0) expect(start).toBeGreaterThan(ranges[i - 1][1]);
      const missing = gapsOf(ranges, from, to).flatMap(([a, b]) => Array.from({ length: b - a }, (_, i) => a + i));
      expect(missing).toEqual(Array.from({ length: to - from }, (_, i) => from + i).filter((at) => !there.has(at)));
      expect(covered(ranges, from, to)).toBe(missing.length === 0);
    }),
  );
});
