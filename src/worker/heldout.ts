/** Fetches the text that no model was trained on. */
import type { Heldout } from '../compare/heldout.ts';
import { UserError } from '../engine/types.ts';

/** @throws UserError network; the signal's reason when aborted. */
export async function fetchHeldout(url: string, signal: AbortSignal): Promise<Heldout> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${response.status}`);
    return (await response.json()) as Heldout;
  } catch {
    signal.throwIfAborted();
    throw new UserError('network', 'The held-out text could not be fetched.', 'Check the connection and try again.');
  }
}
