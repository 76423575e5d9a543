/** Errors as plain data, since classes do not survive the way to the page. */
import { UserError } from '../engine/types.ts';
import { NoRoom } from '../gpu/faults.ts';
import type { Fault } from './protocol.ts';

/** Why a controller of the service aborts: told apart from the AbortError of a lost device. */
export const CANCELLED = new UserError('cancelled', 'Cancelled.');

export function toFault(error: unknown): Fault {
  if (isFault(error)) return error;
  if (error instanceof UserError) return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof NoRoom) return { code: 'out-of-memory', message: error.message, hint: error.hint };
  if (isOutOfMemory(error)) {
    const message = 'There is not enough memory for this in this browser.';
    return { code: 'out-of-memory', message, hint: 'Close other tabs, or choose a smaller model.' };
  }
  if (error instanceof RangeError) return { code: 'bad-input', message: error.message, hint: '' };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'unexpected',
    message,
    hint: 'Reload the page; if it happens again, please report it with this text.',
  };
}

/** What Chromium, Firefox and Safari say when an array cannot be had. */
function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /createBuffer|mappedAtCreation|allocation failed|allocation size overflow|invalid (typed )?array( buffer)? (length|size)|out of memory/i.test(
    error.message,
  );
}

/** A job inside a job has already made a fault of its error. */
function isFault(error: unknown): error is Fault {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error && 'hint' in error;
}

/** Whatever goes wrong inside reaches the page as a Fault. */
export async function faultsOf<T>(job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    const fault = toFault(error);
    if (fault.code === 'unexpected') console.error(error);
    throw fault;
  }
}
