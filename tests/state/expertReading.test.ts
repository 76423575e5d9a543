import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpertReading } from '../../src/state/measures/expert.ts';
import { randomToken, seeded, storeOf } from './textOf.ts';

const shape = { layers: 2, experts: 5, expertsPerToken: 2 };

describe('the reading of one expert', () => {
  it('counts its words, its partners and its share over time as a slow count does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(4), fc.nat(), (count, expert, seed) => {
        const random = seeded(seed);
        const tokens = Array.from({ length: count }, () => randomToken(shape, random, 5));
        const reading = new ExpertReading(storeOf(shape, tokens), 1, expert);
        while (!reading.catchUp(-1));
        const took = tokens.map((token) => token.experts[1].includes(expert));
        expect(reading.taken).toBe(took.filter(Boolean).length);
        for (const [words, key] of [
          [reading.inputs, (t: number) => ` w${tokens[t].id}`],
          [reading.predictions, (t: number) => tokens[t].predicted],
        ] as const) {
          const all = words.most(100);
          const at = tokens.map((_, t) => t);
          for (const { word, taken, occurrences } of all) {
            expect(occurrences).toBe(at.filter((t) => key(t) === word).length);
            expect(taken).toBe(at.filter((t) => key(t) === word && took[t]).length);
          }
          expect(all.map(({ taken }) => taken)).toEqual(all.map(({ taken }) => taken).sort((a, b) => b - a));
          expect(new Set(all.map(({ word }) => word))).toEqual(
            new Set(
              at
                .filter((t) => took[t])
                .map(key)
                .filter((word) => word !== null),
            ),
          );
        }
        for (let other = 0; other < 5; other++) {
          const both = tokens.filter((token, t) => took[t] && other !== expert && token.experts[1].includes(other));
          expect(reading.partners.together[other]).toBe(both.length);
        }
        const { shares, tokens: each } = reading.overTime(8);
        expect(shares.length).toBe(Math.ceil(count / each));
        expect(shares.length).toBeLessThanOrEqual(8);
        for (const [bin, share] of shares.entries()) {
          const part = took.slice(bin * each, (bin + 1) * each);
          expect(share).toBeCloseTo(part.filter(Boolean).length / part.length, 12);
        }
      }),
      { numRuns: 50, seed: 15 },
    );
  });
});
