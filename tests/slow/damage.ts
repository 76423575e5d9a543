/** What files are damaged with, and how they are to be refused. */
import { UserError } from '../../src/model/errors.ts';

export const NUMBERS = [
  0n,
  1n,
  2n,
  255n,
  65_535n,
  0x7fffffffn,
  0xffffffffn,
  1n << 32n,
  1n << 53n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];

/** What is wrong with a refusal, or null. @throws what is none */
export function unclear(error: unknown): string | null {
  if (!(error instanceof UserError)) throw error;
  const clear = /^[A-Z“"].*\.$/s.test(error.message) && !/undefined|\[object|NaN/.test(error.message);
  return clear ? null : `no sentence: ${error.message}`;
}
