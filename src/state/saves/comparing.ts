/** "What does it save?": asks for the sweep part by part, and keeps what was measured. */

import type { Limits } from '../../compare/limits.ts';
import type { SharedResult } from '../results/shared.ts';
import type { Page } from '../session/page.ts';
import { signal } from '../session/signals.ts';
import type { Comparison, Reach } from './comparison.ts';
import { Measured, type OnProgress } from './measure.ts';

export class Comparing {
  /** The measurement as it goes; its result is in `found`, which outlives a failure. */
  readonly run = new Measured<Comparison>();
  /** The page's one store of block times: meter, bars, charts and card all read it. */
  readonly found = signal<Comparison | null>(null);
  /** Of this machine; measured first, and kept when the sweep fails. */
  readonly limits = signal<Limits | null>(null);

  /** Result cards of others that the visitor brought along as files, the newest first. */
  readonly brought = signal<readonly SharedResult[]>([]);

  constructor(private readonly session: Page) {}

  /** Times of another model say nothing about this one. What this machine can do stays. */
  forget(): void {
    this.run.forget();
    this.found.set(null);
  }

  async readLimits(onProgress: OnProgress): Promise<void> {
    this.limits.set(await this.session.client.limits(onProgress));
  }

  /** As far as it was measured, in place of what was measured before. */
  keep(found: Comparison): Comparison {
    this.found.set(found);
    return found;
  }

  /** A result card of somebody else's. */
  bring(result: SharedResult): void {
    this.brought.set([result, ...this.brought.get().filter(({ date }) => date !== result.date)]);
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
