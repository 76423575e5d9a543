/** Every measure against a slow count of its definition, and every chance value against blind routing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coactivationByChance, Partners } from '../../src/state/measures/coactivation.ts';
import { coefficientOfVariation, loadBalanceLoss, loadEntropy, maxViolation } from '../../src/state/measures/load.ts';
import { MEASURES, type MeasureName } from '../../src/state/measures/names.ts';
import { sharesAnyByChance } from '../../src/state/measures/repetition.ts';
import { routerEntropy, selectionMargin } from '../../src/state/measures/router.ts';
import { FREQUENT, RunningMeasures } from '../../src/state/measures/running.ts';
import { domainSpecialisation, Vocabulary } from '../../src/state/measures/specialisation.ts';
import type { Shape } from '../../src/state/text/trace-store.ts';
import { mean, oracle } from './oracle.ts';
import { randomToken, seeded, storeOf, type Token } from './textOf.ts';

/** Both near, or both unknown. */
function agree(found: number, wanted: number, what: string): void {
  if (Number.isNaN(wanted)) expect(found, what).toBeNaN();
  else expect(found, what).toBeCloseTo(wanted, 5);
}

function readAll(shape: Shape, tokens: readonly Token[]): RunningMeasures {
  const measures = new RunningMeasures(storeOf(shape, tokens));
  while (!measures.catchUp(Number.POSITIVE_INFINITY));
  return measures;
}

