/**
 * What this machine can do, measured by three small kernels: the roofline that every timing is set against. The results
 * are checked to the last bit, so nothing can have been optimised away.
 */
import { createBuffer, PASS_STATE, readBuffer, uploadBuffer } from '../gpu/buffers.ts';
import { encode } from '../gpu/dispatch.ts';
import { watchRefusals } from '../gpu/refusals.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { submittedWorkDone } from '../gpu/waits.ts';
import {
  fmaCount,
  fmaTwin,
  LIMIT_BYTES,
  LIMIT_FLOPS,
  limitCopy,
  limitFma,
  limitRead,
  readTwin,
  sumCount,
} from '../kernels/limits.ts';
import { UserError } from '../model/errors.ts';
import { interleave, type SampleOptions, type Stopwatch } from './sampler.ts';
import type { Summary } from './timing.ts';

export interface Limit {
  /** Bytes or FLOPs per second at the median. */
  readonly rate: number;
  /** Half the interquartile range of the rate, by that of the time. */
  readonly spread: number;
  readonly samples: number;
}

export interface Limits {
  /** Bytes of the buffer that was read, and copied to a second one. */
  readonly bytes: number;
  readonly read: Limit;
  /** Bytes read and written together. */
  readonly copy: Limit;
  readonly fma: Limit;
}

export interface LimitSizes {
  /** Rounded down to whole workgroups. */
  readonly bytes: number;
  /** Of the multiply-add kernel, each 8.4 MFLOP. */
  readonly workgroups: number;
}

/** Word i of the data is i times this (Knuth's multiplier): no two caches lines alike, and sums in closed form. */
const STEP = 2654435761;
/** Half a GPU's memory would do, but has to be filled first: 256 MiB are beyond the caches of all but the largest. */
const MOST_BYTES = 2 ** 28;
const SOFTWARE_BYTES = 2 ** 27;
/** Its caches are smaller, and a tab that takes much of its memory is ended. */
const PHONE_BYTES = 2 ** 26;
/** Pieces on their way to the GPU at a time: each is held a second time until it has arrived. */
const PIECES = 4;

const isPhone = () => /Android|iPhone|iPad|Mobile/.test(globalThis.navigator?.userAgent ?? '');

/** Buffers as large as the adapter lets a shader see, up to 256 MiB; less for a software adapter and on a phone. */
export function limitSizes({ limits }: GPUDevice, software: boolean, phone = isPhone()): LimitSizes {
  const bytes = Math.min(
    software ? SOFTWARE_BYTES : phone ? PHONE_BYTES : MOST_BYTES,
    limits.maxStorageBufferBindingSize,
    limits.maxBufferSize,
  );
  return { bytes: Math.floor(bytes / LIMIT_BYTES) * LIMIT_BYTES, workgroups: software ? 32 : 1024 };
}

/** @throws UserError wrong-results, out-of-memory, no-clock; the signal's reason when aborted. */
export async function measureLimits(
  gpu: Gpu,
  watch: Stopwatch,
  { bytes, workgroups }: LimitSizes,
  options: SampleOptions = {},
): Promise<Limits> {
  const refusals = watchRefusals(gpu);
  const { device } = refusals.gpu;
  const owned: GPUBuffer[] = [];
  const own = (buffer: GPUBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  try {
    const data = own(createBuffer(device, 'data to read', bytes));
    const copied = own(createBuffer(device, 'copied data', bytes));
    const sums = own(createBuffer(device, 'sums', 4 * sumCount(bytes)));
    const results = own(createBuffer(device, 'multiply-adds', 4 * fmaCount(workgroups)));
    const factors = own(uploadBuffer(device, 'factors', Float32Array.of(1, 1, 1, 1, 3, 3, 3, 3)));
    const pass = own(uploadBuffer(device, 'pass', Uint32Array.of(1, 0, 0, 0), PASS_STATE));
    await fill(device, data, options.signal);
    const readData = await limitRead(refusals.gpu, bytes, { data, sums, pass });
    const copy = await limitCopy(refusals.gpu, bytes, { data, copied, pass });
    const readCopy = await limitRead(refusals.gpu, bytes, { data: copied, sums, pass });
    const fma = await limitFma(refusals.gpu, workgroups, { factors, results, pass });
    if (await refusals.first()) throw outOfMemory(bytes);
    const expected = readTwin(bytes, STEP);
    await check('reading', gpu, [readData], sums, expected);
    await check('copying', gpu, [copy, readCopy], sums, expected);
    await check('multiplying', gpu, [fma], results, new Uint32Array(fmaTwin(workgroups, 3).buffer));
    options.signal?.throwIfAborted();
    const works = [readData, copy, fma].map((dispatch) => ({
      encode: (encoder: GPUComputePassEncoder) => encode(encoder, [dispatch], 1),
    }));
    const [reading, copying, multiplying] = await interleave(watch, works, options);
    return {
      bytes,
      read: rateOf(bytes, reading.time),
      copy: rateOf(2 * bytes, copying.time),
      fma: rateOf(workgroups * LIMIT_FLOPS, multiplying.time),
    };
  } finally {
    for (const buffer of owned) buffer.destroy();
  }
}

/** In pieces, so that neither the processor nor the way to the GPU holds it all a second time. */
async function fill(device: GPUDevice, data: GPUBuffer, signal?: AbortSignal): Promise<void> {
  const words = 2 ** 20;
  for (let first = 0; 4 * first < data.size; first += words) {
    if (first > 0 && first % (PIECES * words) === 0) await submittedWorkDone(device);
    signal?.throwIfAborted();
    const piece = new Uint32Array(Math.min(words, data.size / 4 - first));
    for (let i = 0; i < piece.length; i++) piece[i] = Math.imul(first + i, STEP);
    device.queue.writeBuffer(data, 4 * first, piece);
  }
}

async function check(
  what: string,
  { device }: Gpu,
  dispatches: readonly Dispatch[],
  output: GPUBuffer,
  expected: Uint32Array,
): Promise<void> {
  const encoder = device.createCommandEncoder();
  encoder.clearBuffer(output);
  const pass = encoder.beginComputePass();
  encode(pass, dispatches, 1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const words = new Uint32Array(await readBuffer(device, output, 0, expected.byteLength));
  if (expected.some((word, i) => words[i] !== word)) {
    throw new UserError('wrong-results', `The kernel that measures ${what} gave wrong numbers.`);
  }
}

const outOfMemory = (bytes: number) =>
  new UserError('out-of-memory', `The GPU has no room for two buffers of ${bytes / 2 ** 20} MiB.`);

function rateOf(work: number, { median, spread, samples }: Summary): Limit {
  const rate = (1000 * work) / median;
  return { rate, spread: (rate * spread) / median, samples };
}

/** What a piece of work asks for. */
export interface Work {
  readonly flops: number;
  /** Bytes that have to be read at least once. */
  readonly bytes: number;
}

export interface Share {
  /** The least time the measured limits allow, in milliseconds: max(FLOPs / FMA rate, bytes / read bandwidth). */
  readonly least: number;
  /** least / time; above 1 where caches feed a kernel faster than the memory that was measured. */
  readonly share: number;
  readonly bound: 'arithmetic' | 'reading';
}

/** The roofline: which share of the possible a measured time is. */
export function shareOfRoofline({ flops, bytes }: Work, milliseconds: number, { fma, read }: Limits): Share {
  const arithmetic = (1000 * flops) / fma.rate;
  const reading = (1000 * bytes) / read.rate;
  const least = Math.max(arithmetic, reading);
  return { least, share: least / milliseconds, bound: arithmetic > reading ? 'arithmetic' : 'reading' };
}
