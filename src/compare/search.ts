/**
 * The choice among candidates by measuring: of one family of kernels, each candidate is first checked against what stands,
 * then timed in turn with the others; the quickest wins. A candidate that does not compile, or computes something else, is
 * never chosen.
 */
import type { KernelFamily } from '../gpu/tuning.ts';
import type { Tuning } from '../gpu/types.ts';
import { UserError } from '../model/errors.ts';
import { interleave, longEnough, type Stopwatch, type Workload } from './sampler.ts';
import { type Summary, summarise } from './timing.ts';

/** A candidate, planned and ready. */
export interface Trial extends Workload {
  /** What one repetition computes. */
  result(): Promise<Float32Array>;
  destroy(): void;
}

export interface Contender {
  readonly name: string;
  readonly tuning: Partial<Tuning>;
  /** Rejects where a kernel does not compile or does not fit. */
  prepare(): Promise<Trial>;
}

export interface SearchedCandidate {
  readonly name: string;
  /** Milliseconds per repetition; null where it was not timed. */
  readonly time: Summary | null;
  /** Largest difference from what stood before, relative to its largest value; null where there is no result. */
  readonly error: number | null;
}

export interface SearchedFamily {
  readonly family: KernelFamily;
  /** What one repetition is. */
  readonly work: string;
  readonly candidates: readonly SearchedCandidate[];
  readonly chosen: string;
  readonly tuning: Partial<Tuning>;
}

export interface FamilySearch {
  readonly family: KernelFamily;
  readonly work: string;
  /** The first is what stands: the default, whose kernels the self-test has checked against their f64 twins. */
  readonly contenders: readonly Contender[];
}

/** As in the self-test: candidates add up in another order, and some adapters have coarse exponentials. */
const TOLERANCE = 1e-4;
/** Whoever is slower than the best by this at first sight is not timed again. */
const HOPELESS = 1.5;
const ROUNDS = 7;
/** Shorter than a measurement's sample: this only ranks, and a visitor waits. */
const SAMPLE_MILLISECONDS = 10;

/** @throws UserError device-lost, no-clock; the signal's reason when aborted. */
export async function searchFamily(
  { family, work, contenders }: FamilySearch,
  watch: Stopwatch,
  signal?: AbortSignal,
): Promise<SearchedFamily> {
  const trials = new Map<Contender, Trial>();
  try {
    const errors = await check(contenders, trials, signal);
    const times = await time([...trials], watch, signal);
    const [standing] = contenders;
    return {
      family,
      work,
      candidates: contenders.map((contender) => ({
        name: contender.name,
        time: times.get(contender) ?? null,
        error: errors.get(contender) ?? null,
      })),
      ...choose(standing, times),
    };
  } finally {
    for (const trial of trials.values()) trial.destroy();
  }
}

/** Prepares the contenders; those that are right are left in `trials`. Nothing can be told from without the first. */
async function check(
  contenders: readonly Contender[],
  trials: Map<Contender, Trial>,
  signal?: AbortSignal,
): Promise<Map<Contender, number>> {
  const errors = new Map<Contender, number>();
  let expected: Float32Array | null = null;
  for (const contender of contenders) {
    signal?.throwIfAborted();
    const trial = await contender.prepare().catch(unlessLost);
    if (!trial) continue;
    const result = await trial.result();
    expected ??= contender === contenders[0] ? result : null;
    const error = expected ? relativeDifference(result, expected) : Number.POSITIVE_INFINITY;
    errors.set(contender, error);
    if (error <= TOLERANCE) trials.set(contender, trial);
    else trial.destroy();
  }
  return errors;
}

/** A kernel that does not compile is no candidate; a device that is gone is the end of the search. */
function unlessLost(cause: unknown): null {
  if (cause instanceof UserError) throw cause;
  return null;
}

async function time(
  trials: readonly (readonly [Contender, Trial])[],
  watch: Stopwatch,
  signal?: AbortSignal,
): Promise<Map<Contender, Summary>> {
  const sighted: { contender: Contender; trial: Trial; repeats: number; milliseconds: number }[] = [];
  for (const [contender, trial] of trials) {
    sighted.push({ contender, trial, ...(await longEnough(watch, trial, SAMPLE_MILLISECONDS)) });
    signal?.throwIfAborted();
  }
  const best = Math.min(...sighted.map(({ milliseconds }) => milliseconds));
  const close = sighted.filter(({ milliseconds }) => milliseconds <= HOPELESS * best);
  const timings = await interleave(
    watch,
    close.map(({ trial }) => trial),
    { rounds: ROUNDS, repeats: close.map(({ repeats }) => repeats), signal },
  );
  return new Map(
    sighted.map(({ contender, milliseconds }) => {
      const place = close.findIndex((each) => each.contender === contender);
      return [contender, timings[place]?.time ?? summarise([milliseconds])];
    }),
  );
}

/** The quickest; but what stands stays unless it is beaten by more than both spread. */
function choose(
  standing: Contender,
  times: ReadonlyMap<Contender, Summary>,
): { chosen: string; tuning: Partial<Tuning> } {
  const ranked = [...times].sort(([, a], [, b]) => a.median - b.median);
  const [winner, best] = ranked[0] ?? [standing, null];
  const before = times.get(standing);
  const beaten = !before || !best || best.median + best.spread < before.median - before.spread;
  const { name, tuning } = beaten ? winner : standing;
  return { chosen: name, tuning };
}

/** Largest difference relative to the largest value expected; infinite where something is not a number. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 1e-30;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]);
    if (!Number.isFinite(distance)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, distance);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return difference / largest;
}
