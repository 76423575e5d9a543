/**
 * How everything here is timed: repeats that fill a sample of at least 20 ms (clocks in browsers are coarse), rounds in
 * which the contenders take turns so that drift hits all alike, medians with their spread.
 */
import { createPassTimer } from '../gpu/timestamps.ts';
import { submittedWorkDone } from '../gpu/waits.ts';
import { UserError } from '../model/errors.ts';
import { type Summary, summarise } from './timing.ts';

/** What is timed. */
export interface Workload {
  /** Encodes one repetition. `index` counts them, so that inputs can take turns. */
  encode(pass: GPUComputePassEncoder, index: number): void;
}

export interface Reading {
  /** Milliseconds by the stopwatch's clock; null where it stood still or ran backwards, which is no measurement. */
  readonly milliseconds: number | null;
  /** From the submit until the processor knows that all is done. */
  readonly wall: number;
}

export interface Stopwatch<W = Workload> {
  readonly clock: 'timestamps' | 'wall';
  /** Whether a reading holds the cost of one submit, to be taken out: by default those of the wall clock do. */
  readonly submits?: boolean;
  /** `repeats` repetitions, of GPU work in one submit. */
  run(work: W, repeats: number): Promise<Reading>;
  destroy(): void;
}

/** Per repetition, in milliseconds. */
export interface Timing {
  /** By the GPU's clock; without one by the wall clock, with the cost of submitting taken out. */
  readonly time: Summary;
  /** By the wall clock, submit and wake-up included, spread over the repetitions of a sample. */
  readonly wall: Summary;
  /** What `time` sums up, in the order it was taken. */
  readonly times: readonly number[];
  readonly repeats: number;
}

export interface SampleOptions {
  readonly rounds?: number;
  /** Milliseconds that a sample lasts at least. */
  readonly length?: number;
  /** Where they are known already; else they are found first. */
  readonly repeats?: readonly number[];
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export const SAMPLE_MILLISECONDS = 20;
export const ROUNDS = 9;
/** Work that is still too short then is none. */
const MAX_REPEATS = 2 ** 14;
/** A submit that takes so many samples' time, and none by the GPU's clock: that clock does not run. */
const MOST_UNSEEN = 25;

const noClock = () =>
  new UserError('no-clock', 'The GPU’s clock gives no usable times.', 'Try again when the machine is idle.');

/** @param arrival waits for the GPU; it may turn the loss of the device into an error. */
export function createStopwatch(
  device: GPUDevice,
  arrival: <T>(coming: Promise<T>) => Promise<T> = (coming) => coming,
): Stopwatch {
  const timer = createPassTimer(device);
  return {
    clock: timer.available ? 'timestamps' : 'wall',
    async run(work, repeats) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass({ timestampWrites: timer.timestampWrites });
      for (let i = 0; i < repeats; i++) work.encode(pass, i);
      pass.end();
      timer.resolve(encoder);
      const start = performance.now();
      device.queue.submit([encoder.finish()]);
      await arrival(submittedWorkDone(device));
      const wall = performance.now() - start;
      if (!timer.available) return { milliseconds: wall, wall };
      const nanoseconds = await arrival(timer.read());
      return { milliseconds: nanoseconds ? nanoseconds / 1e6 : null, wall };
    },
    destroy: () => timer.destroy(),
  };
}

/** Times all works in turning order. @throws UserError no-clock; the signal's reason when aborted. */
export async function interleave<W>(
  watch: Stopwatch<W>,
  works: readonly W[],
  { rounds = ROUNDS, length = SAMPLE_MILLISECONDS, repeats: known, onProgress = () => {}, signal }: SampleOptions = {},
): Promise<Timing[]> {
  const repeats = [...(known ?? [])];
  for (const work of works.slice(repeats.length)) {
    repeats.push((await longEnough(watch, work, length)).repeats);
    signal?.throwIfAborted();
  }
  const times = works.map(() => ({ time: [] as number[], wall: [] as number[] }));
  const total = rounds * works.length;
  for (let i = 0; i < total; i++) {
    const place = (i + Math.floor(i / works.length)) % works.length;
    const { time, wall } = await sample(watch, works[place], repeats[place]);
    times[place].time.push(time);
    times[place].wall.push(wall);
    onProgress(i + 1, total);
    signal?.throwIfAborted();
  }
  return times.map(({ time, wall }, i) => ({
    time: summarise(time),
    wall: summarise(wall),
    times: time,
    repeats: repeats[i],
  }));
}

/**
 * Repeats that fill a sample, found by doubling, which warms the clocks as well; so a submit lasts four samples at most,
 * unless one repetition is longer, and no watchdog minds. The first run pays for compiling; a run that the coarse clock
 * does not see at all is simply too short. A busy machine interrupts a short run for longer than a sample, so what looks
 * long enough is run again; and where submits are in a reading, a slow one alone fills none: the work must. A clock that
 * stands still would have work repeated until the driver resets the GPU: two long waits for what it does not see are enough.
 */
export async function longEnough<W>(
  watch: Stopwatch<W>,
  work: W,
  length = SAMPLE_MILLISECONDS,
): Promise<{ repeats: number; milliseconds: number }> {
  let unseen = 0;
  const read = async (repeats: number): Promise<number> => {
    const { milliseconds, wall } = await watch.run(work, repeats);
    if ((milliseconds ?? 0) >= length || wall < MOST_UNSEEN * length) return milliseconds ?? 0;
    if (++unseen > 1) throw noClock();
    return read(repeats);
  };
  const submits = holdsSubmits(watch);
  await watch.run(work, 1);
  let half = 0;
  for (let repeats = 1; repeats <= MAX_REPEATS; repeats *= 2) {
    const started = submits ? half : 0;
    const first = await read(repeats);
    const milliseconds = first - started < length ? first : Math.min(first, await read(repeats));
    if (milliseconds - started >= length && (repeats > 1 || !submits)) {
      const counted = submits ? repeats / 2 : repeats;
      return { repeats: counted, milliseconds: (milliseconds - started) / counted };
    }
    half = milliseconds;
  }
  throw noClock();
}

const holdsSubmits = <W>(watch: Stopwatch<W>) => watch.submits ?? watch.clock === 'wall';

/**
 * Milliseconds a repetition, of `repeats`: what the stopwatch says; where submits are in it, what twice the repetitions take
 * longer, so that submitting and waking up cancel out. Where that is less than nothing, the first was interrupted: both
 * are run again, and the shortest of each count; after three such tries with more repetitions.
 */
async function sample<W>(watch: Stopwatch<W>, work: W, repeats: number): Promise<{ time: number; wall: number }> {
  for (let tries = 0, count = repeats; tries < 4; tries++, count *= 2) {
    let once = Number.POSITIVE_INFINITY;
    let twice = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3; attempt++) {
      const { milliseconds: first, wall } = await watch.run(work, count);
      if (first === null) continue;
      if (!holdsSubmits(watch)) return { time: first / count, wall: wall / count };
      const { milliseconds: second } = await watch.run(work, 2 * count);
      if (second === null) continue;
      once = Math.min(once, first);
      twice = Math.min(twice, second);
      if (twice > once) return { time: (twice - once) / count, wall: wall / count };
    }
  }
  throw noClock();
}
