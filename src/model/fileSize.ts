/** How large a model file may be, known before a byte of it is read: it is held in one piece. */
import { UserError } from './errors.ts';

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
