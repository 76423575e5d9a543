/**
 * Experts that nobody has asked for yet come by themselves, whom the routers gave most first, and always behind those that a
 * pass waits for. In the end all are on the GPU, or where there is no room for all, on this machine.
 */
import { UserError } from '../types.ts';
import type { Residency } from './residency.ts';

export interface ArrivalOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which a server that did not answer is asked again. */
  readonly pause?: number;
}

/** Then the order is looked at again. */
const AT_A_TIME = 16;
/** Between two looks at whether a pass waits. */
const LOOK = 20;

/**
 * Ends when all have come; false where they cannot all be kept here.
 * @throws the signal's reason; UserError other than network
 */
export async function arrive(residency: Residency, { signal, pause = 3000 }: ArrivalOptions): Promise<boolean> {
  const turn = async () => {
    while (!residency.quiet) await sleep(LOOK, signal);
  };
  for (let left = residency.lacking; left.length > 0; left = residency.lacking) {
    for (const place of left.slice(0, AT_A_TIME)) {
      await turn();
      if (residency.has(place)) continue;
      try {
        await residency.take(place, turn);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UserError) || error.code !== 'network') throw error;
        await sleep(pause, signal);
        break;
      }
      if (!residency.has(place)) return false;
    }
  }
  return true;
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const leave = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', leave, { once: true });
  });
}