/** Every subset of b of 0 … E − 1. */
function subsets(E: number, b: number, from = 0): number[][] {
  if (b === 0) return [[]];
  return Array.from({ length: E - from }, (_, i) => from + i).flatMap((first) =>
    subsets(E, b - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

/** k of E, each set equally likely, in random order. */
function blind(E: number, k: number, random: () => number): number[] {
  const all = Array.from({ length: E }, (_, e) => e);
  for (let i = 0; i < k; i++) {
    const j = i + Math.floor(random() * (E - i));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, k);
}

function blindTokens(E: number, k: number, count: number, random: () => number): Token[] {
  return Array.from({ length: count }, () => ({
    id: Math.floor(random() * 5),
    predicted: null,
    experts: [blind(E, k, random)],
    probabilities: [new Array<number>(E).fill(1 / E)],
  }));
}

describe('the measures', () => {
  const shapes = fc
    .record({ layers: fc.integer({ min: 1, max: 3 }), experts: fc.integer({ min: 2, max: 9 }) })
    .chain(({ layers, experts }) =>
      fc.record({
        layers: fc.constant(layers),
        experts: fc.constant(experts),
        expertsPerToken: fc.integer({ min: 1, max: experts }),
      }),
    );

  it('agree with the definitions, counted slowly', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 60 }), fc.nat(), (shape, count, seed) => {
        const random = seeded(seed);
        const tokens = Array.from({ length: count }, () => randomToken(shape, random));
        const measures = readAll(shape, tokens);
        for (const name of MEASURES) {
          for (let layer = 0; layer < shape.layers; layer++) {
            const wanted = oracle(name, tokens, layer, shape.experts);
            agree(measures.read(name, layer).value, wanted, `${name}, layer ${layer}`);
          }
        }
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it('agree with the definitions when k changes in the middle of the text', () => {
    const random = seeded(8);
    const tokens = [1, 2, 5, 3, 8, 1, 4].flatMap((expertsPerToken) =>
      Array.from({ length: 9 }, () => randomToken({ layers: 2, experts: 8, expertsPerToken }, random)),
    );
    const measures = readAll({ layers: 2, experts: 8, expertsPerToken: 2 }, tokens);
    for (const name of MEASURES) {
      agree(measures.read(name, 1).value, oracle(name, tokens, 1, 8), name);
    }
  });

  it('give the same whether a text is counted at once or as it grows', () => {
    const shape = { layers: 2, experts: 6, expertsPerToken: 2 };
    const random = seeded(3);
    const tokens = Array.from({ length: 50 }, () => randomToken(shape, random));
    const slow = new RunningMeasures(storeOf(shape, tokens));
    let steps = 0;
    while (!slow.catchUp(-1)) steps++;
    expect(steps).toBe(49);
    const fast = readAll(shape, tokens);
    for (const name of MEASURES) expect(slow.read(name, 1)).toEqual(fast.read(name, 1));
  });

  it('stand at their ends where routing is perfectly even, and where one expert takes all', () => {
    expect(loadEntropy([5, 5, 5, 5])).toBeCloseTo(1, 12);
    expect(loadEntropy([20, 0, 0, 0])).toBe(0);
    expect(loadEntropy([0, 0, 0, 0])).toBe(0);
    expect(coefficientOfVariation([3, 3, 3])).toBe(0);
    expect(coefficientOfVariation([0, 0])).toBe(0);
    expect(maxViolation([3, 3, 3])).toBe(0);
    expect(maxViolation([8, 0, 0, 0])).toBe(3);
    expect(loadBalanceLoss([4, 4, 4, 4], [4, 4, 4, 4], 16)).toBeCloseTo(1, 12);
    expect(loadBalanceLoss([16, 0, 0, 0], [16, 0, 0, 0], 16)).toBeCloseTo(4, 12);
    expect(routerEntropy([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(1, 12);
    expect(routerEntropy([1, 0, 0, 0])).toBe(0);
    expect(routerEntropy([1])).toBe(0);
    expect(selectionMargin([0.4, 0.4, 0.2], 1)).toBe(0);
    expect(selectionMargin([0.1, 0.6, 0.3], 2)).toBeCloseTo(0.2, 12);
    expect(selectionMargin([0.1, 0.6, 0.3], 3)).toBeCloseTo(0.1, 12);
  });

  it('keep the promise of Switch: a balance loss of 1 whenever the mean probabilities are even', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 2, maxLength: 12 }), (load) => {
        if (load.every((n) => n === 0)) return;
        const even = load.map(() => 10 / load.length);
        expect(loadBalanceLoss(load, even, 10)).toBeCloseTo(1, 10);
      }),
    );
  });
});

describe('chance', () => {
  it('that neighbours share an expert: all pairs of sets, counted', () => {
    for (let E = 1; E <= 7; E++) {
      for (let a = 0; a <= E; a++) {
        for (let b = 0; b <= E; b++) {
          const first = new Set(Array.from({ length: a }, (_, e) => e));
          const all = subsets(E, b);
          const met = all.filter((set) => set.some((e) => first.has(e))).length;
          expect(sharesAnyByChance(E, a, b)).toBeCloseTo(met / all.length, 12);
        }
      }
    }
    // The figures of the literature.
    expect(sharesAnyByChance(8, 2)).toBeCloseTo(0.464, 3);
    expect(sharesAnyByChance(64, 8)).toBeCloseTo(0.679, 3);
    expect(sharesAnyByChance(32, 4)).toBeCloseTo(0.431, 3);
  });

  it('of a pair of experts: all sets that contain the first, counted', () => {
    for (let E = 2; E <= 7; E++) {
      for (let k = 1; k <= E; k++) {
        const withFirst = subsets(E, k).filter((set) => set.includes(0));
        const both = withFirst.filter((set) => set.includes(1)).length;
        expect(coactivationByChance(E, k)).toBeCloseTo(both / withFirst.length, 12);
      }
    }
    expect(coactivationByChance(1, 1)).toBe(0);
  });

  it('is what blind routing gives, for every measure that has a chance value', () => {
    const [E, k, count, runs] = [8, 2, 40, 400];
    const random = seeded(11);
    const found = Array.from({ length: runs }, () =>
      readAll({ layers: 1, experts: E, expertsPerToken: k }, blindTokens(E, k, count, random)),
    );
    const values = (name: MeasureName) => found.map((measures) => measures.read(name, 0).value);
    const chance = (name: MeasureName) => found[0].read(name, 0).chance;
    expect(mean(values('untouched'))).toBeCloseTo(chance('untouched'), 2);
    expect(chance('untouched')).toBeCloseTo((1 - k / E) ** count, 12);
    expect(mean(values('repeatTop'))).toBeCloseTo(chance('repeatTop'), 2);
    expect(chance('repeatTop')).toBe(1 / E);
    expect(mean(values('repeatAny'))).toBeCloseTo(chance('repeatAny'), 2);
    const squares = mean(values('variation').map((x) => x * x));
    expect(Math.sqrt(squares)).toBeCloseTo(chance('variation'), 2);
    expect(chance('variation')).toBeCloseTo(Math.sqrt((E - k) / (k * count)), 12);
    expect(mean(values('balanceLoss'))).toBeCloseTo(chance('balanceLoss'), 6);
    expect(mean(values('routerEntropy'))).toBeCloseTo(chance('routerEntropy'), 6);
  });

  it('of the load and of the untouched stays exact when k changes', () => {
    const random = seeded(12);
    const ks = [1, 3, 6, 2, 2, 5];
    const found = Array.from({ length: 4000 }, () =>
      readAll(
        { layers: 1, experts: 6, expertsPerToken: 2 },
        ks.flatMap((k) => blindTokens(6, k, 1, random)),
      ),
    );
    const squares = mean(found.map((measures) => measures.read('variation', 0).value ** 2));
    expect(Math.sqrt(squares)).toBeCloseTo(found[0].read('variation', 0).chance, 2);
    expect(mean(found.map((measures) => measures.read('repeatAny', 0).value))).toBeCloseTo(
      found[0].read('repeatAny', 0).chance,
      2,
    );
    expect(found[0].read('untouched', 0).chance).toBe(0);
  });
});

describe('co-activation', () => {
  it('counts every pair of a token’s experts, not only neighbours in rank', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 8 }), fc.nat(), (E, most, seed) => {
        const random = seeded(seed);
        const tokens = Array.from(
          { length: 30 },
          () => blindTokens(E, 1 + Math.floor(random() * Math.min(E, most)), 1, random)[0],
        );
        const store = storeOf({ layers: 1, experts: E, expertsPerToken: 1 }, tokens);
        const partners = new Partners(E, 0, 0);
        for (let at = 0; at < store.count; at++) partners.add(store, at);
        const sets = tokens.map((token) => token.experts[0]).filter((set) => set.includes(0));
        expect(partners.tokens).toBe(sets.length);
        expect(partners.share(0)).toBe(0);
        for (let j = 1; j < E; j++) {
          const both = sets.filter((set) => set.includes(j)).length;
          expect(partners.share(j)).toBeCloseTo(sets.length ? both / sets.length : 0, 12);
        }
        expect(partners.chance).toBeCloseTo(sets.length ? mean(sets.map((set) => (set.length - 1) / (E - 1))) : 0, 12);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('meets its chance value under blind routing', () => {
    const tokens = blindTokens(7, 3, 20_000, seeded(9));
    const store = storeOf({ layers: 1, experts: 7, expertsPerToken: 3 }, tokens);
    const partners = new Partners(7, 0, 2);
    for (let at = 0; at < store.count; at++) partners.add(store, at);
    for (const j of [0, 1, 3, 4, 5, 6]) expect(Math.abs(partners.share(j) - partners.chance)).toBeLessThan(0.025);
  });
});

describe('specialisation', () => {
  it('to a word sums to 1 over the experts, never exceeds 1/k, and is 1/E by chance', () => {
    const [E, k] = [6, 3];
    const random = seeded(10);
    const vocabulary = new Vocabulary(E, FREQUENT);
    for (const { id, experts } of blindTokens(E, k, 30_000, random)) vocabulary.add(id, experts[0]);
    for (let x = 0; x < 5; x++) {
      const shares = Array.from({ length: E }, (_, e) => vocabulary.share(x, e));
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      for (const share of shares) {
        expect(share).toBeLessThanOrEqual(1 / k);
        expect(Math.abs(share - 1 / E)).toBeLessThan(0.01);
      }
    }
    expect(vocabulary.share('never seen', 0)).toBe(0);
    const keen = new Vocabulary(E, 1);
    keen.add(7, [4, 1, 0]);
    expect(keen.mean).toBeCloseTo(1 / k, 12);
  });

  it('to a domain is the share of its tokens: k times the share of its assignments', () => {
    const tokens = blindTokens(8, 2, 500, seeded(14));
    const pairs = tokens.flatMap((token) => token.experts[0]);
    for (let e = 0; e < 8; e++) {
      const assignments = pairs.filter((x) => x === e).length / pairs.length;
      const share = tokens.filter((token) => token.experts[0].includes(e)).length / tokens.length;
      expect(domainSpecialisation(assignments, 2)).toBeCloseTo(share, 12);
    }
  });
});
