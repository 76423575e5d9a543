/** A group of rows: each is planned and checked against its reference first, then all are timed in turns. */
import { type Limits, shareOfRoofline, type Work } from '../../compare/limits.ts';
import { interleave, type SampleOptions, type Stopwatch, type Workload } from '../../compare/sampler.ts';
import { relativeDifference } from '../../compare/search.ts';
import { readBuffer } from '../../gpu/buffers.ts';
import { run } from '../../gpu/dispatch.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { UserError } from '../../model/errors.ts';
import type { Group, Row } from './report.ts';

/** Errors up to this are rounding: the issue's own bound is 1e-5, and one wrong element is far beyond. */
export const TOLERANCE = 1e-4;

export interface Item {
  readonly name: string;
  readonly what: string;
  /** null: no roofline is drawn. */
  readonly work: Work | null;
  prepare(own: Own): Promise<Prepared>;
}

export interface Prepared extends Workload {
  /** Largest relative error; null where there is nothing of its own to check. */
  check(): Promise<number | null>;
}

/** Keeps a buffer until the group is done. */
export type Own = (buffer: GPUBuffer) => GPUBuffer;

export interface Bench {
  readonly gpu: Gpu;
  readonly watch: Stopwatch;
  readonly limits: Limits;
  readonly options: SampleOptions;
  readonly only: RegExp;
  log(text: string): void;
}

/** The rows whose id is asked for; null where none is. */
export async function measureGroup(
  bench: Bench,
  id: string,
  title: string,
  items: readonly Item[],
): Promise<Group | null> {
  const wanted = items.filter(({ name }) => bench.only.test(`${id}/${name}`));
  if (wanted.length === 0) return null;
  bench.log(`${title} …`);
  const owned: GPUBuffer[] = [];
  const own: Own = (buffer) => {
    owned.push(buffer);
    return buffer;
  };
  const { device } = bench.gpu;
  device.pushErrorScope('out-of-memory');
  let scoped = true;
  try {
    const prepared: Prepared[] = [];
    const errors: (number | null)[] = [];
    for (const item of wanted) {
      const each = await item.prepare(own);
      prepared.push(each);
      errors.push(await each.check());
    }
    scoped = false;
    if (await device.popErrorScope()) throw new UserError('out-of-memory', `The GPU has no room for “${title}”.`);
    const right = errors.map((error) => error === null || error <= TOLERANCE);
    const timings = await interleave(
      bench.watch,
      prepared.filter((_, i) => right[i]),
      bench.options,
    );
    let place = 0;
    const rows = wanted.map(({ name, what, work }, i): Row => {
      const timing = right[i] ? timings[place++] : null;
      const roofline = timing && work && shareOfRoofline(work, timing.time.median, bench.limits);
      const { time = null, wall = null, repeats = 0 } = timing ?? {};
      return { id: `${id}/${name}`, what, time, wall, repeats, work, roofline, error: errors[i] };
    });
    return { id, title, rows };
  } finally {
    // What a lost device answers would hide what is thrown here.
    if (scoped) device.popErrorScope().catch(() => {});
    for (const buffer of owned) buffer.destroy();
  }
}

/** Runs the dispatches once and compares words of `output` with what is expected at these places. */
export async function errorOf(
  { device }: Gpu,
  dispatches: readonly Dispatch[],
  tokens: number,
  output: GPUBuffer,
  expected: ReadonlyMap<number, Float64Array>,
): Promise<number> {
  run(device, dispatches, tokens);
  const actual = new Float32Array(await readBuffer(device, output));
  const [found, wanted] = [[] as number[], [] as number[]];
  for (const [row, values] of expected) {
    found.push(...actual.subarray(row * values.length, (row + 1) * values.length));
    wanted.push(...values);
  }
  return relativeDifference(found, wanted);
}

/** Rows of a pass whose results are checked: the first, the last and some between. */
export const sampledRows = (tokens: number): number[] =>
  [...new Set([0, 1, 17, tokens >> 1, tokens - 2, tokens - 1])].filter((row) => row >= 0 && row < tokens);
