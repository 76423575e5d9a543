/** Honest timing: long samples, interleaved, medians with their spread. */

export interface Summary {
  readonly median: number;
  /** Half the interquartile range. */
  readonly spread: number;
  readonly samples: number;
  /** The smallest and the largest. Where others use the machine too, the quickest sample is the least disturbed. */
  readonly low: number;
  readonly high: number;
}

/** @param values at least one. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number) => {
    const place = q * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  };
  return {
    median: at(0.5),
    spread: (at(0.75) - at(0.25)) / 2,
    samples: sorted.length,
    low: sorted[0],
    high: sorted[sorted.length - 1],
  };
}

/** The same in another unit. */
export function scale({ median, spread, samples, low, high }: Summary, factor: number): Summary {
  return { samples, median: median * factor, spread: spread * factor, low: low * factor, high: high * factor };
}

/** Above this share of the median the spread says that something else was going on. */
const UNSTEADY = 0.2;

/** @param values in the order they were taken, at least one; each is multiplied by `factor`. */
export function steady(values: readonly number[], factor = 1): SteadyTime {
  const half = Math.ceil(values.length / 2);
  const summary = scale(summarise(values), factor);
  return {
    ...summary,
    firstHalf: factor * summarise(values.slice(0, half)).median,
    secondHalf: factor * summarise(values.slice(-half)).median,
    unsteady: summary.spread > UNSTEADY * summary.median,
  };
}

/** A measured time, in milliseconds, with what one needs to trust it. */
export interface SteadyTime extends Summary {
  /** Medians of the first and the second half of the rounds: they part when the machine warms up or slows down. */
  readonly firstHalf: number;
  readonly secondHalf: number;
  /** The spread is over 20 % of the median: the GPU was busy with something else. */
  readonly unsteady: boolean;
}
