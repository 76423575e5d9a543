/** What a difference between two models is read against: how far apart runs end up that differ in their seed alone. */
import type { Seeds } from '../../state/models/catalog.ts';

export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const spreadOf = (values: readonly number[]): Spread => ({
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  low: Math.min(...values),
  high: Math.max(...values),
});

/**
 * Bits per byte of each model, best first, and how far the second lies behind the first: seed by seed, because runs of one seed
 * saw the same batches. Null where there are not two models with two seeds each.
 */
export function seedSpread({ bitsPerByte }: Seeds): { models: [string, Spread][]; behind: Spread } | null {
  const runs = Object.entries(bitsPerByte).sort(([, a], [, b]) => spreadOf(a).mean - spreadOf(b).mean);
  const [best, second] = runs.map(([, values]) => values);
  if (!second || best.length < 2 || best.length !== second.length) return null;
  return {
    models: runs.map(([id, values]) => [id, spreadOf(values)]),
    behind: spreadOf(best.map((value, i) => second[i] - value)),
  };
}
