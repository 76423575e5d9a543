/** The long measurements: the search for the quickest kernels, what the block costs here, the proof by switching experts off. */

import type { DomainLoad, TuningSearch } from '../../worker/protocol.ts';
import type { Proof, TwoRuns } from '../interventions/types.ts';
import { beside, HELDOUT } from '../models/catalog.ts';
import type { Page } from '../session/page.ts';
import { signal } from '../session/signals.ts';
import { Measured, type OnProgress } from './measure.ts';
import { forget, remember, rememberedSearches } from './tuned.ts';

/** The block's dense twins are as large as all its experts: beside a large model they are made for who asks alone. */
const MOST_BYTES = 2 ** 27;

export class Measuring {
  readonly proof = new Measured<Proof>();
  /** Which experts each kind of held-out text uses, with every expert on. */
  readonly domains = new Measured<readonly DomainLoad[]>();
  readonly twoRuns = new Measured<TwoRuns>();
  /** Of this adapter, on this visit or an earlier one. */
  readonly search = new Measured<TuningSearch>();
  /** One measurement at a time. */
  readonly running = signal(false);
  /** What runs was asked for, so that it does not give way to another. */
  readonly busy = signal(false);

  /** What runs was begun by the page itself. */
  private unasked = false;
  /** The end of the last one that was begun. */
  private over = Promise.resolve();

  constructor(private readonly session: Page) {}

  /** Figures of another model say nothing about this one. */
  forget(): void {
    this.proof.forget();
    this.domains.forget();
    this.twoRuns.forget();
    const key = this.session.opened.get()?.tuningKey;
    const remembered = key ? rememberedSearches()[key] : undefined;
    if (remembered) this.search.know(remembered.search);
    else this.search.forget();
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
      const { tryUnasked } = await import('./unasked.ts');
      await tryUnasked(opened.tuningKey ?? '', async () => {
        if (this.unasked && this.search.get().state === 'none') await this.searchTuning();
        // Whoever writes again meanwhile, or cancels, is left alone.
        const alone = this.session.phase.get() === 'ended' && opened === this.session.opened.get() && this.unasked;
        const { comparing } = this.session;
        const due = !comparing.found.get() && opened.model.experts > 1 && opened.model.bytes <= MOST_BYTES;
        if (alone && due) await comparing.brief();
        return this.search.get().state !== 'failed' && comparing.run.get().state !== 'failed';
      });
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
    this.search.forget();
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

  /** One measurement at a time: while another runs that was asked for, this is not begun. The text gives way to it. */
  async measure<T>(into: Measured<T>, step: string, run: (onProgress: OnProgress) => Promise<T>): Promise<void> {
    if (this.running.get() && !this.busy.get()) {
      this.giveWay();
      await this.over;
    }
    if (this.running.get() || !this.session.opened.get()) return;
    this.over = this.take(() => into.run(step, run));
    await this.over;
  }

  private async take(run: () => Promise<void>): Promise<void> {
    this.running.set(true);
    this.busy.set(!this.unasked);
    const goOn = this.session.writing.giveWay();
    await run();
    this.busy.set(false);
    this.running.set(false);
    goOn();
  }
}
