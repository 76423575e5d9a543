/** Lost devices: when another may be asked for, and what is said meanwhile. */
import type { Engine, UserError } from '../engine/types.ts';
import { toFault } from './faults.ts';
import type { Fault } from './protocol.ts';

const FIRST_WAIT = 10_000;
const LONGEST_WAIT = 5 * 60_000;
/** A device that has lived for so long has nothing to do with those before it. */
const FORGOTTEN_AFTER = 10 * 60_000;

export class Losses {
  private count = 0;
  private last = 0;
  /** The CPU does what a lost device did. */
  away = false;

  /** @param now milliseconds of any clock */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** One more is lost, or was not to be had. True where another may be asked for at once: after the first. */
  note(): boolean {
    const now = this.now();
    if (now - this.last > FORGOTTEN_AFTER) this.count = 0;
    this.last = now;
    return ++this.count === 1;
  }

  /** Twice as long after each loss. */
  get wait(): number {
    return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, this.count - 2));
  }

  get due(): boolean {
    return this.away && this.now() - this.last >= this.wait;
  }

  /** What became of it, on the engine that goes on. */
  told(cause: UserError, { info }: Engine): Fault {
    const fault = toFault(cause);
    if (cause.code !== 'device-lost') return fault;
    const seconds = this.wait / 1000;
    const hint =
      info.kind === 'webgpu'
        ? 'It was restarted, and the text continues there.'
        : `The CPU continues the text. The GPU is tried again after ${seconds < 100 ? `${seconds} seconds` : `${seconds / 60} minutes`}.`;
    return { ...fault, hint };
  }
}

/** The text goes on where it went on before the loss. */
export const BACK: Fault = { code: 'device-back', message: 'The GPU is back, and the text goes on there.', hint: '' };
