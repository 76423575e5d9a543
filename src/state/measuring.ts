/** The long measurements: the search for the quickest kernels, what the block costs here, the proof by switching experts off. */

import type { DomainLoad, TuningSearch } from '../worker/protocol.ts';
import { beside, HELDOUT } from './catalog.ts';
import { asFault, inWords, isCancelled } from './faults.ts';
import type { Proof } from './proving.ts';
import type { Session } from './session.ts';
import { signal } from './signals.ts';
import { forget, remember, rememberedSearches } from './tuned.ts';
import type { TwoRuns } from './two-runs.ts';

export type Measure<T> =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly step: string; readonly done: number; readonly total: number }
  | { readonly state: 'done'; readonly result: T }
  | { readonly state: 'failed'; readonly message: string };

export class Measuring {
  readonly proof = signal<Measure<Proof>>({ state: 'none' });
  /** Which experts each kind of held-out text uses, with every expert on. */
  readonly domains = signal<Measure<readonly DomainLoad[]>>({ state: 'none' });
  readonly twoRuns = signal<Measure<TwoRuns>>({ state: 'none' });
  /** Of this adapter, on this visit or an earlier one. */
  readonly search = signal<Measure<TuningSearch>>({ state: 'none' });
  /** One measurement at a time. */
  readonly running = signal(false);

  /** What runs was begun by the page itself. */
  private unasked = false;

  constructor(private readonly session: Session) {}

  /** Figures of another model say nothing about this one. */
  forget(): void {
    this.proof.set({ state: 'none' });
    this.domains.set({ state: 'none' });
    this.twoRuns.set({ state: 'none' });
    const key = this.session.opened.get()?.tuningKey;
    const remembered = key ? rememberedSearches()[key] : undefined;
    this.search.set(remembered ? { state: 'done', result: remembered.search } : { state: 'none' });
  }

  cancel(): void {
    if (this.running.get()) this.session.client.cancelMeasurement();
  }

  /** Somebody is here: what nobody asked for gives way. */
  giveWay(): void {
    if (!this.unasked) return;
    this.unasked = false;
    this.cancel();
  }

  /** After the first live text the kernels are chosen and the block is timed without being asked, where times mean something. */
  async whenIdle(): Promise<void> {
    const opened = this.session.opened.get();
    const live = this.session.source.get().kind === 'live' && this.session.place.measures;
    if (!opened || !live || this.running.get() || opened.info.kind !== 'webgpu' || opened.info.fallback) return;
    this.unasked = true;
    try {
      if (this.search.get().state === 'none') await this.searchTuning();
      // Whoever writes again meanwhile, or cancels, is left alone.
      if (this.session.phase.get() !== 'ended' || opened !== this.session.opened.get() || !this.unasked) return;
      if (!this.session.comparing.found.get() && opened.model.experts > 1) await this.session.comparing.brief();
    } finally {
      this.unasked = false;
    }
  }

  /** Times the candidates of every kernel family; what is found is used from now on and on later visits. */
  async searchTuning(): Promise<void> {
    const key = this.session.opened.get()?.tuningKey;
    if (!key) return;
    await this.measure(this.search, 'timing the candidates', async (onProgress) => {
      const search = await this.session.client.searchTuning(onProgress);
      remember(key, { search, date: new Date().toISOString() });
      return search;
    });
  }

  /** Back to the default kernels. */
  async forgetSearch(): Promise<void> {
    const key = this.session.opened.get()?.tuningKey;
    if (!key || this.running.get()) return;
    forget(key);
    this.search.set({ state: 'none' });
    try {
      await this.session.client.forgetTuning();
    } catch (thrown) {
      this.session.fail(thrown);
    }
  }

  async readDomains(): Promise<void> {
    await this.measure(this.domains, 'routing the held-out text', (onProgress) =>
      this.session.client.domainLoads(beside(HELDOUT), onProgress),
    );
  }

  /** One measurement at a time: while another runs, this is not begun. The text gives way to it. */
  async measure<T>(
    into: { get(): Measure<T>; set(value: Measure<T>): void },
    step: string,
    run: (onProgress: (done: number, total: number, step?: string) => void) => Promise<T>,
  ): Promise<void> {
    if (this.running.get() || !this.session.opened.get()) return;
    this.running.set(true);
    const before = into.get();
    into.set({ state: 'running', step, done: 0, total: 1 });
    const goOn = this.session.writing.giveWay();
    try {
      const result = await run((done, total, step) => {
        const now = into.get();
        if (now.state === 'running') into.set({ state: 'running', step: step ?? now.step, done, total });
      });
      into.set({ state: 'done', result });
    } catch (thrown) {
      if (isCancelled(thrown)) into.set(before.state === 'done' ? before : { state: 'none' });
      else into.set({ state: 'failed', message: inWords(asFault(thrown, 'The measurement failed.')) });
    } finally {
      this.running.set(false);
      goOn();
    }
  }
}
