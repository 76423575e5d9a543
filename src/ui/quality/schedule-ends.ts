/** Where models can be compared that have seen different amounts of text: where each had ended a schedule at the same count. */
import type { Curve, CurvePoint } from '../../state/models/training-curves.ts';

/**
 * The largest count of tokens at which every one of the models had ended a schedule of its training, with a point of each, best first;
 * null where there is none, or where it says no more than the last points do.
 */
export function endedTogether(models: readonly (readonly [string, Curve])[]): [string, CurvePoint][] | null {
  const ends = models.map(([id, { points }]) => [id, points.filter(({ ended }) => ended)] as const);
  const shared = (ends[0]?.[1] ?? [])
    .map(({ tokens }) => tokens)
    .filter((tokens) => ends.every(([, points]) => points.some((point) => point.tokens === tokens)));
  if (models.length < 2 || !shared.length) return null;
  const most = Math.max(...shared);
  if (models.every(([, { points }]) => points[points.length - 1].tokens === most)) return null;
  return ends
    .map(([id, points]): [string, CurvePoint] => [id, points.find(({ tokens }) => tokens === most)!])
    .sort(([, a], [, b]) => a.bitsPerByte - b.bitsPerByte);
}
