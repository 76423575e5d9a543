/** Quality beside speed: the shipped models read the same held-out text, and the visitor's, and write for the clock. */

import type { ModelEntry, Quality, QualityProgress } from '../../worker/protocol.ts';
import { beside, HELDOUT } from '../models/catalog.ts';
import { asFault, inWords, isCancelled } from '../session/faults.ts';
import type { Page } from '../session/page.ts';
import { choice, computed, signal } from '../session/signals.ts';
import { type Stamp, stamp } from '../session/stamp.ts';
import { Measured } from './measure.ts';
import type { isTimed as IsTimed } from './quality-points.ts';

/** Experts per token that the MoE is read with. */
const KS = [1, 2, 3, 4];

export const STEPS: Readonly<Record<QualityProgress['step'], string>> = {
  fetching: 'fetching the models',
  reading: 'reading held-out text',
  timing: 'timing while they write',
};

export interface StampedQuality extends Quality, Stamp {
  /** Why something is missing; null when nothing is. */
  readonly lost: string | null;
}

export class QualityBesideSpeed {
  readonly measure = new Measured<Quality>();
  /** The last that came to its end, or as far as it came; stays when another fails. */
  readonly result = signal<StampedQuality | null>(null);
  /** What the running one has found so far. */
  private readonly soFar = signal<StampedQuality | null>(null);
  readonly shown = computed(() => this.soFar.get() ?? this.result.get());
  /** The visitor's own text, as it stands in its field. */
  readonly text = choice('');
  /** Ids of models that shall not be read with. */
  readonly leftOut = signal<ReadonlySet<string>>(new Set());
  readonly models = computed<readonly ModelEntry[]>(() => {
    const leftOut = this.leftOut.get();
    return (this.session.catalog.get()?.models ?? []).filter(({ id }) => !leftOut.has(id));
  });

  constructor(private readonly session: Page) {}

  toggle(id: string): void {
    const leftOut = new Set(this.leftOut.get());
    if (!leftOut.delete(id)) leftOut.add(id);
    this.leftOut.set(leftOut);
  }

  async read(): Promise<void> {
    const { isTimed } = await import('./quality-points.ts');
    const { client, measuring, repeat } = this.session;
    repeat.choose(null);
    const text = this.text.get().trim();
    const models = this.models.get().map(({ file, ...entry }) => ({ ...entry, url: beside(`models/${file}`) }));
    const request = { models, ks: KS, heldoutUrl: beside(HELDOUT), ...(text && { text }) };
    let running = true;
    await measuring.measure(this.measure, STEPS.fetching, async (onProgress) => {
      const told = ({ step, done, total, soFar }: QualityProgress) => {
        if (running && soFar) this.soFar.set({ ...soFar, ...stamp(), lost: null });
        onProgress(done, total, STEPS[step]);
      };
      const quality = await client
        .readQuality(request, told)
        .then((found) => ({ ...found, ...stamp(), lost: null }))
        .catch((thrown) => this.asFarAs(thrown, isTimed));
      this.result.set(quality);
      const { keepRun, runOfQuality } = await import('./history.ts');
      if (isTimed(quality)) keepRun(runOfQuality(quality));
      return quality;
    });
    running = false;
    this.soFar.set(null);
  }

  /** What was found before it ended early, unless an earlier one says more. @throws what ended it */
  private asFarAs(thrown: unknown, isTimed: typeof IsTimed): StampedQuality {
    const soFar = this.soFar.get();
    if (!soFar || (this.result.get() && !isTimed(soFar))) throw thrown;
    const lost = isCancelled(thrown)
      ? 'Stopped early: what was measured until then stands here.'
      : `It ended early, and what was measured until then stands here: ${inWords(asFault(thrown))}`;
    return { ...soFar, lost };
  }
}
