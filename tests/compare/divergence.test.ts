import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { klDivergence } from '../../src/compare/divergence.ts';

const logits = fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 6, maxLength: 6 });

/** Σ p (ln p − ln q), by the book. */
function naive(p: number[], q: number[]): number {
  const softmax = (x: number[]) => {
    const highest = Math.max(...x);
    const masses = x.map((value) => Math.exp(value - highest));
    const sum = masses.reduce((a, b) => a + b);
    return masses.map((mass) => mass / sum);
  };
  const [a, b] = [softmax(p), softmax(q)];
  return a.reduce((sum, mass, i) => sum + (mass > 0 ? mass * Math.log(mass / b[i]) : 0), 0);
}

describe('klDivergence', () => {
  it('of two coins', () => {
    expect(klDivergence([0, 0], [Math.log(3), 0])).toBeCloseTo(0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(2), 12);
  });

  it('is what the book says, never negative, 0 for the same, and blind to a shift', () => {
    fc.assert(
      fc.property(logits, logits, fc.integer({ min: -100, max: 100 }), (p, q, shift) => {
        const kl = klDivergence(p, q);
        expect(kl).toBeGreaterThanOrEqual(0);
        expect(kl).toBeCloseTo(naive(p, q), 8);
        expect(klDivergence(p, p)).toBe(0);
        expect(
          klDivergence(
            p.map((x) => x + shift),
            q,
          ),
        ).toBeCloseTo(kl, 8);
      }),
    );
  });

  it('refuses vocabularies of two sizes', () => {
    expect(() => klDivergence([1], [1, 2])).toThrow(RangeError);
  });
});
