/** Quality beside speed: the shipped models read the same held-out text, and the visitor's, and write for the clock. */

import type {
  ModelEntry,
  Quality,
  QualityPoint,
  QualityProgress,
  QualityReading,
  SteadyTime,
} from '../worker/protocol.ts';
import { beside, HELDOUT } from './catalog.ts';
import { asFault, inWords, isCancelled } from './faults.ts';
import type { Measure } from './measuring.ts';
import type { Session } from './session.ts';
import { computed, signal } from './signals.ts';
import { type Stamp, stamp } from './stamp.ts';

/** Experts per token that the MoE is read with. */
const KS = [1, 2, 3, 4];

export const STEPS: Readonly<Record<QualityProgress['step'], string>> = {
  fetching: 'fetching the models',
  reading: 'reading held-out text',
  timing: 'timing while they write',
};

/** What the plots show: all held-out text, a kind of it by its name, or the visitor's own. */
export type Wanted = 'held-out' | 'pasted' | (string & {});

export interface StampedQuality extends Quality, Stamp {
  /** Why something is missing; null when nothing is. */
  readonly lost: string | null;
}

export class QualityBesideSpeed {
  readonly measure = signal<Measure<Quality>>({ state: 'none' });
  /** The last that came to its end, or as far as it came; stays when another fails. */
  readonly result = signal<StampedQuality | null>(null);
  /** What the running one has found so far. */
  private readonly soFar = signal<StampedQuality | null>(null);
  readonly shown = computed(() => this.soFar.get() ?? this.result.get());
  /** The visitor's own text, as it stands in its field. */
  readonly text = signal('');
  /** Ids of models that shall not be read with. */
  readonly leftOut = signal<ReadonlySet<string>>(new Set());
  readonly models = computed<readonly ModelEntry[]>(() => {
    const leftOut = this.leftOut.get();
    return (this.session.catalog.get()?.models ?? []).filter(({ id }) => !leftOut.has(id));
  });

  constructor(private readonly session: Session) {}

  toggle(id: string): void {
    const leftOut = new Set(this.leftOut.get());
    if (!leftOut.delete(id)) leftOut.add(id);
    this.leftOut.set(leftOut);
  }

  async read(): Promise<void> {
    const { client, measuring, repeat } = this.session;
    repeat.set(null);
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
        .catch((thrown) => this.asFarAs(thrown));
      this.result.set(quality);
      const { keepRun, runOfQuality } = await import('./history.ts');
      if (isTimed(quality)) keepRun(runOfQuality(quality));
      return quality;
    });
    running = false;
    this.soFar.set(null);
  }

  /** What was found before it ended early, unless an earlier one says more. @throws what ended it */
  private asFarAs(thrown: unknown): StampedQuality {
    const soFar = this.soFar.get();
    if (!soFar || (this.result.get() && !isTimed(soFar))) throw thrown;
    const lost = isCancelled(thrown)
      ? 'Stopped early: what was measured until then stands here.'
      : `It ended early, and what was measured until then stands here: ${inWords(asFault(thrown))}`;
    return { ...soFar, lost };
  }
}

/** Everyone has written for the clock. */
export const isTimed = ({ points, reader }: Quality): boolean =>
  reader === null && points.length > 0 && points.every(({ time }) => time !== null);

/** A model is behind when it has seen clearly fewer tokens than the one that has seen most: no comparison is fair yet. */
export function isBehind(tokensSeen: number, most: number): boolean {
  return tokensSeen < 0.98 * most;
}

export const mostTokens = (seen: readonly { readonly tokensSeen: number }[]): number =>
  Math.max(0, ...seen.map(({ tokensSeen }) => tokensSeen));

/** null where the point was not read with such a text. */
export function readingOf({ heldout, pasted, domains }: QualityPoint, wanted: Wanted): QualityReading | null {
  if (wanted === 'held-out') return heldout;
  return [...domains, ...(pasted ? [pasted] : [])].find(({ domain }) => domain === wanted) ?? null;
}

/** The MoE as it was trained beside a dense twin, on the same text. */
export interface Comparison {
  readonly k: number;
  readonly against: 'dense-active' | 'dense-total';
  /** Bits per byte. */
  readonly loss: { readonly moe: number; readonly twin: number };
  readonly time: { readonly moe: SteadyTime; readonly twin: SteadyTime };
  /** The spreads of the two times overlap: no difference was measured. */
  readonly timesOverlap: boolean;
}

/** null where one of the two was not read, or they have not seen as many tokens. */
export function compare(
  points: readonly QualityPoint[],
  role: 'dense-active' | 'dense-total',
  wanted: Wanted,
): Comparison | null {
  const moe = points.find(({ model, trained }) => model.role === 'moe' && trained);
  const twin = points.find(({ model }) => model.role === role);
  if (!moe || !twin || moe.k === null) return null;
  if (isBehind(Math.min(moe.tokensSeen, twin.tokensSeen), mostTokens([moe, twin]))) return null;
  const [ofMoe, ofTwin] = [readingOf(moe, wanted), readingOf(twin, wanted)];
  if (!ofMoe || !ofTwin || !moe.time || !twin.time) return null;
  const apart = Math.abs(moe.time.median - twin.time.median);
  return {
    k: moe.k,
    against: role,
    loss: { moe: ofMoe.bitsPerByte, twin: ofTwin.bitsPerByte },
    time: { moe: moe.time, twin: twin.time },
    timesOverlap: apart <= moe.time.spread + twin.time.spread,
  };
}
