/** Kernels that are compiled late may fail late: the run then goes on elsewhere. */
import { UserError } from '../types.ts';

/** @throws UserError wrong-results where they do not compile */
export async function planned<T>(kernels: Promise<T>): Promise<T> {
  try {
    return await kernels;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UserError('wrong-results', message, 'The CPU continues the text.');
  }
}
