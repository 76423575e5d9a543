/** "What does it save?": asks for the sweep part by part, and keeps what was measured. */

import type { Limits } from '../compare/limits.ts';
import type { Sweep } from '../worker/protocol.ts';
import { beside, HELDOUT } from './catalog.ts';
import type { Comparison, Reach } from './comparison.ts';
import { asFault, inWords, isCancelled } from './faults.ts';
import type { Measure } from './measuring.ts';
import type { Session } from './session.ts';
import { signal } from './signals.ts';
import { stamp } from './stamp.ts';

/** Shares of the progress: limits, decode, prefill. */
const SHARES = [10, 30, 60] as const;

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
    const { session } = this;
    const model = session.opened.get()?.model;
    if (!model) return;
    session.repeat.set(null);
    await session.measuring.measure(this.run, 'what this machine can do', async () => {
      const { join, partsOf } = await import('./comparison.ts');
      const parts: Sweep[] = [];
      let lost: string | null = null;
      this.limits.set(await session.client.limits(this.onProgress('what this machine can do', 0)));
      const asked = partsOf(reach);
      for (const [i, tokens] of asked.entries()) {
        const step = i === 0 ? 'steps of 1 to 8 tokens' : `steps of 16 to ${reach} tokens`;
        try {
          const request = { tokens, heldoutUrl: beside(HELDOUT) };
          const part = await session.client.sweep(request, this.onProgress(step, i + 1));
          parts.push(part);
          if (part.lost) lost = `The larger steps could not be measured: ${part.lost}`;
        } catch (thrown) {
          if (i === 0) throw thrown;
          lost = isCancelled(thrown)
            ? 'Stopped before the larger steps: what was measured until then stands here.'
            : `The larger steps could not be measured: ${inWords(asFault(thrown))}`;
        }
        this.found.set(join(parts, { model: model.name, ...stamp(), lost }));
        if (lost) break;
      }
      const comparison = this.found.get()!;
      const { keepRun, runOfSweep } = await import('./history.ts');
      keepRun(runOfSweep(comparison));
      return comparison;
    });
  }

  /** Steps of one token alone: what the meter shows, in a few seconds. */
  async brief(): Promise<void> {
    const { session } = this;
    const model = session.opened.get()?.model;
    if (!model) return;
    await session.measuring.measure(this.run, 'what this machine can do', async () => {
      const { join } = await import('./comparison.ts');
      this.limits.set(await session.client.limits(this.onProgress('what this machine can do', 0)));
      const part = await session.client.sweep({ tokens: [1] }, (done, total) => {
        if (this.run.get().state === 'running')
          this.run.set({ state: 'running', step: 'steps of one token', done, total });
      });
      const comparison = join([part], { model: model.name, ...stamp(), lost: part.lost });
      this.found.set(comparison);
      return comparison;
    });
  }

  cancel(): void {
    this.session.measuring.cancel();
  }

  private onProgress(step: string, part: number) {
    const before = SHARES.slice(0, part).reduce((sum, share) => sum + share, 0);
    return (done: number, total: number) => {
      if (this.run.get().state !== 'running') return;
      this.run.set({ state: 'running', step, done: before + (SHARES[part] * done) / total, total: 100 });
    };
  }
}
