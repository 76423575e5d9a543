/** "What does it save?": asks for the sweep part by part, and keeps what was measured. */

import type { Limits } from '../compare/limits.ts';
import type { Comparison, Reach } from './comparison.ts';
import type { Measure } from './measuring.ts';
import type { Session } from './session.ts';
import { signal } from './signals.ts';

export class Comparing {
  /** The measurement as it goes; its result is in `found`, which outlives a failure. */
  readonly run = signal<Measure<Comparison>>({ state: 'none' });
  /** The page's one store of block times: meter, bars, charts and card all read it. */
  readonly found = signal<Comparison | null>(null);
  /** Of this machine; measured first, and kept when the sweep fails. */
  readonly limits = signal<Limits | null>(null);
  /** Tokens per step that the bars speak of. */
  readonly batch = signal(1);

  constructor(private readonly session: Session) {}

  /** Times of another model say nothing about this one. What this machine can do stays. */
  forget(): void {
    this.run.set({ state: 'none' });
    this.found.set(null);
  }

  /** From one token per step up to `reach`. What was measured before stays until there is something newer. */
  async start(reach: Reach): Promise<void> {
    const { sweepAll } = await import('./sweeping.ts');
    await sweepAll(this.session, reach);
  }

  /** Steps of one token alone: what the meter shows, in a few seconds. */
  async brief(): Promise<void> {
    const { sweepOne } = await import('./sweeping.ts');
    await sweepOne(this.session);
  }

  cancel(): void {
    this.session.measuring.cancel();
  }
}
