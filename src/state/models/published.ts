/** One layer of a published model at its true size: what fits here, what it takes, and what it takes the whole model. */

import type { LayerTiming, Precision, Probe, Slice } from '../../worker/protocol.ts';
import { Measured } from '../saves/measure.ts';
import type { Page } from '../session/page.ts';
import { choice, signal } from '../session/signals.ts';
import { type Stamp, stamp } from '../session/stamp.ts';

export type TimedLayer = LayerTiming & Stamp;

export class PublishedLayers {
  readonly id = signal('qwen3-30b-a3b');
  readonly precision = signal<Precision>('q4_0');
  /** Of the chosen model and precision. */
  readonly probe = new Measured<Probe>();
  /** The part of the layer to be timed; null for all of it. */
  readonly slice = choice<Slice | null>(null);
  readonly timing = new Measured<LayerTiming>();
  /** All that was timed on this visit, the latest first; what fails later takes nothing away. */
  readonly timings = signal<readonly TimedLayer[]>([]);

  constructor(private readonly session: Page) {}

  choose(id: string, precision: Precision): void {
    if (this.session.measuring.busy.get()) return;
    this.id.set(id);
    this.precision.set(precision);
    this.probe.forget();
    this.timing.forget();
    this.slice.choose(null);
  }

  /** Tries what the GPU gives, allocating it for a moment. */
  async tryOut(): Promise<void> {
    const request = { id: this.id.get(), precision: this.precision.get() };
    await this.session.measuring.measure(this.probe, 'trying what fits', async () => {
      const probe = await this.session.client.probe(request);
      this.slice.choose(probe.fits ? null : probe.largestSlice);
      return probe;
    });
  }

  async time(): Promise<void> {
    this.session.repeat.choose(null);
    const slice = this.slice.get();
    const request = { id: this.id.get(), precision: this.precision.get(), ...(slice && { slice }) };
    await this.session.measuring.measure(this.timing, 'timing the layer', async (onProgress) => {
      const timing = { ...(await this.session.client.publishedLayer(request, onProgress)), ...stamp() };
      this.timings.set([timing, ...this.timings.get().filter((each) => !isSame(each, timing))]);
      const { keepRun, runOfLayer } = await import('../saves/history.ts');
      keepRun(runOfLayer(timing));
      return timing;
    });
  }
}

export function isSame(a: LayerTiming, b: LayerTiming): boolean {
  return (
    a.id === b.id &&
    a.precision === b.precision &&
    a.slice?.experts === b.slice?.experts &&
    a.slice?.expertHidden === b.slice?.expertHidden
  );
}
