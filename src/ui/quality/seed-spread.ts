/** What a difference between two models is read against: how far apart runs end up that differ in their seed alone. */
import { html, nothing } from 'lit';
import type { Seeds } from '../../state/models/training-curves.ts';
import { million } from '../kit/format.ts';

interface Spread {
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

export function seedWords(seeds: Seeds, names: ReadonlyMap<string, string>) {
  const spread = seedSpread(seeds);
  if (!spread) return nothing;
  const nameOf = (id: string) => names.get(id) ?? id;
  const ranged = ({ mean, low, high }: Spread) =>
    html`<strong>${mean.toFixed(3)}</strong> (${low.toFixed(3)} to ${high.toFixed(3)})`;
  const count = Object.values(seeds.bitsPerByte)[0].length;
  return html`<p data-testid="seed-spread">How much of a difference is chance: a short schedule of ${million(seeds.tokens)} tokens,
    from ${count} seeds each, ends at ${spread.models.map(
      ([id, each], i) => html`${i ? '; ' : ''}${nameOf(id)}, ${ranged(each)}`,
    )} bits per byte, mean and range. Seed by seed, on the same batches, “${nameOf(spread.models[0][0])}” is ahead by
    ${ranged(spread.behind)}.</p>`;
}
