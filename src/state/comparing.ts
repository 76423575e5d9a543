/** "What does it save?": asks for the sweep part by part, keeps what was measured, and remembers earlier runs. */
import { signal } from '@lit-labs/signals';
import type { Limits } from '../compare/limits.ts';
import type { Sweep } from '../worker/protocol.ts';
import { beside, HELDOUT } from './catalog.ts';
import { browserName, type Comparison, join, partsOf, type Reach } from './comparison.ts';
import { asFault, inWords, isCancelled } from './faults.ts';
import { forgetRun, forgetRuns, keepRun, type Run, rememberedRuns, runOf } from './history.ts';
import type { Measure } from './measuring.ts';
import type { Session } from './session.ts';

/** Shares of the progress: limits, decode, prefill. */
const SHARES = [10, 30, 60] as const;

export class Comparing {
  /** The measurement as it goes; its result is in `found`, which outlives a failure. */
  readonly run = signal<Measure<Comparison>>({ state: 'none' });
  readonly found = signal<Comparison | null>(null);
  /** Of this machine; measured first, and kept when the sweep fails. */
  readonly limits = signal<Limits | null>(null);
  /** Tokens per step that the bars speak of. */
  readonly batch = signal(1);
  readonly history = signal<readonly Run[]>(rememberedRuns());
  /** An earlier run that is set beside the one on the page. */
  readonly beside = signal<Run | null>(null);

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
    await session.measuring.measure(this.run, 'what this machine can do', async () => {
      const parts: Sweep[] = [];
      let lost: string | null = null;
      this.limits.set(await session.client.limits(this.onProgress('what this machine can do', 0)));
      const asked = partsOf(reach);
      for (const [i, tokens] of asked.entries()) {
        const step = i === 0 ? 'steps of 1 to 8 tokens' : `steps of 16 to ${reach} tokens`;
        try {
          const request = { tokens, heldoutUrl: beside(HELDOUT) };
          parts.push(await session.client.sweep(request, this.onProgress(step, i + 1)));
        } catch (thrown) {
          if (i === 0) throw thrown;
          lost = isCancelled(thrown)
            ? 'Stopped before the larger steps: what was measured until then stands here.'
            : `The larger steps could not be measured: ${inWords(asFault(thrown))}`;
        }
        const date = new Date().toISOString();
        this.found.set(join(parts, { model: model.name, browser: browserName(), date, lost }));
      }
      const comparison = this.found.get()!;
      this.remember(comparison);
      return comparison;
    });
  }

  cancel(): void {
    this.session.measuring.cancel();
  }

  setBeside(run: Run | null): void {
    this.beside.set(run);
  }

  erase(run: Run): void {
    if (this.beside.get()?.date === run.date) this.beside.set(null);
    this.history.set(forgetRun(this.history.get(), run));
  }

  eraseAll(): void {
    this.beside.set(null);
    this.history.set(forgetRuns());
  }

  private remember(comparison: Comparison): void {
    this.history.set(keepRun(this.history.get(), runOf(comparison)));
  }

  private onProgress(step: string, part: number) {
    const before = SHARES.slice(0, part).reduce((sum, share) => sum + share, 0);
    return (done: number, total: number) => {
      if (this.run.get().state !== 'running') return;
      this.run.set({ state: 'running', step, done: before + (SHARES[part] * done) / total, total: 100 });
    };
  }
}
