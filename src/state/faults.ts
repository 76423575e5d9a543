/** Whatever was thrown, as one clear sentence with a way out. */
import type { Fault } from '../worker/protocol.ts';

/** What a visitor can press when something failed. */
export type Way = 'write' | 'retry' | 'cpu' | 'other-model' | 'dismiss';

export function asFault(thrown: unknown, fallback = 'Something went wrong.'): Fault {
  const fault = thrown as Partial<Fault> | null;
  if (fault && typeof fault === 'object' && typeof fault.message === 'string' && fault.message) {
    return {
      code: typeof fault.code === 'string' ? fault.code : 'unknown',
      message: fault.message,
      hint: fault.hint ?? '',
    };
  }
  return { code: 'unknown', message: typeof thrown === 'string' && thrown ? thrown : fallback, hint: '' };
}

export function isCancelled(thrown: unknown): boolean {
  const fault = asFault(thrown);
  return fault.code === 'cancelled' || (thrown as Error | null)?.name === 'AbortError';
}

/** The sentence, and the way out where there is one. */
export const inWords = ({ message, hint }: Fault): string => `${message} ${hint}`.trim();

/** The buttons beside the sentence. */
export function waysOut(code: string): Way[] {
  switch (code) {
    case 'network':
    case 'cancelled':
    case 'worker':
      return ['retry'];
    case 'out-of-memory':
    case 'device-lost':
    case 'wrong-results':
    case 'no-adapter':
    case 'no-webgpu':
      return ['cpu', 'retry'];
    case 'bad-file':
    case 'unsupported-model':
      return ['other-model', 'dismiss'];
    case 'context':
    case 'bad-input':
      return ['dismiss'];
    default:
      return ['retry', 'dismiss'];
  }
}
