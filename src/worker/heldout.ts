/** Fetches the text that no model was trained on. */
import type { Heldout } from '../compare/heldout.ts';
import { UserError } from '../engine/types.ts';

/** @throws UserError network; the signal's reason when aborted. */
export async function fetchHeldout(url: string, signal: AbortSignal): Promise<Heldout> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${response.status}`);
    const text: unknown = await response.json();
    if (isHeldout(text)) return text;
  } catch {
    signal.throwIfAborted();
    throw new UserError('network', 'The held-out text could not be fetched.', 'Check the connection and try again.');
  }
  throw new UserError('network', 'The held-out text is damaged.', 'Try again.');
}

function isHeldout(value: unknown): value is Heldout {
  const { domains } = (value ?? {}) as Partial<Heldout>;
  const isRow = (row: unknown) => Array.isArray(row) && row.every((id) => Number.isInteger(id) && id >= 0);
  return (
    Array.isArray(domains) &&
    domains.every(
      (domain: Partial<Heldout['domains'][number]> | null) =>
        typeof domain?.name === 'string' &&
        typeof domain.title === 'string' &&
        Array.isArray(domain.ids) &&
        domain.ids.every(isRow),
    )
  );
}
