/** What the points of quality beside speed say of each other. */
import type { Quality, QualityPoint, QualityReading, SteadyTime } from '../../worker/protocol.ts';

/** What the plots show: all held-out text, a kind of it by its name, or the visitor's own. */
export type Wanted = 'held-out' | 'pasted' | (string & {});

/** Everyone has written for the clock. */
export const isTimed = ({ points, reader }: Quality): boolean =>
  reader === null && points.length > 0 && points.every(({ time }) => time !== null);

/** A model is behind when it has seen clearly fewer tokens than the one that has seen most: no comparison is fair yet. */
export function isBehind(tokensSeen: number, most: number): boolean {
  return tokensSeen < 0.98 * most;
}

export const mostTokens = (seen: readonly { readonly tokensSeen: number }[]): number =>
  Math.max(0, ...seen.map(({ tokensSeen }) => tokensSeen));

/** null where the point was not read with such a text. */
export function readingOf({ heldout, pasted, domains }: QualityPoint, wanted: Wanted): QualityReading | null {
  if (wanted === 'held-out') return heldout;
  return [...domains, ...(pasted ? [pasted] : [])].find(({ domain }) => domain === wanted) ?? null;
}

/** The MoE as it was trained beside a dense twin, on the same text. */
export interface Comparison {
  readonly k: number;
  readonly against: 'dense-active' | 'dense-total';
  /** Bits per byte. */
  readonly loss: { readonly moe: number; readonly twin: number };
  readonly time: { readonly moe: SteadyTime; readonly twin: SteadyTime };
  /** The spreads of the two times overlap: no difference was measured. */
  readonly timesOverlap: boolean;
}

/** null where one of the two was not read, or they have not seen as many tokens. */
export function compare(
  points: readonly QualityPoint[],
  role: 'dense-active' | 'dense-total',
  wanted: Wanted,
): Comparison | null {
  const moe = points.find(({ model, trained }) => model.role === 'moe' && trained);
  const twin = points.find(({ model }) => model.role === role);
  if (!moe || !twin || moe.k === null) return null;
  if (isBehind(Math.min(moe.tokensSeen, twin.tokensSeen), mostTokens([moe, twin]))) return null;
  const [ofMoe, ofTwin] = [readingOf(moe, wanted), readingOf(twin, wanted)];
  if (!ofMoe || !ofTwin || !moe.time || !twin.time) return null;
  const apart = Math.abs(moe.time.median - twin.time.median);
  return {
    k: moe.k,
    against: role,
    loss: { moe: ofMoe.bitsPerByte, twin: ofTwin.bitsPerByte },
    time: { moe: moe.time, twin: twin.time },
    timesOverlap: apart <= moe.time.spread + twin.time.spread,
  };
}
