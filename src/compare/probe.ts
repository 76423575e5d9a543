/** Whether a published layer can be had on this GPU: said from its limits, then tried out, buffer by buffer. */
import { createBuffer } from '../gpu/buffers.ts';
import { watchRefusals } from '../gpu/refusals.ts';
import type { Gpu } from '../gpu/types.ts';
import type { Precision, Probe, Slice } from './contract.ts';
import { parametersOf } from './parameters.ts';
import type { PublishedModel } from './published.ts';
import { buffersFor, isWhole, slicesOf, wholeLayer } from './slices.ts';
import { bytesPerWeight } from './twins.ts';

export const PREFILL_TOKENS = 128;
const ANNOUNCED_MILLISECONDS = 100;
const MOST_PIECE = 2 ** 28;

export type BufferLimits = Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>;

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;

/** The largest buffer that a shader here may see. */
export const largestAllowed = ({ maxBufferSize, maxStorageBufferBindingSize }: BufferLimits): number =>
  Math.min(maxBufferSize, maxStorageBufferBindingSize);

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** A GPU in the place of one whose device was lost under the trial. */
  readonly onLoss?: () => Promise<Gpu>;
}

/**
 * Never throws for want of memory; leaves nothing allocated. A part under which the device is lost counts as refused.
 * @throws the signal's reason when aborted, and what `onLoss` throws.
 */
export async function probeLayer(
  gpu: Gpu,
  model: PublishedModel,
  precision: Precision,
  options: ProbeOptions = {},
): Promise<Probe> {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const limits = { maxBufferSize, maxStorageBufferBindingSize };
  const whole = buffersFor(model, wholeLayer(model), precision, PREFILL_TOKENS);
  const largestSlice = await largest(gpu, model, precision, options);
  const fits = largestSlice !== null && isWhole(model, largestSlice);
  return {
    fits,
    reason: fits ? null : reasonAgainst(whole, limits),
    bytesNeeded: {
      largestBuffer: Math.max(...whole),
      layer: sum(whole),
      model: parametersOf(model).total * bytesPerWeight(precision),
    },
    limits,
    largestSlice,
  };
}

function reasonAgainst(buffers: readonly number[], limits: BufferLimits): string {
  const most = largestAllowed(limits);
  const needed = Math.max(...buffers);
  return needed > most
    ? `One of its buffers takes ${mebibytes(needed)}; a shader here may see ${mebibytes(most)} at once.`
    : `It takes ${mebibytes(sum(buffers))} in all, and the GPU does not give as much.`;
}

/** The first part that the limits allow and the GPU really gives; after a refusal only clearly smaller ones are tried. */
async function largest(
  first: Gpu,
  model: PublishedModel,
  precision: Precision,
  { signal, onLoss }: ProbeOptions,
): Promise<Slice | null> {
  let gpu = first;
  let bound = Number.POSITIVE_INFINITY;
  for (const slice of slicesOf(model)) {
    signal?.throwIfAborted();
    const buffers = buffersFor(model, slice, precision, PREFILL_TOKENS);
    if (Math.max(...buffers) > largestAllowed(gpu.device.limits) || sum(buffers) > bound) continue;
    const given = await canAllocate(gpu, buffers);
    // A lost device refuses nothing.
    const lost = await isLost(gpu);
    if (given && !lost) return slice;
    bound = 0.9 * sum(buffers);
    if (!lost) continue;
    if (!onLoss) return null;
    gpu = await onLoss();
  }
  return null;
}

/** Memory for a model, in pieces as its matrices would be: whether the GPU gives it now. Leaves nothing allocated. */
export async function tryMemory(gpu: Gpu, bytes: number): Promise<boolean> {
  const piece = Math.min(MOST_PIECE, largestAllowed(gpu.device.limits));
  const sizes = Array.from({ length: Math.ceil(bytes / piece) }, (_, i) => Math.min(piece, bytes - i * piece));
  return canAllocate(
    gpu,
    sizes.map((size) => Math.max(4, 4 * Math.ceil(size / 4))),
  );
}

/** The loss may be announced a little after what it happened under. */
const isLost = ({ device }: Gpu): Promise<boolean> =>
  Promise.race([
    device.lost.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, ANNOUNCED_MILLISECONDS, false)),
  ]);

/** Allocates buffer after buffer, the largest first, until one is refused; frees them all. */
async function canAllocate(gpu: Gpu, sizes: readonly number[]): Promise<boolean> {
  const buffers: GPUBuffer[] = [];
  try {
    for (const bytes of [...sizes].sort((a, b) => b - a)) {
      const refusals = watchRefusals(gpu);
      buffers.push(createBuffer(refusals.gpu.device, 'probe', bytes));
      if (await refusals.first()) return false;
    }
    return true;
  } catch {
    return false; // The size is beyond what a buffer can be described with.
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
