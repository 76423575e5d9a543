/** What a comparison says, in sentences: never a ratio without its baseline and its batch. */
import type { Crossing, Method, SegmentName, SteadyTime, SweepPoint, SweepRow } from '../../worker/protocol.ts';
import { percent, plusMinus, time } from '../kit/format.ts';

const TWINS: Record<Crossing['against'], string> = {
  'same-active': 'a dense block of the same active size',
  'same-total': 'a dense block of the same total size',
  'all-on': 'itself with all experts on',
};

export const SEGMENT_WORDS: Record<SegmentName, string> = {
  route: 'router',
  plan: 'plan: who goes where',
  up: 'gather, gate and up',
  down: 'down',
  combine: 'combine',
  shared: 'shared expert',
};

export const tokensPerStep = (count: number): string => `${count} ${count === 1 ? 'token' : 'tokens'} per step`;

export const timeOf = ({ median, spread }: Pick<SteadyTime, 'median' | 'spread'>): string =>
  `${time(median)} ${plusMinus(median, spread)}`;

/** The MoE beside each baseline at one batch size, one sentence each. */
export function verdicts({ tokens, rows }: SweepPoint): string[] {
  const moe = rows.find(({ kind }) => kind === 'moe');
  if (!moe) return [];
  return rows.flatMap((row) => (row.kind === 'moe' ? [] : [verdict(tokens, moe.time, row, TWINS[row.kind])]));
}

function verdict(tokens: number, moe: SteadyTime, { time: twin }: SweepRow, against: string): string {
  const times = `${timeOf(moe)} against ${timeOf(twin)}`;
  const ratio = moe.median / twin.median;
  const with_ = `With ${tokensPerStep(tokens)} this MoE takes`;
  if (Math.abs(moe.median - twin.median) <= moe.spread + twin.spread) {
    return `${with_} as long as ${against}, within the spread: ${times}.`;
  }
  if (ratio > 1) return `${with_} ${ratio.toFixed(2)} times as long as ${against}: ${times}.`;
  return `${with_} ${percent(ratio)} of the time of ${against}: ${times}.`;
}

/** Where two curves cross, as the line in the chart says it. */
export function crossingWords({ against, tokens, then }: Crossing): string {
  const short = { 'same-active': 'same active', 'same-total': 'same total', 'all-on': 'all on' }[against];
  return `${then} than ${short} from ${around(tokens)}`;
}

export const around = (tokens: number): string => `N ≈ ${tokens < 10 ? tokens.toFixed(1) : Math.round(tokens)}`;

/** How it was timed, in a sentence. */
export function methodWords({ rounds, sampleMilliseconds, clock, weights, layers, discarded }: Method): string {
  const by = clock === 'timestamps' ? 'GPU timestamps' : 'the wall clock over long repeats, the submit taken out';
  const thrown =
    discarded === 0
      ? 'No sample was discarded.'
      : `${discarded} ${discarded === 1 ? 'sample was' : 'samples were'} discarded and taken again, because the tab was hidden meanwhile.`;
  return (
    `Median ± half the interquartile range of up to ${rounds} samples, by ${by}; the blocks take turns, and a sample lasts ` +
    `${sampleMilliseconds}\u00a0ms at least. Weights: ${weights}, ${layers} layers in turn (two above 32 tokens). ${thrown}`
  );
}

export const FALLBACK = 'Software adapter: times mean nothing about a GPU.';

/** Steps, whatever else is known of them. */
interface Timed {
  readonly points: readonly Pick<SweepPoint, 'tokens' | 'rows'>[];
}

/** Times whose spread is over 20 % of their median; null when there is none. */
export function unsteadyWords({ points }: Timed): string | null {
  const times = points.flatMap(({ rows }) => rows.map((row) => row.time));
  const unsteady = times.filter((each) => each.unsteady).length;
  if (!unsteady) return null;
  return `${unsteady} of ${times.length} times spread over more than 20\u00a0% of their median: something else kept the machine busy.`;
}

/** Above this share a shift from the first half to the second is worth a sentence. */
const DRIFT = 0.1;

/** How far the medians moved from the first half of the rounds to the second; null when hardly. */
export function driftWords({ points }: Timed): string | null {
  let most = { share: 0, tokens: 0 };
  for (const { tokens, rows } of points) {
    for (const { time: each } of rows) {
      const share = (each.secondHalf - each.firstHalf) / each.median;
      if (Math.abs(share) > Math.abs(most.share)) most = { share, tokens };
    }
  }
  if (Math.abs(most.share) <= DRIFT) return null;
  const way = most.share > 0 ? 'slower' : 'faster';
  return `From the first half of the rounds to the second a median became up to ${percent(Math.abs(most.share))} ${way} (${tokensPerStep(most.tokens)}): the machine warmed up or changed its clock.`;
}

/** For a file or an address: there a space is a space. */
export const plain = (words: string): string => words.replaceAll('\u00a0', ' ');

/** Bytes or FLOPs per second. */
export function rate(perSecond: number, unit: 'B/s' | 'FLOP/s'): string {
  const sizes: [number, string][] = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const [size, prefix] = sizes.find(([each]) => perSecond >= each) ?? [1, ''];
  const value = perSecond / size;
  return `${value.toFixed(value < 10 ? 1 : 0)}\u00a0${prefix}${unit}`;
}
