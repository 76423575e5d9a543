/** The results of others in words: the same for the page and for docs/benchmark.md. */

import type { Contender, SharedResult, SharedTime } from '../../state/results/shared.ts';
import type { What } from '../../state/saves/history.ts';
import { KIND_WORDS } from '../kit/kinds.ts';
import { plain, rate, timeOf } from '../saves/words.ts';

/** A column's head, and what its cell says of a result. */
interface Column {
  readonly head: string;
  readonly of: (result: SharedResult) => string;
}

const timed = (time: SharedTime | null): string => (time ? `${timeOf(time)}, n = ${time.samples}` : 'not timed');

/** How many times longer the dense one of the same total size takes; with spreads that overlap it is no difference. */
export function timesLess({ times: { moe, 'same-total': total } }: SharedResult): string {
  if (!moe || !total) return 'not timed';
  if (Math.abs(moe.median - total.median) <= moe.spread + total.spread) return 'within the spread';
  return `${(total.median / moe.median).toFixed(1)}×`;
}

const time = (of: Contender): Column => ({ head: KIND_WORDS[of].name, of: ({ times }) => timed(times[of]) });

export const COLUMNS: readonly Column[] = [
  { head: 'what was timed', of: ({ subject }) => subject },
  { head: 'less time than dense, same total', of: timesLess },
  time('moe'),
  time('same-active'),
  time('same-total'),
  { head: 'reading rate', of: ({ read }) => (read ? rate(read, 'B/s') : 'not measured') },
  {
    head: 'with',
    of: ({ browser, clock, date }) =>
      `${browser}, ${clock === 'timestamps' ? 'GPU timestamps' : 'wall clock'}, ${date.slice(0, 10)}`,
  },
];

export const deviceOf = ({ device, software }: SharedResult): string => (software ? `${device} (software)` : device);

export const METHOD =
  'Measured, for one token per step: median ± half the interquartile range of n samples. A row is one machine, as its browser names it. ' +
  'Compare a row with itself: what is not the same model, browser and clock is not the same measurement.';

/** The name that a result has among the files: results/NAME.json. */
export function fileName({
  device,
  what,
  date,
}: {
  readonly device: string;
  readonly what: What;
  readonly date: string;
}) {
  const words = device
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 48);
  return `${words || 'unnamed'}-${what}-${date.slice(0, 10)}.json`;
}

/** As a table of Markdown; what a stranger wrote cannot leave its cell. */
export function tableOf(results: readonly SharedResult[]): string {
  const line = (cells: readonly string[]) =>
    plain(`| ${cells.map((cell) => cell.replace(/[|\\`<>[\]\n]/g, ' ')).join(' | ')} |`);
  const rows = results.map((result) => line([deviceOf(result), ...COLUMNS.map(({ of }) => of(result))]));
  return [line(['GPU', ...COLUMNS.map(({ head }) => head)]), `|${'---|'.repeat(COLUMNS.length + 1)}`, ...rows].join(
    '\n',
  );
}
