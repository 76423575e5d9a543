/** The routing measures counted slowly from their definitions, for the tests of the counts and of the page. */
import type { MeasureName } from '../../src/state/measures/names.ts';
import { FREQUENT } from '../../src/state/measures/running.ts';
import type { Token } from './textOf.ts';

export const mean = (xs: readonly number[]) => (xs.length ? xs.reduce((a, b) => a + b, 0) / xs.length : Number.NaN);
const ln = Math.log;
const entropyOf = (ps: readonly number[]) => -ps.filter((p) => p > 0).reduce((sum, p) => sum + p * ln(p), 0);

/** The definitions of the literature, written without looking at the code under test: one pass over everything for each. */
export function oracle(name: MeasureName, tokens: readonly Token[], layer: number, E: number): number {
  const sets = tokens.map((token) => new Set(token.experts[layer]));
  const p = tokens.map((token) => token.probabilities[layer]);
  const n = Array.from({ length: E }, (_, e) => sets.filter((set) => set.has(e)).length);
  const all = mean(n) * E;
  const vocabulary = (key: (token: Token) => string | number | null) => {
    const keys = [...new Set(tokens.map(key))].filter((x) => x !== null);
    const often = keys.filter((x) => tokens.filter((token) => key(token) === x).length >= FREQUENT);
    return mean(
      often.map((x) => {
        const routings = tokens.filter((token) => key(token) === x).flatMap((token) => token.experts[layer]);
        return Math.max(...n.map((_, e) => routings.filter((r) => r === e).length / routings.length));
      }),
    );
  };
  switch (name) {
    case 'loadEntropy':
      return entropyOf(n.map((x) => x / all)) / ln(E);
    case 'routerEntropy':
      return mean(p.map((row) => entropyOf(row) / ln(E)));
    case 'margin':
      return mean(
        p.map((row, t) => {
          const k = sets[t].size;
          const sorted = [...row].sort((a, b) => b - a);
          return sorted[k - 1] - (sorted[k] ?? 0);
        }),
      );
    case 'variation':
      return Math.sqrt(mean(n.map((x) => x * x)) - mean(n) ** 2) / mean(n);
    case 'violation':
      return (Math.max(...n) - mean(n)) / mean(n);
    case 'balanceLoss':
      return E * n.map((x, e) => (x / all) * mean(p.map((row) => row[e]))).reduce((a, b) => a + b, 0);
    case 'untouched':
      return n.filter((x) => x === 0).length / E;
    case 'repeatTop':
      return mean(tokens.slice(1).map((token, t) => Number(token.experts[layer][0] === tokens[t].experts[layer][0])));
    case 'repeatAny':
      return mean(sets.slice(1).map((set, t) => Number([...set].some((e) => sets[t].has(e)))));
    case 'inputVocabulary':
      return vocabulary(({ id }) => id);
    case 'predictedVocabulary':
      return vocabulary(({ predicted }) => predicted);
  }
}
