/** Errors as plain data, since classes do not survive the way to the page. */
import { UserError } from '../engine/types.ts';
import type { Fault } from './protocol.ts';

export function toFault(error: unknown): Fault {
  if (error instanceof UserError) return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof RangeError) return { code: 'bad-input', message: error.message, hint: '' };
  if (isAbort(error)) return { code: 'cancelled', message: 'Cancelled.', hint: '' };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'unexpected',
    message,
    hint: 'Reload the page; if it happens again, please report it with this text.',
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
