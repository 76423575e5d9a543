/** How large a model may be where it is held in one piece, or as numbers in memory. */
import { UserError } from './errors.ts';
import type { Model } from './types.ts';

/** What browsers and Node hand out in one piece at most. */
const MOST_BYTES = 2 ** 31 - 1;

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** @throws UserError unsupported-model */
export function checkFileSize(bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  throw new UserError(
    'unsupported-model',
    `The file has ${gigabytes(bytes)}; models of up to ${gigabytes(MOST_BYTES)} can be opened.`,
    'Choose a smaller model, or one with more compact weights, such as Q4_0.',
  );
}

/** Bytes of numbers that the CPU engine may take: it keeps every weight in f32. */
const MOST_NUMBERS = 6e9;

/** @throws UserError unsupported-model, with why it would be the CPU's turn. */
export function checkCpuMemory({ config }: Pick<Model, 'config'>, why = ''): void {
  const bytes = 4 * config.parameters.total;
  if (bytes <= MOST_NUMBERS) return;
  throw new UserError(
    'unsupported-model',
    `${why} Without a GPU this model would take ${gigabytes(bytes)} of memory; up to ${gigabytes(MOST_NUMBERS)} can be run.`.trim(),
    'Choose a smaller model.',
  );
}
