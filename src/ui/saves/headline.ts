/** The one number of a result: what the MoE takes beside the dense one of the same total size, with its bars. */
import type { BlockKind } from '../../compare/costModel.ts';
import type { SteadyTime } from '../../worker/protocol.ts';
import { KIND_WORDS } from '../kit/kinds.ts';
import { timeOf } from './words.ts';

type Time = Pick<SteadyTime, 'median' | 'spread'>;

interface Bar {
  readonly kind: BlockKind;
  readonly name: string;
  readonly words: string;
  /** Of the longest time. */
  readonly share: number;
}

export interface Headline {
  /** “6.8×” */
  readonly number: string;
  /** What it is of: baseline, batch, and that it was measured. */
  readonly words: string;
  readonly bars: readonly Bar[];
}

/** Of one kind after the other: its time, where it was timed. */
export type Timed = readonly { readonly kind: BlockKind; readonly time: Time | null }[];

/**
 * @param what “block”, “layer” or “model”.
 * @param batch as in “one token per step”.
 * @returns null where the MoE or what it is compared with was not timed
 */
export function headlineOf(timed: Timed, what: string, batch: string): Headline | null {
  const timeBy = (kind: BlockKind) => timed.find((each) => each.kind === kind)?.time ?? null;
  const [moe, total] = [timeBy('moe'), timeBy('same-total')];
  if (!moe || !total) return null;
  const bars = timed.flatMap(({ kind, time }) => (time ? [{ kind, time }] : []));
  const longest = Math.max(...bars.map(({ time }) => time.median));
  const against = `a dense ${what} of the same total size, ${batch} (measured)`;
  return {
    ...ratio(moe, total, against),
    bars: bars.map(({ kind, time }) => ({
      ...{ kind, name: KIND_WORDS[kind].name, words: timeOf(time) },
      share: time.median / longest,
    })),
  };
}

function ratio(moe: Time, total: Time, against: string): Pick<Headline, 'number' | 'words'> {
  if (Math.abs(moe.median - total.median) <= moe.spread + total.spread)
    return { number: '1×', words: `the time of ${against}: no difference beyond the spread` };
  if (moe.median > total.median)
    return { number: `${(moe.median / total.median).toFixed(1)}×`, words: `the time of ${against}` };
  return { number: `${(total.median / moe.median).toFixed(1)}×`, words: `less time than ${against}` };
}
