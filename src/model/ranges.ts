/** Parts [from, to) of a file: in order, apart from each other. */
export type Ranges = readonly (readonly [from: number, to: number])[];

/** The parts, and one more. */
export function joined(ranges: Ranges, from: number, to: number): Ranges {
  if (to <= from) return ranges;
  const before = ranges.filter(([, end]) => end < from);
  const after = ranges.filter(([start]) => start > to);
  const touched = ranges.filter(([start, end]) => end >= from && start <= to);
  const whole = [Math.min(from, ...touched.map(([a]) => a)), Math.max(to, ...touched.map(([, b]) => b))] as const;
  return [...before, whole, ...after];
}

/** How much they hold together. */
export const lengthOf = (ranges: Ranges): number => ranges.reduce((sum, [from, to]) => sum + to - from, 0);

/** What of [from, to) is in none of them. */
export function gapsOf(ranges: Ranges, from: number, to: number): [number, number][] {
  const gaps: [number, number][] = [];
  let at = from;
  for (const [start, end] of ranges) {
    if (end <= at) continue;
    if (start >= to) break;
    if (start > at) gaps.push([at, start]);
    at = Math.max(at, end);
  }
  if (at < to) gaps.push([at, to]);
  return gaps;
}

export const covered = (ranges: Ranges, from: number, to: number): boolean => gapsOf(ranges, from, to).length === 0;
